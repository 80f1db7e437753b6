"""A tile in words: its picture, and its table whose numbers lead to lists."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import g, url_for

from crm.domain.dashboards.asking import MONTH, Asked
from crm.domain.dashboards.counting import figures
from crm.domain.dashboards.grouping import ByChoice, ByTime
from crm.domain.dashboards.table import Dashboard
from crm.domain.dashboards.tiles import MONEY, SHARE, Column, Figures, Number, Tile
from crm.domain.exports.rights import may_export
from crm.domain.opportunities.pipelines import StageNow
from crm.domain.orders.choices import SUMMED
from crm.kernel.fields import Field
from crm.kernel.patience import OutOfTime
from crm.kernel.text import N_
from crm.web.drawing import Drawing, Group, drawn, greatest
from crm.web.formats import date, decimal, money, number, short_month
from crm.web.i18n import gettext

_NOT_YOURS = N_("This counts by a field that you may not read.")
_TOO_LONG = N_("This takes too long to count. Choose a shorter period or a department.")
_NOTHING = N_("There is nothing to count here.")


@dataclass(frozen=True)
class Line:
    words: str
    cells: list[tuple[str, str]]  # (number, address of the list it counts)


class TileView:
    def __init__(self, tile: Tile, dashboard: Dashboard, asked: Asked, here: Mapping[str, str]) -> None:
        self.tile, self.asked, self.dashboard, self.here = tile, asked, dashboard, here
        self.key, self.problem = tile.key, ""
        self._figures: Figures | None = None

    def told(self) -> None:
        """Ask for its numbers. That they take too long stands in the tile, and the page goes on."""
        try:
            self._figures = figures(g.actor, self.tile, self.asked)
        except OutOfTime:
            self.problem = gettext(_TOO_LONG)
            return
        if self._figures is None:
            self.problem = gettext(_NOT_YOURS)
        elif not any(each.value for row in self._figures.rows for each in row.numbers.values()):
            self.problem = gettext(_NOTHING)

    @property
    def label(self) -> str:
        return gettext(self.tile.label)

    @property
    def url(self) -> str:
        return url_for("dashboards.tile", key=self.dashboard.key, tile_key=self.key, **self.here)

    @property
    def files(self) -> list[tuple[str, str]]:
        """(words, address) of the table as files."""
        if not may_export(g.actor, self.tile.type):
            return []
        place = {"key": self.dashboard.key, "tile_key": self.key}
        kinds = {"xlsx": "Excel", "csv": "CSV"}
        return [
            (words, url_for("dashboards.file", **place, suffix=suffix, **self.here)) for suffix, words in kinds.items()
        ]

    @property
    def notes(self) -> list[str]:
        """What is to be known about the numbers, and why some have no list."""
        said = [self.tile.note, *(each.unlisted for each in self._columns)]
        return [gettext(each) for each in dict.fromkeys(said) if each]

    @property
    def _columns(self) -> Sequence[Column]:
        return self._figures.columns if self._figures is not None else ()

    @property
    def heads(self) -> list[str]:
        return [gettext(each.label) for each in self._columns]

    @cached_property
    def lines(self) -> list[Line]:
        rows = self._figures.rows if self._figures is not None else ()
        found = []
        for row, words in zip(rows, self._names, strict=True):
            numbers = [(each, row.numbers[each.key]) for each in self._columns]
            found.append(Line(words, [(said(each, known.value), self._list(known)) for each, known in numbers]))
        return found

    def _list(self, known: Number) -> str:
        if known.query is None or not known.value:
            return ""
        return f"{url_for(f'{self.tile.type}.index')}?{urlencode(known.query.to_args())}"

    @cached_property
    def _field(self) -> Field:
        return self.tile.record_type.list.open_to(g.actor).field(self.tile.by.field)

    @cached_property
    def _names(self) -> list[str]:
        keys = [row.key for row in self._figures.rows] if self._figures is not None else []
        return _words(self.tile, self._field, keys, self.asked) if keys else []

    @property
    def _drawn(self) -> list[Column]:
        """What the reader may not read is not drawn: then the first there is."""
        found = [each for each in self._columns if each.key in self.tile.drawn]
        return found or list(self._columns[:1])

    @property
    def legend(self) -> list[tuple[str, str]]:
        """(mark, words)"""
        marks = [(f"s{at}", gettext(each.label)) for at, each in enumerate(self._drawn)]
        marks += [("goal", gettext(each.label)) for each in self._columns if each.goal and self._has_goals]
        return marks if len(marks) > 1 else []

    @property
    def _has_goals(self) -> bool:
        return any(each.goal is not None for each in self._groups)

    @cached_property
    def _groups(self) -> list[Group]:
        goals = [each.key for each in self._columns if each.goal]
        found, rows = list[Group](), self._figures.rows if self._figures is not None else ()
        for row, line in zip(rows, self._names, strict=True):
            values = [row.numbers[each.key].value for each in self._drawn]
            goal = row.numbers[goals[0]].value if goals else None
            label = self._short(row.key) if isinstance(row.key, dt.date) else line
            found.append(Group(label, values, said(self._drawn[0], values[0]), goal))
        return found

    def _short(self, start: dt.date) -> str:
        return short_month(start) if self._is_monthly else f"{start.month}/{start.day}"

    @property
    def _is_monthly(self) -> bool:
        by = self.tile.by
        return isinstance(by, ByTime) and by.unit(self.asked.span) == MONTH

    @property
    def drawing(self) -> Drawing:
        return drawn(self.tile.picture, self._groups, self._most)

    @property
    def _most(self) -> str:
        most = greatest(self.tile.picture, self._groups)
        return said(self._drawn[0], most)

    @property
    def told_in_short(self) -> str:
        """For whoever does not see the picture."""
        label = gettext(self._drawn[0].label)
        return gettext(N_("%(what)s, at most %(most)s. The table has every number."), what=label, most=self._most)


def _words(tile: Tile, field: Field, keys: Sequence[Any], asked: Asked) -> list[str]:
    """What the groups are called."""
    if isinstance(tile.by, ByTime):
        monthly = tile.by.unit(asked.span) == MONTH
        return [short_month(each, year=True) if monthly else date(each) for each in keys]
    if isinstance(keys[0], StageNow):
        return [gettext(each.label) for each in keys]
    none = gettext(N_("none"))
    if isinstance(tile.by, ByChoice):
        known = {each.key: gettext(each.label) for each in field.choices}
        return [none if each is None else known.get(each, each) for each in keys]
    assert field.source is not None
    labels = field.source.labels(g.actor, [each for each in keys if each is not None])
    return [none if each is None else labels.get(each, str(each)) for each in keys]


def said(column: Column, value: Decimal | int | None) -> str:
    if value is None:
        return "–"
    if column.kind == MONEY:
        return money(Decimal(value), SUMMED)
    if isinstance(value, int) or (not column.over and value == value.to_integral_value()):
        return number(int(value))
    return f"{decimal(value)} %" if column.kind == SHARE else decimal(value)
