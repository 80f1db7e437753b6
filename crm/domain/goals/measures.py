"""What goals are measured by: one line a measure, each answered from one index for any stretch of days.

An area whose work is to be measured (opportunities won, leads converted) adds its line to MEASURES. The statement gives
rows of (owner_id, department_id, part, whole): how much of whom. `whole` is null but for a share, which is part of it.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause, text

from crm.domain.orders.choices import COUNTED, SUMMED
from crm.domain.orders.models import COUNTS
from crm.infra.db import db
from crm.kernel.arguments import Filters
from crm.kernel.company import company
from crm.kernel.permissions import Action, Permission, permission
from crm.kernel.text import N_

Days = tuple[dt.date, dt.date]  # the first and the day after the last
MONEY, NUMBER, SHARE = "money", "number", "share"


@dataclass(frozen=True)
class Measure:
    """`sql` has places for whose rows are wanted and, as :start and :end, days or (`moments`) their midnights.

    `listed` is the list of records it counts, and the filters that narrow this list to days.
    """

    key: str
    label: str
    kind: str
    module: str
    needs: Permission  # to see what it counts
    sql: str
    owner: str = "owner_id"  # the columns that say whose a row is
    department: str | None = "department_id"  # none: that of the person
    moments: bool = False
    listed: str = ""
    filters: Callable[[dt.date, dt.date], Filters] = lambda first, last: ()

    def statement(self, *, narrowed: bool, summed: bool = False) -> TextClause:
        """`summed`: nobody asks whose: to tell hundreds of thousands of rows apart costs as much as to read them."""
        whose = f"({self.owner} = ANY(:owners) OR {self.department or 'false'} = ANY(:departments))"
        if self.department is None:
            below = "SELECT id FROM people WHERE department_id = ANY(:departments)"
            whose = f"({self.owner} = ANY(:owners) OR {self.owner} IN ({below}))"
        each = "NULL AS owner_id, NULL AS department_id" if summed else "owner_id, department_id"
        grouped = "" if summed else "GROUP BY owner_id, department_id"
        return text(self.sql.format(whose=whose if narrowed else "true", each=each, grouped=grouped))


def _ordered(first: dt.date, last: dt.date) -> Filters:
    days = (("ordered_on", "gte", str(first)), ("ordered_on", "lte", str(last)))
    return (("currency", "in", SUMMED), *days, ("status", "in", ",".join(COUNTED)))


def _created(first: dt.date, last: dt.date) -> Filters:
    return (("created", "gte", str(first)), ("created", "lte", str(last)))


def _won(first: dt.date, last: dt.date) -> Filters:
    days = (("closed", "gte", str(first)), ("closed", "lte", str(last)))
    won = sorted(db.session.scalars(text("SELECT key FROM stages WHERE kind = 'won'")))
    return (*days, ("stage", "in", ",".join(won)))


MEASURES = {
    each.key: each
    for each in (
        Measure(
            "orders",
            N_("Amount of %(orders)s"),
            MONEY,
            "orders",
            permission("orders", Action.READ),
            # ix_orders_counted alone
            f"""SELECT {{each}}, coalesce(sum(amount), 0) AS part, NULL AS whole FROM orders
            WHERE {COUNTS} AND ordered_on >= :start AND ordered_on < :end AND currency = '{SUMMED}' AND {{whose}}
            {{grouped}}""",
            listed="orders",
            filters=_ordered,
        ),
        Measure(
            "new_customers",
            N_("New %(customers)s"),
            NUMBER,
            "customers",
            permission("customers", Action.READ),
            # ix_customers_created alone
            """SELECT {each}, count(*) AS part, NULL AS whole FROM customers
            WHERE deleted_at IS NULL AND created_at >= :start AND created_at < :end AND {whose}
            {grouped}""",
            moments=True,
            listed="customers",
            filters=_created,
        ),
        Measure(
            "follow_ups",
            N_("Follow-ups written"),
            NUMBER,
            "customers",
            Permission.FOLLOW_UPS_WRITE,
            # ix_follow_ups_written alone
            """SELECT author_id AS owner_id, people.department_id, part, NULL AS whole FROM (
                SELECT author_id, count(*) AS part FROM follow_ups
                WHERE deleted_at IS NULL AND happened_at >= :start AND happened_at < :end AND {whose}
                GROUP BY author_id) AS written JOIN people ON people.id = author_id""",
            owner="author_id",
            department=None,
            moments=True,
        ),
        Measure(
            "won",
            N_("Amount won"),
            MONEY,
            "opportunities",
            permission("opportunities", Action.READ),
            # ix_opportunities_closed_at alone
            """SELECT {each}, coalesce(sum(amount), 0) AS part, NULL AS whole FROM opportunities
            WHERE deleted_at IS NULL AND closed_at IS NOT NULL AND closed_at >= :start AND closed_at < :end
                AND stage = ANY(ARRAY(SELECT key FROM stages WHERE kind = 'won')) AND {whose}
            {grouped}""",
            moments=True,
            listed="opportunities",
            filters=_won,
        ),
        Measure(
            "conversion",
            N_("%(Leads)s won of those decided"),
            SHARE,
            "leads",
            permission("leads", Action.READ),
            # ix_lead_statuses_status: of what was decided in the period and still is, whoever had it then
            """SELECT owner_id, people.department_id, part, whole FROM (
                SELECT lead_statuses.owner_id, count(*) FILTER (WHERE lead_statuses.status = 'won') AS part,
                    count(*) AS whole
                FROM lead_statuses JOIN leads ON leads.id = lead_id AND leads.deleted_at IS NULL
                WHERE lead_statuses.status IN ('won', 'discarded') AND left_at IS NULL
                    AND entered_at >= :start AND entered_at < :end AND {whose}
                GROUP BY lead_statuses.owner_id) AS decided JOIN people ON people.id = owner_id""",
            owner="lead_statuses.owner_id",
            department=None,
            moments=True,
        ),
    )
}


@dataclass(frozen=True)
class Part:
    """What one person reached in one department."""

    owner_id: int | None
    department_id: int | None
    part: Decimal
    whole: Decimal | None


def parts(
    measure: Measure, days: Days, owners: Collection[int], departments: Collection[int], *, all_: bool
) -> list[Part]:
    """Of these owners and departments, or of everybody: in one, where it need not be known whose.

    Past the scope on purpose: a total that is shown to somebody is a total, whatever single records they may see; whom
    it is shown to is for rights.py to say.
    """
    zone = ZoneInfo(company.timezone)
    start, end = (dt.datetime.combine(day, dt.time(), zone) if measure.moments else day for day in days)
    asked = {"start": start, "end": end} | ({} if all_ else {"owners": list(owners), "departments": list(departments)})
    summed = all_ and not owners and not departments
    rows = db.session.execute(measure.statement(narrowed=not all_, summed=summed), asked)
    return [Part(row.owner_id, row.department_id, Decimal(row.part), row.whole) for row in rows]


def together(measure: Measure, found: Iterable[Part]) -> Decimal:
    """Of a share in percent."""
    found = list(found)
    part = sum((each.part for each in found), Decimal(0))
    if measure.kind != SHARE:
        return part
    whole = sum((each.whole or Decimal(0) for each in found), Decimal(0))
    return round(part * 100 / whole, 1) if whole else Decimal(0)
