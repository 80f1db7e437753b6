"""Every tile of every dashboard. A new one is a line here; what one list cannot tell has a function in special.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, literal

from crm.domain.dashboards.counting import counted
from crm.domain.dashboards.grouping import ByChoice, ByTeam, ByTime, ByTree
from crm.domain.dashboards.special import funnel, load, retention
from crm.domain.dashboards.tiles import (
    BARS,
    COLUMNS,
    FUNNEL,
    LINE,
    MEAN,
    MONEY,
    SHARE,
    STACKED,
    Column,
    Tile,
)
from crm.domain.opportunities.pipelines import LOST, WON, pipelines_of
from crm.domain.orders.choices import COUNTED, SUMMED
from crm.domain.satisfaction.report import GOOD
from crm.domain.tickets.choices import UNDONE
from crm.infra import clock
from crm.kernel.access import Actor
from crm.kernel.arguments import Filters
from crm.kernel.fields import Field
from crm.kernel.text import N_

_HOW_MANY = N_("How many")
_TWO_FIELDS = N_("A list compares a field with a value, not with another field, so it cannot show these.")
_NO_PAST = N_("A list knows where a record stands now, not where it stood before, so it cannot show these.")


def _stages(kind: str, actor: Actor) -> Filters:
    return (("stage", "in", ",".join(sorted(pipelines_of(actor).of_kind(kind)))),)


def _counted_orders(actor: Actor) -> Filters:
    return (("status", "in", ",".join(COUNTED)),)


def _answered(fields: Mapping[str, Field]) -> Any:
    """What is solved without an answer is thereby answered."""
    return func.coalesce(fields["responded"].column, fields["solved"].column)


def _kept(fields: Mapping[str, Field]) -> Any:
    return _answered(fields) <= fields["respond_due"].column


def _late(fields: Mapping[str, Field]) -> Any:
    due = fields["respond_due"].column
    return case((_answered(fields).is_(None), literal(clock.now()) > due), else_=_answered(fields) > due)


_COUNT = Column("count", _HOW_MANY)
_AMOUNT = Column("amount", N_("Amount"), MONEY, sums="amount")
_TIMES = ("responded", "solved", "respond_due")

SALES = (
    Tile(
        "funnel",
        N_("Funnel of %(opportunities)s made in the period"),
        FUNNEL,
        "opportunities",
        ByChoice("stage", during="created"),
        (
            Column("reached", N_("Came this far"), unlisted=_NO_PAST, asks=("pipeline",)),
            Column("share", N_("Of all"), SHARE, part="reached", over=("made",)),
            Column("now", N_("Stand here now")),
        ),
        ("reached",),
        funnel,
        note=N_("Whoever stood in a later stage has come as far as every one before it."),
    ),
    Tile(
        "conversion",
        N_("%(Leads)s made in a month, and how many of them are won"),
        LINE,
        "leads",
        ByTime("created"),
        (
            Column("count", N_("Made")),
            Column("won", N_("Won"), filters=lambda actor: (("status", "is", "won"),)),
            Column("share", N_("Share"), SHARE, part="won", over=("count",)),
        ),
        ("share",),
        counted,
    ),
    Tile(
        "won",
        N_("Amount won"),
        COLUMNS,
        "opportunities",
        ByTime("closed"),
        (_AMOUNT, Column("goal", N_("Goal"), MONEY, goal="won", asks=("amount",)), _COUNT),
        ("amount",),
        counted,
        filters=lambda actor: _stages(WON, actor),
    ),
    Tile(
        "orders",
        N_("Amount of %(orders)s"),
        COLUMNS,
        "orders",
        ByTime("ordered_on"),
        (_AMOUNT, Column("goal", N_("Goal"), MONEY, goal="orders", asks=("amount",)), _COUNT),
        ("amount",),
        counted,
        filters=lambda actor: (("currency", "in", SUMMED), *_counted_orders(actor)),
    ),
    Tile(
        "sources",
        N_("Where new %(customers)s come from, and what they brought"),
        BARS,
        "customers",
        ByChoice("source", during="created"),
        (_COUNT, Column("brought", N_("Sum of %(orders)s"), MONEY, sums="order_total", also="orders")),
        ("count",),
        counted,
    ),
    Tile(
        "lost",
        N_("Why %(opportunities)s were lost"),
        BARS,
        "opportunities",
        ByChoice("lost_reason", during="closed"),
        (_COUNT, _AMOUNT),
        ("count",),
        counted,
        filters=lambda actor: _stages(LOST, actor),
    ),
)
CUSTOMERS = (
    Tile(
        "new",
        N_("New %(customers)s"),
        COLUMNS,
        "customers",
        ByTime("created"),
        (_COUNT, Column("goal", N_("Goal"), goal="new_customers")),
        ("count",),
        counted,
    ),
    Tile(
        "retention",
        N_("%(Customers)s who order again"),
        LINE,
        "orders",
        ByTime("ordered_on"),
        (
            Column("before", N_("Ordered the month before"), unlisted=_NO_PAST, asks=("customer",)),
            Column("again", N_("And in this month, too"), unlisted=_NO_PAST, asks=("customer",)),
            Column("share", N_("Share"), SHARE, part="again", over=("before",)),
        ),
        ("share",),
        retention,
        filters=_counted_orders,
        note=N_(
            "Share = those with an order in the month and in the month before ÷ those with one in the month before."
        ),
    ),
    Tile("regions", N_("By region"), BARS, "customers", ByTree("region"), (_COUNT,), ("count",), counted),
    Tile("industries", N_("By industry"), BARS, "customers", ByTree("industry"), (_COUNT,), ("count",), counted),
    Tile("levels", N_("By level"), BARS, "customers", ByChoice("level"), (_COUNT,), ("count",), counted),
)
SERVICE = (
    Tile(
        "load",
        N_("Opened, solved and still open"),
        COLUMNS,
        "tickets",
        ByTime("opened", weekly=True),
        (
            Column("opened", N_("Opened")),
            Column("solved", N_("Solved"), asks=("solved",)),
            Column("open", N_("Open at the end"), asks=("solved",)),
        ),
        ("opened", "solved"),
        load,
    ),
    Tile(
        "teams",
        N_("Open now, by team"),
        BARS,
        "tickets",
        ByTeam("team"),
        (_COUNT,),
        ("count",),
        counted,
        filters=lambda actor: (("status", "in", ",".join(UNDONE)),),
    ),
    Tile(
        "answers",
        N_("First answers as promised"),
        STACKED,
        "tickets",
        ByTime("opened"),
        (
            Column("promised", N_("Promised")),
            Column("kept", N_("In time"), unlisted=_TWO_FIELDS, asks=_TIMES, only=_kept),
            Column("late", N_("Late"), unlisted=_TWO_FIELDS, asks=_TIMES, only=_late),
            Column("share", N_("Share"), SHARE, part="kept", over=("kept", "late")),
        ),
        ("kept", "late"),
        counted,
        filters=lambda actor: (("respond_due", "filled", "1"),),
        note=N_("By the month in which they were opened. What is still to be answered in time is neither."),
    ),
    Tile(
        "satisfaction",
        N_("How content %(customers)s are"),
        LINE,
        "tickets",
        ByTime("solved"),
        (
            Column("count", N_("Ratings")),
            Column("good", N_("4 or 5"), filters=lambda actor: (("rating", "min", str(GOOD)),)),
            Column("share", N_("Share"), SHARE, part="good", over=("count",)),
            Column("mean", N_("Mean of 1 to 5"), MEAN, sums="rating", over=("count",)),
        ),
        ("share",),
        counted,
        filters=lambda actor: (("rating", "filled", "1"),),
    ),
)


@dataclass(frozen=True)
class Dashboard:
    key: str
    label: str
    tiles: tuple[Tile, ...]

    def for_(self, actor: Actor) -> list[Tile]:
        return [each for each in self.tiles if each.is_for(actor)]


DASHBOARDS = {
    each.key: each
    for each in (
        Dashboard("sales", N_("Sales"), SALES),
        Dashboard("customers", N_("Customers"), CUSTOMERS),
        Dashboard("service", N_("Service"), SERVICE),
    )
}


def dashboards_of(actor: Actor) -> list[Dashboard]:
    """Those with anything in them for the actor."""
    return [each for each in DASHBOARDS.values() if each.for_(actor)]
