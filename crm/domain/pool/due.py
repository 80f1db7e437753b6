"""Which customers go back tonight and which owners are warned: one question for the night, its preview and its check.

Asked department by department, each a range of ix_customers_quiet, which tells the quiet ones from all others. Only of
these is looked up whether a deal, an order, a new owner or a protection keeps them.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, DateTime, Select, and_, cast, func, or_, select, true

from crm.domain.customers.models import Customer
from crm.domain.customers.pool_models import CustomerHold
from crm.domain.customers.pool_rules import Pools, Rule
from crm.domain.customers.value import CustomerValue
from crm.domain.opportunities.models import Opportunity
from crm.domain.pool.models import RETURN, WARN
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, Reach
from crm.kernel.company import company

AT = dt.time(1, 15)  # of every night, in the company's time zone
_HEARD = func.greatest(Customer.created_at, Customer.last_follow_up_at)


def next_day() -> dt.date:
    """The day on which the next night falls."""
    now = clock.now().astimezone(ZoneInfo(company.timezone))
    return now.date() + dt.timedelta(days=now.time() >= AT)


def _asked(rule: Rule, *columns: Any) -> tuple[Select[Any], ColumnElement[dt.datetime]]:
    """A statement of customers with what tells how quiet they are, and when something that counts happened last, be it
    that somebody else took over."""
    known: list[Any] = [_HEARD, CustomerHold.owner_since]
    statement: Select[Any] = (
        select(*columns)
        .select_from(Customer)
        .outerjoin(CustomerHold, CustomerHold.customer_id == Customer.id)
        .outerjoin(CustomerValue, CustomerValue.customer_id == Customer.id)
        .execution_options(scoped=True)
    )
    if rule.orders:
        known.append(cast(CustomerValue.last_order_on, DateTime(timezone=True)))
    if rule.deals:
        # Of two, so that nobody looks for it in the order of all deals instead of among the few of the customer.
        at = func.max(func.greatest(Opportunity.created_at, Opportunity.updated_at))
        worked_on = select(at.label("at")).where(_deals_of_it()).correlate(Customer)
        deals = worked_on.execution_options(scoped=True).lateral("deals")
        statement = statement.outerjoin(deals, true())
        known.append(deals.c.at)
    return statement, func.greatest(*known)


def due(rule: Rule, department_id: int | None, deed: str, day: dt.date) -> Select[Any]:
    """(id, name, number, owner_id, department_id, heard) of those it is done to on this day."""
    assert rule.days is not None
    columns = (Customer.id, Customer.name, Customer.number, Customer.owner_id, Customer.department_id)
    statement, heard = _asked(rule, *columns)
    before = company.midnight(day) - dt.timedelta(days=rule.days)
    warned_at = CustomerHold.warned_at
    fits: list[ColumnElement[bool]] = []
    if deed == WARN:
        before += _before(rule)
        fits.append(or_(warned_at.is_(None), warned_at <= heard))
    elif rule.warned_days:
        in_time = company.midnight(day - _before(rule) + dt.timedelta(days=1))
        fits += [warned_at.is_not(None), warned_at > heard, warned_at < in_time]
    statement = statement.where(_somebodys(department_id), before > _HEARD, before > heard, *fits)
    return statement.where(*_not_kept(rule, day)).add_columns(heard.label("heard"))


def _somebodys(department_id: int | None) -> ColumnElement[bool]:
    return and_(
        Customer.deleted_at.is_(None),
        Customer.owner_id.is_not(None),
        Customer.department_id == department_id,  # of None: IS NULL
    )


def _not_kept(rule: Rule, day: dt.date) -> list[ColumnElement[bool]]:
    kept = [or_(CustomerHold.protected_until.is_(None), CustomerHold.protected_until < day)]
    if rule.spares_levels:
        kept.append(func.coalesce(Customer.level, "").not_in(rule.spares_levels))
    if rule.spares_deals:
        open_ones = select(Opportunity.id).where(_deals_of_it(), Opportunity.closed_at.is_(None)).correlate(Customer)
        kept.append(~open_ones.execution_options(scoped=True).exists())
    return kept


def _deals_of_it() -> ColumnElement[bool]:
    return and_(Opportunity.customer_id == Customer.id, Opportunity.deleted_at.is_(None))


def deeds_of(rule: Rule) -> tuple[str, ...]:
    return (RETURN, WARN) if rule.warned_days else (RETURN,)


def goes_back_on(pools: Pools, customer: Customer) -> dt.date | None:
    """The day on which it goes back if nothing happens before; None where it stays."""
    rule = pools.of(customer.department_id)
    if rule.days is None or customer.owner_id is None or customer.deleted_at is not None:
        return None
    statement, heard = _asked(rule, CustomerHold.warned_at)
    asked = statement.where(Customer.id == customer.id, *_not_kept(rule, next_day())).add_columns(heard.label("heard"))
    row = db.session.execute(asked).first()
    if row is None:
        return None
    quiet_since, days = _day_of(row.heard), dt.timedelta(days=rule.days + 1)
    if not rule.warned_days:
        return max(quiet_since + days, next_day())
    is_warned = row.warned_at is not None and row.warned_at > row.heard
    warning = _day_of(row.warned_at) if is_warned else max(next_day(), quiet_since + days - _before(rule))
    return max(quiet_since + days, warning + _before(rule), next_day())


def _before(rule: Rule) -> dt.timedelta:
    return dt.timedelta(days=rule.warned_days)


def _day_of(moment: dt.datetime) -> dt.date:
    return moment.astimezone(ZoneInfo(company.timezone)).date()


def all_due(pools: Pools, day: dt.date, deed: str = "") -> Iterator[tuple[str, Rule, Select[Any]]]:
    """(deed, rule, who is meant), each of one department."""
    for rule, departments in pools.grouped():
        for department_id in departments:
            for each in deeds_of(rule):
                if each == deed or not deed:
                    yield each, rule, due(rule, department_id, each, day)


def still_due(pools: Pools, rows: Collection[Any], deed: str, day: dt.date) -> list[Any]:
    """Of these customers, whose rows are locked, those it is still done to, by the rule that counts for each now."""
    found: list[Any] = []
    for department_id in sorted({row.department_id for row in rows}, key=lambda each: each or 0):
        rule = pools.of(department_id)
        if rule.days is None or deed not in deeds_of(rule):
            continue
        ids = [row.id for row in rows if row.department_id == department_id]
        found += db.session.execute(due(rule, department_id, deed, day).where(Customer.id.in_(ids))).all()
    return found


MOST_COUNTED, SHOWN = 10_000, 50


def preview(actor: Actor, pools: Pools, deed: str, departments: Collection[int | None]) -> tuple[int, Sequence[Any]]:
    """(how many, at most MOST_COUNTED + 1; the first of them, the quietest first) of what the actor may see."""
    day, count = next_day(), 0
    first: list[Any] = []
    everything = actor.reach_of(Customer.read_permission) is Reach.ALL
    seen = () if everything else (Customer.id.in_(Customer.visible_to(actor).with_only_columns(Customer.id)),)
    for rule, known in pools.grouped():
        for department_id in (each for each in known if each in departments and deed in deeds_of(rule)):
            asked = due(rule, department_id, deed, day).where(*seen)
            some = select(func.count()).select_from(asked.limit(MOST_COUNTED + 1 - count).subquery())
            count += db.session.scalar(some.execution_options(scoped=True)) or 0
            first += db.session.execute(asked.order_by(_HEARD, Customer.id).limit(SHOWN)).all()
    return count, sorted(first, key=lambda each: each.heard)[:SHOWN]
