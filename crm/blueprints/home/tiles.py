"""What waits for somebody, or for their team: each tile is a question to a list, so its number leads to what it counts.

An area that has something to do every day adds its line to TILES.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import g, url_for

from crm.domain.registry import RECORD_TYPES
from crm.kernel.access import Reach
from crm.kernel.asking import Query
from crm.kernel.company import company
from crm.kernel.fields import Field
from crm.kernel.listing import Count, Page
from crm.kernel.patience import TooSlow
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.cells import Cell, cell
from crm.web.fields import labels_for

SHOWN = 5
QUIET_DAYS = 14  # without a change, after which an open deal is asked about
Filter = tuple[str, str, str]


@dataclass(frozen=True)
class Tile:
    """`filters(day)` are what is asked besides whose it is; `none` is what there is to say when nothing waits."""

    key: str
    label: str
    none: str
    type: str
    filters: Callable[[dt.date], tuple[Filter, ...]]
    sort: str
    beside: tuple[str, ...]

    @property
    def asks(self) -> set[str]:
        """The fields without which there is no such tile."""
        return {"owner", self.sort, *(key for key, _, _ in self.filters(company.today()))}


TILES: tuple[Tile, ...] = (
    Tile(
        "tasks",
        N_("To do until today"),
        N_("Nothing is due."),
        "tasks",
        lambda day: (("due", "lte", day.isoformat()), ("status", "is", "open")),
        "due",
        ("due", "priority"),
    ),
    Tile(
        "follow_ups",
        N_("%(Customers)s to follow up"),
        N_("Nobody waits for you."),
        "customers",
        lambda day: (("next_follow_up", "lte", day.isoformat()),),
        "next_follow_up",
        ("next_follow_up", "level"),
    ),
    Tile(
        "closing",
        N_("Expected to close this month"),
        N_("No deal is expected to close this month."),
        "opportunities",
        lambda day: (("closes_on", "during", "this_month"), ("closed", "empty", "1")),
        "closes_on",
        ("stage", "amount", "closes_on"),
    ),
    Tile(
        "quiet",
        N_("Deals that have become quiet"),
        N_("Every open deal has moved lately."),
        "opportunities",
        lambda day: (
            ("closed", "empty", "1"),
            ("updated", "lte", (day - dt.timedelta(days=QUIET_DAYS)).isoformat()),
        ),
        "updated",
        ("stage", "amount", "updated"),
    ),
)


@dataclass(frozen=True)
class Shown:
    """A tile as one person has it. `rows` are (address, name, cells)."""

    tile: Tile
    icon: str
    count: Count
    url: str
    rows: list[tuple[str, str, list[Cell]]]


def tiles(whose: str) -> list[Shown]:
    """`whose` is "me" or "my_branch", as lists ask it. What the reader may not ask, stands here for nobody."""
    shown = (_shown(each, whose) for each in TILES)
    return [each for each in shown if each is not None]


def leads_others() -> bool:
    """Whether there is a team to look at."""
    return g.actor.reach_of(RECORD_TYPES["customers"].may_read) > Reach.OWN and g.actor.department_id is not None


def _shown(tile: Tile, whose: str) -> Shown | None:
    type_ = RECORD_TYPES[tile.type]
    known = type_.list.open_to(g.actor).by_key
    if not g.actor.may(type_.may_read) or not all(_may_ask(known.get(key)) for key in tile.asks):
        return None
    asked = Query(filters=tuple(sorted((*tile.filters(company.today()), ("owner", "of", whose)))), sort=tile.sort)
    page, count = _found(type_, asked)
    url = f"{url_for(f'{type_.key}.index')}?{urlencode(asked.to_args())}"
    return Shown(tile, type_.icon, count, url, _rows(type_, tile, page.rows))


def _may_ask(field: Field | None) -> bool:
    """Neither hidden nor masked: what may not be read is neither compared nor an order."""
    return field is not None and not field.masked and (field.filterable or field.sortable)


def _found(type_: RecordType, asked: Query) -> tuple[Page, Count]:
    """What stands whole on the tile need not be counted."""
    try:
        page = type_.list.page(g.actor, asked, size=SHOWN)
    except TooSlow:  # the list says why, to whoever goes there
        return Page((), "", ""), Count(0, more=True)
    if not page.after:
        return page, Count(len(page.rows))
    return page, type_.list.count(g.actor, asked, least=len(page.rows))


def _rows(type_: RecordType, tile: Tile, rows: Any) -> list[tuple[str, str, list[Cell]]]:
    known = type_.list.open_to(g.actor).by_key
    fields = [known[key] for key in tile.beside if key in known and known[key].column is not None]
    values = [{each.key: row._mapping.get(str(each.column.key)) for each in fields} for row in rows]
    labels = labels_for(fields, values)
    return [
        (f"/{type_.key}/{row.id}", row.name, [cell(each, mapping[each.key], labels) for each in fields])
        for row, mapping in zip(rows, values, strict=True)
    ]
