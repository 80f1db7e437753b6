"""Rules that go by the clock: dates reached, and turns of a day, a week or a month.

A worker asks for what is due and puts it into the queue, where it is dealt with like any other event. Dates are asked
for every hour from the rule's hour on, so that one which is filled in today is not missed; `automation_waits` knows
those of each record that have come.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from crm.domain.automation.acting import MODULE, actor_for
from crm.domain.automation.asking import meeting
from crm.domain.automation.events import RuleDue
from crm.domain.automation.models import AutomationRule, AutomationWait
from crm.domain.automation.rules import Rule, known, version_now
from crm.domain.automation.whens import DATE, DAY, MONTH, WEEK
from crm.domain.people.actions import SYSTEM
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.bulk import copy_rows
from crm.kernel.company import company
from crm.kernel.errors import Invalid
from crm.kernel.events import record
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.text import N_

log = structlog.get_logger(__name__)
_CAUGHT_UP = 7  # days that a date may have passed while nothing ran
DATES = (FieldKind.DATE, FieldKind.DATETIME)


def next_at(when: Mapping[str, Any], now: dt.datetime) -> dt.datetime:
    """The next time it is asked, after now."""
    here = now.astimezone(ZoneInfo(company.timezone))
    first = here.replace(hour=int(when["hour"]), minute=0, second=0, microsecond=0)
    if when["kind"] == DATE:
        hour = here.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
        return max(hour, hour.replace(hour=int(when["hour"])))
    while first <= here or not is_turn(when, first.date()):
        first += dt.timedelta(days=1)
    return first


def is_turn(when: Mapping[str, Any], day: dt.date) -> bool:
    match when["every"]:
        case "week":
            return day.isoweekday() == int(when["on"])
        case "month":
            return day.day == int(when["on"])
    return True


EVERY = (DAY, WEEK, MONTH)


def waits() -> AutomationRule | None:
    """The rule that is due longest, locked until the transaction ends."""
    due = select(AutomationRule).where(AutomationRule.next_at <= clock.now()).order_by(AutomationRule.next_at)
    return db.session.scalars(due.limit(1).with_for_update(skip_locked=True)).first()


def tick() -> bool:
    """Ask for one rule whose time has come, in the transaction under way; False where there is none."""
    row = waits()
    if row is None:
        return False
    version, today = version_now(), company.today()
    rule = known(version).by_id.get(row.id)
    if rule is None:
        row.next_at = None
        return True
    actor = actor_for(rule, version)
    too_early = clock.now().astimezone(ZoneInfo(company.timezone)).hour < int(rule.when["hour"])  # it is late, not due
    if not too_early and actor.modules.issuperset((MODULE, rule.type)):
        try:
            with db.session.begin_nested():
                _queue(row, due_for(rule, actor, row.asked_on, today))
        except Invalid:
            pass  # a field that it asks for is not there any more: the page of the rule says so
        except Exception as error:  # one that cannot be asked must not keep the others from their time
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            log.exception("automation.not_asked", rule_id=row.id)
    row.asked_on = row.asked_on if too_early else today
    row.next_at = next_at({**rule.when, "every": DAY} if too_early else rule.when, clock.now())
    return True


def due_for(rule: Rule, actor: Actor, asked_on: dt.date | None, today: dt.date) -> Sequence[tuple[int, dt.date]]:
    """(record, the day it is due) of all that meet the conditions."""
    if rule.when["kind"] == DATE:
        since = max(today - dt.timedelta(days=_CAUGHT_UP), (asked_on or today) + dt.timedelta(days=1))
        return dates_between(rule, actor, min(since, today), today)
    return [(id_, today) for id_ in db.session.scalars(meeting(actor, rule.type, rule.conditions))]


def date_field(actor: Actor, type_key: str, key: str) -> Field | None:
    field = RECORD_TYPES[type_key].list.open_to(actor).by_key.get(key)
    return field if field is not None and field.kind in DATES and not field.masked else None


def dates_between(rule: Rule, actor: Actor, first: dt.date, last: dt.date) -> Sequence[tuple[int, dt.date]]:
    """Records whose date, so many days on (or, below 0, before), is one of these."""
    field = date_field(actor, rule.type, rule.when["field"])
    if field is None or field.column is None:
        raise Invalid(N_("There is no field called “%(field)s”."), field=rule.when["field"])
    days = dt.timedelta(days=int(rule.when["days"]))
    begins, ends = (_as_kept(field, each - days) for each in (first, last + dt.timedelta(days=1)))
    found = meeting(actor, rule.type, rule.conditions).add_columns(field.column)
    found = found.where(field.column >= begins, field.column < ends)
    return [(id_, _day(value) + days) for id_, value in db.session.execute(found)]


def _as_kept(field: Field, day: dt.date) -> Any:
    if field.kind is FieldKind.DATE:
        return day
    return dt.datetime.combine(day, dt.time(), ZoneInfo(company.timezone))


def _day(value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.astimezone(ZoneInfo(company.timezone)).date()
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def forget_old(limit: int = 5_000) -> int:
    """Some of the days that no rule asks for any more; returns how many."""
    before = company.today() - dt.timedelta(days=2 * _CAUGHT_UP)
    old = select(AutomationWait.rule_id, AutomationWait.subject_id, AutomationWait.due_on)
    old = old.where(AutomationWait.due_on < before).limit(limit)
    key = tuple_(AutomationWait.rule_id, AutomationWait.subject_id, AutomationWait.due_on)
    return int(db.session.execute(delete(AutomationWait).where(key.in_(old))).rowcount)  # type: ignore[attr-defined]


def _queue(row: AutomationRule, due: Sequence[tuple[int, dt.date]]) -> None:
    rows = [{"rule_id": row.id, "subject_id": id_, "due_on": day} for id_, day in due]
    new: list[int] = []
    for at in range(0, len(rows), 5_000):
        kept = insert(AutomationWait).values(rows[at : at + 5_000]).on_conflict_do_nothing()
        new += db.session.scalars(kept.returning(AutomationWait.subject_id))
    if not new:
        return
    event = record(SYSTEM, row, RuleDue(row.name, len(new)))
    db.session.flush()
    columns = ("event_id", "occurred_at", "rule_id", "subject_id")
    copy_rows("automation_queue", columns, ((event.id, event.occurred_at, row.id, id_) for id_ in sorted(new)))
