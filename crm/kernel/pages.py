"""What a list answers: a page of rows, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row


@dataclass(frozen=True)
class Count:
    """How many there are; with `more`, at least so many: “10,000+”."""

    number: int
    more: bool = False


@dataclass(frozen=True)
class Page:
    rows: Sequence[Row[Any]]
    after: str  # cursor of the next page, or nothing
    before: str  # cursor of the page before, or nothing
