"""What the search of everything finds of one kind."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Hit:
    id: int
    words: str
    beside: str = ""  # what tells it from another of the same name
    record: tuple[str, int] | None = None  # (type, id) of what it belongs to, where it has no page of its own


@dataclass(frozen=True)
class Found:
    """`more`: there are others, or there may be."""

    hits: Sequence[Hit]
    more: bool = False


def of(hits: Sequence[Hit], size: int) -> Found:
    """Where one more than wanted was asked for."""
    return Found(hits[:size], len(hits) > size)
