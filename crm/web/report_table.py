"""A report in words for whoever reads it: lines and columns, each number with the list it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from crm.domain.registry import RECORD_TYPES
from crm.domain.reports import measuring
from crm.domain.reports.asking import Measure, Question
from crm.domain.reports.counting import ALL, Found, Key, found
from crm.domain.reports.grouping import REST, TIMES, filters_of, narrowed
from crm.kernel.access import Actor
from crm.kernel.arguments import Filters
from crm.kernel.errors import Invalid
from crm.kernel.patience import OutOfTime
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.i18n import gettext
from crm.web.report_words import Value, dimension_words, measure_words, names, number_words

_TOO_LONG = N_("This took too long to count: narrow it with a filter, such as a period or an owner.")
_GONE = N_("The report also asks for what is not there any more or not open to you, so that is left out: %(fields)s.")
_NOT_YOURS = N_("The report cannot be told as it is asked. %(problem)s")


@dataclass(frozen=True)
class Number:
    value: Value
    words: str
    url: str = ""
    share: str = ""


@dataclass(frozen=True)
class Line:
    """`depth` 0 is a total or a group with groups in it."""

    words: str
    path: Sequence[str]  # what each row field says; nothing for a total
    numbers: Sequence[Number]
    key: Key
    kind: str = ""  # "total", "sub" or nothing


class ReportTable:
    """`list_url` is the address of the list that numbers lead to; without one they lead nowhere."""

    def __init__(self, actor: Actor, question: Question, list_url: str = "") -> None:
        self.actor, self.asked, self.list_url = actor, question, list_url
        self.problem = ""
        self._found: Found | None = None
        try:
            self._found = found(actor, question)
        except OutOfTime:
            self.problem = gettext(_TOO_LONG)
        except Invalid as problem:
            self.problem = gettext(_NOT_YOURS, problem=told(problem))

    @property
    def found(self) -> Found:
        assert self._found is not None
        return self._found

    @property
    def question(self) -> Question:
        """As it could be asked: without what is not there."""
        return self._found.question if self._found is not None else self.asked

    @property
    def gone(self) -> str:
        if self._found is None or not self._found.gone:
            return ""
        fields = {
            each.key: gettext(each.label) for each in RECORD_TYPES[self.asked.type].list.open_to(self.actor).fields
        }
        return gettext(_GONE, fields=", ".join(fields.get(key, key) for key in self._found.gone))

    @cached_property
    def names(self) -> list[dict[Any, str]]:
        every = zip(self.found.fields(), self.question.dimensions, self.found.groups, self.found.left_out, strict=True)
        keys = self._keys
        return [
            names(self.actor, field, asked.unit, keys[at], left_out)
            for at, (field, asked, _, left_out) in enumerate(every)
        ]

    @cached_property
    def _keys(self) -> list[list[Any]]:
        """Of each dimension the groups that are told."""
        return [list(dict.fromkeys(key[at] for key in self.found.cells if key[at] is not ALL)) for at in self._places]

    @property
    def _places(self) -> range:
        return range(len(self.question.dimensions))

    @cached_property
    def _asked(self) -> list[dict[Any, Filters]]:
        """Of each dimension: group → how a list asks for it."""
        every = zip(self.found.fields(), self.question.dimensions, self._keys, strict=True)
        return [filters_of(self.actor, field, asked.unit, keys) for field, asked, keys in every]

    @property
    def row_heads(self) -> list[str]:
        fields = self.found.fields()
        return [dimension_words(fields[at], each.unit) for at, each in enumerate(self.question.rows)]

    @property
    def column_head(self) -> str:
        if self.question.column is None:
            return ""
        return dimension_words(self.found.fields()[-1], self.question.column.unit)

    @cached_property
    def _columns(self) -> list[Any]:
        """The groups side by side and, last, the total."""
        if self.question.column is None:
            return [ALL]
        at = len(self.question.rows)
        return [*self._ordered(at, [key[at] for key in self.found.cells if key[at] is not ALL], {}), ALL]

    @property
    def column_names(self) -> list[str]:
        return [self.names[-1][each] for each in self._columns] if self.question.column is not None else []

    @property
    def measure_names(self) -> list[str]:
        return [measure_words(self.found.spec, each) for each in self.question.measures]

    @property
    def heads(self) -> list[str]:
        """Of every column of numbers, in one line."""
        if self.question.column is None:
            return self.measure_names
        several = len(self.question.measures) > 1
        return [
            gettext(N_("%(group)s – %(measure)s"), group=name, measure=each) if several else name
            for name in self.column_names
            for each in self.measure_names
        ]

    @cached_property
    def lines(self) -> list[Line]:
        many = len(self.question.rows)
        lines = []
        if many:
            for key in self._children(0, ()):
                if many == 1:
                    lines.append(self._line((key,), ""))
                else:
                    lines.append(self._line((key, ALL), "sub"))
                    lines += [self._line((key, each), "") for each in self._children(1, (key,))]
        return [*lines, self._line((ALL,) * many, "total")]

    def _children(self, at: int, before: Key) -> list[Any]:
        rest = (ALL,) * (len(self.question.dimensions) - at - 1)
        keys = [
            key[at] for key in self.found.cells if key[:at] == before and key[at] is not ALL and key[at + 1 :] == rest
        ]
        by = {each: self.found.cells[(*before, each, *rest)] for each in keys}
        return self._ordered(at, keys, by)

    def _ordered(self, at: int, keys: Sequence[Any], by: dict[Any, Sequence[Any]]) -> list[Any]:
        """By what they are called, or by a measure; the empty one and the others last."""
        field, sort = self.found.fields()[at], self.question.sort if by else ""
        places = {choice.key: place for place, choice in enumerate(field.choices)}

        def called(key: Any) -> Any:
            if field.kind in TIMES:
                return key
            return (places.get(key, len(places)), self.names[at][key])

        plain = sorted({each for each in keys if each is not None and each is not REST}, key=called)
        plain += [None] if None in keys else []
        if sort:
            number, down = abs(int(sort)) - 1, sort.startswith("-")
            plain.sort(key=lambda each: ((v := by[each][number]) is None, (-v if down else v) if v is not None else 0))
        return [*plain, *([REST] if REST in keys else [])]

    def _line(self, rows: Key, kind: str) -> Line:
        depth = sum(each is not ALL for each in rows)
        words = self.names[depth - 1][rows[depth - 1]] if depth else gettext(N_("Total"))
        path = [self.names[at][each] for at, each in enumerate(rows) if each is not ALL]
        numbers = []
        for column in self._columns:
            key = (*rows, column) if self.question.column is not None else rows
            numbers += self._numbers(key)
        return Line(words, path, numbers, rows, kind)

    def _numbers(self, key: Key) -> list[Number]:
        cell = self.found.cells.get(key)
        if cell is None or not cell[-1]:
            whole = not any(each is not ALL for each in key)
            empty = [0 if each.how in ("count", "distinct") and whole else None for each in self.question.measures]
            return [Number(value, "0" if value == 0 else "–") for value in empty]
        return [self._number(key, each, value) for each, value in zip(self.question.measures, cell, strict=False)]

    def _number(self, key: Key, measure: Measure, value: Value) -> Number:
        words = number_words(self.found.spec, measure, value)
        return Number(value, words, self._list(key, measure) if value is not None else "", self._share(key, measure))

    def _share(self, key: Key, measure: Measure) -> str:
        at = self.question.measures.index(measure)
        whole, part = self.found.cells[(ALL,) * len(key)][at], self.found.cells[key][at]
        if not self.question.shares or not measure.adds_up or not whole or part is None:
            return ""
        return f"{round(Decimal(part) * 100 / Decimal(whole), 1)} %"

    def _list(self, key: Key, measure: Measure) -> str:
        if not self.list_url:
            return ""
        query = self.question.query
        added: Filters = measuring.filters(self.found.spec, measure)
        for at, each in enumerate(key):
            if each is not ALL:
                if each not in self._asked[at]:
                    return ""
                added = (*added, *self._asked[at][each])
        asked = narrowed(query, added)
        return "" if asked is None else f"{self.list_url}?{urlencode(asked.to_args()) or 'view=all'}"
