"""Every dashboard, and the tiles of sales and customers. A new tile is a line here or in service.py; what the grouping
of one list cannot tell has a function in special.py."""

from dataclasses import dataclass

from crm.domain.dashboards.counting import counted
from crm.domain.dashboards.grouping import ByChoice, ByTime, ByTree
from crm.domain.dashboards.service import SERVICE
from crm.domain.dashboards.special import funnel, retention
from crm.domain.dashboards.tiles import (
    BARS,
    COLUMNS,
    FUNNEL,
    LINE,
    MONEY,
    SHARE,
    Column,
    Tile,
)
from crm.domain.opportunities.pipelines import LOST, WON, pipelines_of
from crm.domain.orders.choices import COUNTED, SUMMED
from crm.kernel.access import Actor
from crm.kernel.arguments import Filters
from crm.kernel.text import N_

_HOW_MANY = N_("How many")
_NO_PAST = N_("A list knows where a record stands now, not where it stood before, so it cannot show these.")


def _stages(kind: str, actor: Actor) -> Filters:
    return (("stage", "in", ",".join(sorted(pipelines_of(actor).of_kind(kind)))),)


def _counted_orders(actor: Actor) -> Filters:
    return (("status", "in", ",".join(COUNTED)),)


_COUNT = Column("count", _HOW_MANY)
_AMOUNT = Column("amount", N_("Amount"), MONEY, sums="amount")

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
            Column("share", N_("Proportion"), SHARE, part="won", over=("count",)),
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
            Column("share", N_("Proportion"), SHARE, part="again", over=("before",)),
        ),
        ("share",),
        retention,
        filters=_counted_orders,
        note=N_(
            "Proportion = those with an order in the month and in the one before ÷ those with one in the month before."
        ),
    ),
    Tile("regions", N_("By region"), BARS, "customers", ByTree("region"), (_COUNT,), ("count",), counted),
    Tile("industries", N_("By industry"), BARS, "customers", ByTree("industry"), (_COUNT,), ("count",), counted),
    Tile("levels", N_("By level"), BARS, "customers", ByChoice("level"), (_COUNT,), ("count",), counted),
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
