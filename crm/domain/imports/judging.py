"""What there is to say of rows of a file: their values, what is wrong with them, whom they are like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm.domain.imports.chaining import NOT_IN, link_of, linked
from crm.domain.imports.changes import Changes
from crm.domain.imports.matching import Matcher
from crm.domain.imports.models import Import
from crm.domain.imports.plan import Plan
from crm.domain.imports.proving import treatment_of
from crm.domain.imports.rows import BAD, Problem, problem_of
from crm.domain.imports.states import RowState
from crm.domain.imports.targets import TARGETS
from crm.domain.imports.turns import inspection_of
from crm.domain.records.external import LONGEST, in_words_of
from crm.kernel.access import Actor
from crm.kernel.fields import Context, Reading
from crm.kernel.packing import pack
from crm.kernel.text import clean


@dataclass(frozen=True)
class Judged:
    """`values` are packed, None of a row that cannot go in; `key` is what it is matched by."""

    line: int
    state: RowState
    values: dict[str, Any] | None
    problems: list[Problem]
    key: str | None
    duplicate_id: int | None


def mapping_of(import_: Import) -> dict[int, str]:
    """Column → field key."""
    return {int(column): key for column, key in (import_.mapping or {}).items() if key}


class Judge:
    def __init__(self, import_: Import, actor: Actor) -> None:
        self.actor = actor
        self.record_type = TARGETS[import_.record_type].open_to(actor)
        headings = inspection_of(import_).headings
        self.filled = [at for at in mapping_of(import_)]
        self.import_, self.link = import_, link_of(import_)
        self.matcher = Matcher(self.record_type, import_.source)
        self.plan = Plan(self.record_type.fields, mapping_of(import_), headings, treatment_of(import_))

    def judge(
        self, rows: Sequence[tuple[int, Sequence[str]]], odd: Mapping[int, list[Problem]], changes: Changes
    ) -> list[Judged]:
        """`rows` are (line, cells); `odd` is by line what the reader found; `changes` hears what is done to cells."""
        with in_words_of(self.import_.source):
            readings = self.plan.read([cells for _, cells in rows], Context(self.actor), changes)
        belongs = linked(self.actor, self.import_, [line for line, _ in rows]) if self.link else {}
        read = []
        for (line, cells), reading in zip(rows, readings, strict=True):
            problems = [*odd.get(line, ()), *self._wrong(line, reading, belongs)]
            bad = any(each[4] == BAD for each in problems)
            key = None if bad else self.matcher.key(reading.values, self._external(cells))
            read.append((line, reading.values, problems, bad, key))
        stored = self.matcher.stored(self.actor, {key: values for _, values, _, _, key in read if key is not None})
        return [
            Judged(
                line, _state(key, stored, bad=bad), None if bad else pack(values), problems, key, stored.get(key or "")
            )
            for line, values, problems, bad, key in read
        ]

    def _wrong(self, line: int, reading: Reading, belongs: Mapping[int, int]) -> list[Problem]:
        """By column. Sees to it that the row leads to the record that it belongs to."""
        wrong = [problem_of(key, self.plan.first_column(key), error) for key, error in reading.problems.items()]
        if self.link and line in belongs:
            reading.values[self.link] = belongs[line]
        elif self.link:
            wrong.append([self.link, None, NOT_IN, {}, BAD])
        return sorted(wrong, key=lambda problem: problem[1] or 0)

    def _external(self, cells: Sequence[str]) -> str:
        at = self.import_.source_column
        return clean(cells[at])[:LONGEST] if at is not None and at < len(cells) else ""


def _state(key: str | None, stored: Mapping[str, int], *, bad: bool) -> RowState:
    if bad:
        return RowState.INVALID
    return RowState.DUPLICATE_STORED if key in stored else RowState.VALID
