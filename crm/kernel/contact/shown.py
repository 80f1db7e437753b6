"""A typed value as a sentence quotes it."""

_LIMIT = 60


def shown(value: str) -> str:
    """Printable and short enough to stand in a sentence."""
    printable = "".join(character if character.isprintable() else " " for character in value[: _LIMIT + 1]).strip()
    return printable if len(printable) <= _LIMIT else printable[: _LIMIT - 1] + "…"
