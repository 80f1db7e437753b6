"""The tiles of service."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import case, func, literal

from crm.domain.dashboards.counting import counted
from crm.domain.dashboards.grouping import ByTeam, ByTime
from crm.domain.dashboards.special import load
from crm.domain.dashboards.tiles import BARS, COLUMNS, LINE, MEAN, SHARE, STACKED, Column, Tile
from crm.domain.satisfaction.report import GOOD
from crm.domain.tickets.choices import UNDONE
from crm.infra import clock
from crm.kernel.fields import Field
from crm.kernel.text import N_

_COUNT = Column("count", N_("How many"))
_TWO_FIELDS = N_("A list compares a field with a value, not with another field, so it cannot show these.")
_TIMES = ("responded", "solved", "respond_due")


def _answered(fields: Mapping[str, Field]) -> Any:
    """What is solved without an answer is thereby answered."""
    return func.coalesce(fields["responded"].column, fields["solved"].column)


def _kept(fields: Mapping[str, Field]) -> Any:
    return _answered(fields) <= fields["respond_due"].column


def _late(fields: Mapping[str, Field]) -> Any:
    due = fields["respond_due"].column
    return case((_answered(fields).is_(None), literal(clock.now()) > due), else_=_answered(fields) > due)


SERVICE = (
    Tile(
        "load",
        N_("Opened, solved and still open"),
        COLUMNS,
        "tickets",
        ByTime("opened", weekly=True),
        (
            Column("opened", N_("Came in")),
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
            Column("share", N_("Proportion"), SHARE, part="kept", over=("kept", "late")),
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
            Column("share", N_("Proportion"), SHARE, part="good", over=("count",)),
            Column("mean", N_("Mean of 1 to 5"), MEAN, sums="rating", over=("count",)),
        ),
        ("share",),
        counted,
        filters=lambda actor: (("rating", "filled", "1"),),
    ),
)
