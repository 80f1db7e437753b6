"""What a report asks: a list's question, by what its records are told apart, and what is measured of each group.

As an address has it: `type=orders&r1=ordered_on.month&r2=owner&c=status&m1=count&m2=sum.amount&sort=-1&list=…`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

from crm.kernel.asking import Query
from crm.kernel.text import N_

ROWS, MEASURES = 2, 4
COUNT, SUM, MEAN, LEAST, MOST, DISTINCT = "count", "sum", "avg", "min", "max", "distinct"
HOW = {
    COUNT: N_("How many"),
    SUM: N_("Sum"),
    MEAN: N_("Average"),
    LEAST: N_("Smallest"),
    MOST: N_("Greatest"),
    DISTINCT: N_("Different values"),
}
TABLE, BARS, COLUMNS, STACKED, LINE = "", "bars", "columns", "stacked", "line"
PICTURES = {
    TABLE: N_("Table alone"),
    BARS: N_("Bars"),
    COLUMNS: N_("Upright bars"),
    STACKED: N_("Stacked bars"),
    LINE: N_("Line"),
}


@dataclass(frozen=True)
class Dimension:
    """`unit` is a stretch of time, or how many signs of a code count."""

    field: str
    unit: str = ""

    @classmethod
    def of(cls, text: str) -> "Dimension | None":
        key, _, unit = text.partition(".")
        return cls(key, unit) if key else None

    def __str__(self) -> str:
        return f"{self.field}.{self.unit}" if self.unit else self.field


@dataclass(frozen=True)
class Measure:
    how: str
    field: str = ""

    @classmethod
    def of(cls, text: str) -> "Measure | None":
        how, _, key = text.partition(".")
        return cls(how, key) if how in HOW and bool(key) == (how != COUNT) else None

    def __str__(self) -> str:
        return f"{self.how}.{self.field}" if self.field else self.how

    @property
    def adds_up(self) -> bool:
        return self.how in (COUNT, SUM)


@dataclass(frozen=True)
class Question:
    """Equal questions are equal objects. `sort` is "" for what the groups are called, else the number of a measure,
    with a minus before it for the greatest first."""

    type: str = ""
    rows: tuple[Dimension, ...] = ()
    column: Dimension | None = None
    measures: tuple[Measure, ...] = (Measure(COUNT),)
    query: Query = field(default_factory=Query)
    sort: str = ""
    picture: str = TABLE
    shares: bool = False

    @classmethod
    def from_args(cls, items: Iterable[tuple[str, str]]) -> "Question":
        """What makes no sense by itself is as if it had not been said; what a type has or has not is for others."""
        given = {key: value.strip() for key, value in items}
        rows = [found for n in range(ROWS) if (found := Dimension.of(given.get(f"r{n + 1}", "")))]
        measures = [one for n in range(MEASURES) if (one := Measure.of(given.get(f"m{n + 1}", "")))]
        measures = list(dict.fromkeys(measures)) or [Measure(COUNT)]
        column = Dimension.of(given.get("c", ""))
        rows = [each for each in dict.fromkeys(rows) if each != column]
        sort = given.get("sort", "")
        picture = given.get("picture", "")
        return cls(
            given.get("type", ""),
            tuple(rows),
            column,
            tuple(measures),
            Query.from_args(parse_qsl(given.get("list", ""))).but(sort="", columns=()),
            sort if sort.lstrip("-") in {str(n + 1) for n in range(len(measures))} else "",
            picture if picture in PICTURES else TABLE,
            given.get("shares") == "1",
        )

    def to_args(self) -> list[tuple[str, str]]:
        known = [("type", self.type), *((f"r{n}", str(each)) for n, each in enumerate(self.rows, 1))]
        known += [("c", str(self.column or "")), *((f"m{n}", str(each)) for n, each in enumerate(self.measures, 1))]
        known += [("sort", self.sort), ("picture", self.picture), ("shares", "1" if self.shares else "")]
        known.append(("list", urlencode(self.query.to_args())))
        return [(key, value) for key, value in known if value]

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        return (*self.rows, *([self.column] if self.column else []))

    def asking(self, query: Query) -> "Question":
        return replace(self, query=query)

    def without(self, gone: Iterable[str]) -> "Question":
        """The rest of it, where these fields are not there for the reader; what narrows it stays."""
        keys = set(gone)
        measures = tuple(each for each in self.measures if each.field not in keys) or (Measure(COUNT),)
        return replace(
            self,
            rows=tuple(each for each in self.rows if each.field not in keys),
            column=self.column if self.column and self.column.field not in keys else None,
            measures=measures,
            sort=self.sort if measures == self.measures else "",
        )
