"""What a tile is: records of one type told apart in one way, and what is counted of each group."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crm.domain.dashboards.asking import Asked
from crm.domain.dashboards.grouping import By
from crm.domain.registry import RECORD_TYPES
from crm.kernel.access import Actor
from crm.kernel.arguments import Filters
from crm.kernel.asking import Query
from crm.kernel.fields import Field
from crm.kernel.records import RecordType

NUMBER, MONEY, SHARE, MEAN = "number", "money", "share", "mean"  # a share is in percent
COLUMNS, STACKED, LINE, BARS, FUNNEL = PICTURES = ("columns", "stacked", "line", "bars", "funnel")


def _nothing(actor: Actor) -> Filters:
    return ()


@dataclass(frozen=True)
class Column:
    """How many of the group `filters` leave, or what their field `sums` sums up to; of that or of the column `part`,
    where there is `over`, the share of those columns together (MEAN: the sum for each of them).

    `unlisted` says why no list shows what is counted; `also` is a type of record that must be open to the reader, too,
    `asks` are fields that must be beside those named here. `goal` is a measure of goals instead of any of this.
    """

    key: str
    label: str
    kind: str = NUMBER
    filters: Callable[[Actor], Filters] = _nothing
    sums: str = ""
    part: str = ""
    over: tuple[str, ...] = ()
    unlisted: str = ""
    also: str = ""
    asks: tuple[str, ...] = ()
    only: Callable[[Mapping[str, Field]], Any] | None = None  # SQL that no list can ask for
    goal: str = ""

    def needs(self, actor: Actor) -> set[str]:
        return {*self.asks, *(key for key, _, _ in self.filters(actor)), *([self.sums] if self.sums else [])}


@dataclass(frozen=True)
class Number:
    """`query` is what the list of its tile's type is asked; None: there is no such list. No value: nothing to say."""

    value: Decimal | int | None
    query: Query | None = None


@dataclass(frozen=True)
class Row:
    key: Any
    numbers: Mapping[str, Number]


Ask = Callable[[Actor, "Tile", Sequence[Column], Asked], list[Row]]


@dataclass(frozen=True)
class Tile:
    """A line of table.py. `drawn` are the columns of the picture; `note` is a sentence below it, such as a formula."""

    key: str
    label: str
    picture: str
    type: str
    by: By
    columns: tuple[Column, ...]
    drawn: tuple[str, ...]
    ask: Ask
    filters: Callable[[Actor], Filters] = _nothing
    note: str = ""

    @property
    def record_type(self) -> RecordType:
        return RECORD_TYPES[self.type]

    def is_for(self, actor: Actor) -> bool:
        """Whether there is such a tile: what a switched-off module allows nobody may do."""
        return actor.may(self.record_type.may_read)

    def needs(self, actor: Actor, asked: Asked) -> set[str]:
        keys = {self.by.field, self.by.during, *(key for key, _, _ in (*self.filters(actor), *asked.owned))}
        return keys - {""}


@dataclass(frozen=True)
class Figures:
    tile: Tile
    columns: Sequence[Column]
    rows: Sequence[Row]
