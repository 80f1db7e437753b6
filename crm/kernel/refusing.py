"""What a verb or the database says no with, where many records are written at once and one may be refused."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy.exc import DataError, IntegrityError

from crm.infra.db import db
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.text import N_

Item = TypeVar("Item")
Came = TypeVar("Came")

REFUSED = (RuleBroken, Invalid, IntegrityError, DataError)
_NOT_STORED = N_("The database refused it: something it refers to was removed meanwhile.")


def said(error: Exception) -> dict[str, Any]:
    """The sentence, as it is kept: {"message": a gettext id, "params": what fills it}."""
    if isinstance(error, RuleBroken | Invalid):
        return {"message": error.message, "params": error.params}
    return {"message": _NOT_STORED, "params": {}}


def by_halves(
    items: Sequence[Item],
    write: Callable[[Sequence[Item]], Sequence[Came]],
    refused: Callable[[Item, Exception], Came],
) -> list[Came]:
    """Write all of them at once; one that is refused is found by halving, and is refused alone. What came of each, in
    their order; what `write` does is rolled back where it raises."""
    if not items:
        return []
    try:
        with db.session.begin_nested():
            came = write(items)
    except REFUSED as error:
        if len(items) == 1:
            return [refused(items[0], error)]
        middle = len(items) // 2
        return by_halves(items[:middle], write, refused) + by_halves(items[middle:], write, refused)
    return list(came)


def apart(items: Sequence[Item], of: Callable[[Item], Any]) -> Iterator[list[Item]]:
    """In parts, in none of which anything comes twice: what is done to it is done to what the part before has left."""
    part: dict[Any, Item] = {}
    for item in items:
        if of(item) in part:
            yield list(part.values())
            part = {}
        part[of(item)] = item
    if part:
        yield list(part.values())
