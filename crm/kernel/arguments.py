"""Filters as they stand in the address of a list."""

from urllib.parse import parse_qsl, urlencode

Filters = tuple[tuple[str, str, str], ...]  # (field key, operator, value), sorted


def grouped(text: str) -> Filters:
    """`any=level__is%3Da%26source__is%3Dweb` holds an address of its own."""
    given = {(*key.rpartition("__")[::2], value.strip()) for key, value in parse_qsl(text) if "__" in key}
    return tuple(sorted((name, operator, value) for name, operator, value in given if value))


def encoded(group: Filters) -> str:
    return urlencode([(f"{name}__{operator}", value) for name, operator, value in group])


def joined(filters: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Several ticked boxes of one filter are one filter."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, operator, value in filters:
        found.setdefault((name, operator), []).append(value)
    return [(name, operator, ",".join(values)) for (name, operator), values in found.items()]
