"""A staged row that is to become something, and what became of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from crm.domain.imports.states import Outcome
from crm.infra import json
from crm.kernel.bulk import copy_rows


@dataclass(frozen=True)
class Row:
    line: int
    values: dict[str, Any]
    key: str | None
    external: str = ""  # what its record is called by in the other system
    way: str = "skip"  # a key of DUPLICATES
    decided_id: int | None = None  # the record that somebody chose for it


class Result(NamedTuple):
    """`before` is what a record had in the fields that the row changed, packed; None is empty."""

    line: int
    outcome: Outcome
    record_id: int | None = None
    problem: dict[str, Any] | None = None
    before: dict[str, Any] | None = None


def keep_results(table: str, import_id: int, results: Iterable[Result]) -> None:
    """Write them into import_results or import_rehearsals."""
    copy_rows(
        table,
        ("import_id", "line", "outcome", "record_id", "problem", "before"),
        (
            (import_id, each.line, each.outcome.value, each.record_id, _kept(each.problem), _kept(each.before))
            for each in results
        ),
    )


def _kept(given: dict[str, Any] | None) -> str | None:
    return json.dumps(given) if given else None


def one_each(rows: Sequence[tuple[Row, int]]) -> Iterator[list[tuple[Row, int]]]:
    """In parts, in none of which a record comes twice: what it had before a row is what the row before gave it."""
    part: dict[int, tuple[Row, int]] = {}
    for row, id_ in rows:
        if id_ in part:
            yield list(part.values())
            part = {}
        part[id_] = row, id_
    if part:
        yield list(part.values())
