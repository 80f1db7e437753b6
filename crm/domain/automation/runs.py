"""The history of rules: written with what they do, asked for by administrators, tried again where it failed."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, literal_column, select

from crm.domain.automation.acting import MODULE, actor_for
from crm.domain.automation.events import RuleRunAgain
from crm.domain.automation.holding import holds_now
from crm.domain.automation.models import AutomationEvent, AutomationRule, AutomationRun, Decision
from crm.domain.automation.performing import Outcome, perform
from crm.domain.automation.rules import Rule, known, version_now
from crm.domain.automation.turn import Desk
from crm.infra import clock, json
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.bulk import copy_rows
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event, record
from crm.kernel.text import N_

ATTEMPTS = 8
PAGE = 50
_KEPT = {Decision.NOT: dt.timedelta(days=7)}
_KEPT_LONG = dt.timedelta(days=90)
_COLUMNS: tuple[str, ...] = ("rule_id", "version", "event_id", "occurred_at", "event", "subject_type", "subject_id")
_COLUMNS += ("decision", "source", "effects", "problem", "retry_at")


@dataclass(frozen=True)
class Noted:
    rule: Rule
    event: Event
    subject_id: int
    source: str | None
    outcome: Outcome


def write(noted: Sequence[Noted]) -> None:
    """By COPY, in the order in which they were decided: most rules most of the time find that they do not hold."""
    db.session.flush()
    if noted:
        copy_rows(AutomationRun.__tablename__, _COLUMNS, map(_row, noted))


def _row(each: Noted) -> tuple[Any, ...]:
    rule, event, outcome = each.rule, each.event, each.outcome
    said = (rule.id, rule.version, event.id, event.occurred_at, event.name, rule.type, each.subject_id)
    problem = json.dumps(outcome.problem) if outcome.problem else None
    again = _again(1) if outcome.decision == Decision.FAILED else None
    return (*said, outcome.decision.value, each.source, json.dumps(outcome.effects), problem, again)


def _again(attempts: int) -> dt.datetime | None:
    """Twice as long each time; None: it is given up and shown."""
    return clock.now() + dt.timedelta(seconds=2 ** (attempts + 2)) if attempts < ATTEMPTS else None


def waits() -> AutomationRun | None:
    """The run that is to be tried again first, locked until the transaction ends."""
    due = select(AutomationRun).where(AutomationRun.retry_at <= clock.now()).order_by(AutomationRun.retry_at)
    return db.session.scalars(due.limit(1).with_for_update(skip_locked=True)).first()


def retry_next() -> bool:
    """Try one again that failed, in the transaction under way; False where none is due."""
    run = waits()
    if run is None:
        return False
    version = version_now()
    rule = known(version).by_id.get(run.rule_id)
    event = db.session.get(Event, (run.occurred_at, run.event_id))
    actor = actor_for(rule, version) if rule is not None else None
    if rule is None or event is None or actor is None or MODULE not in actor.modules:
        run.retry_at = None  # switched off meanwhile
        return True
    desk, holds = Desk(), holds_now(rule, actor, run.subject_id)  # it may be another record by now
    if holds is True:
        outcome = perform(rule, actor, event, run.subject_id, run.source, desk)
        desk.tell()
    else:
        outcome = holds or Outcome(Decision.NOT)
    run.decision, run.version, run.attempts = outcome.decision.value, rule.version, run.attempts + 1
    run.effects, run.problem = outcome.effects, outcome.problem
    run.retry_at = _again(run.attempts) if outcome.decision == Decision.FAILED else None
    return True


def run_again(actor: Actor, run: AutomationRun) -> None:
    """At once, and again as often as a new one, where its conditions still hold."""
    if run.decision not in (Decision.FAILED, Decision.DENIED):
        raise RuleBroken(N_("Only what failed or was denied can be tried again."))
    rule = db.session.get_one(AutomationRule, run.rule_id)
    if not rule.active or rule.retired_at is not None:
        raise RuleBroken(N_("The rule is off, so nothing is tried again: switch it on first."))
    run.retry_at, run.attempts = clock.now(), 0
    record(actor, rule, RuleRunAgain(rule.name, run.id))


def history(rule_id: int | None, decision: str, before: int | None) -> Sequence[AutomationRun]:
    """The newest first, one more than a page."""
    asked = select(AutomationRun)
    if rule_id is not None:
        asked = asked.where(AutomationRun.rule_id == rule_id)
    if decision:
        asked = asked.where(AutomationRun.decision == decision)
    if before is not None:
        asked = asked.where(AutomationRun.id < before)
    return db.session.scalars(asked.order_by(AutomationRun.id.desc()).limit(PAGE + 1)).all()


def stuck() -> Sequence[AutomationEvent]:
    """What went wrong before any rule could decide, and is put off until it is tried again: the soonest first. By
    ix_automation_queue_due, since what merely waits has had its time."""
    put_off = select(AutomationEvent).where(AutomationEvent.run_at > func.now(), AutomationEvent.error.is_not(None))
    return db.session.scalars(put_off.order_by(AutomationEvent.run_at, AutomationEvent.id).limit(PAGE)).all()


def last_runs() -> dict[int, tuple[int, int]]:
    """Rule → how often it acted in the last seven days, and how often that failed."""
    since = AutomationRun.at >= clock.now() - dt.timedelta(days=7)
    acted = AutomationRun.decision != literal_column("'not'")  # written out, so that it is known to match the index
    done = func.count().filter(AutomationRun.decision == Decision.DONE.value)
    failed = func.count().filter(AutomationRun.decision.in_((Decision.FAILED, Decision.DENIED)))
    asked = select(AutomationRun.rule_id, done, failed).where(since, acted).group_by(AutomationRun.rule_id)
    rows = db.session.execute(asked)
    return {rule: (acted, wrong) for rule, acted, wrong in rows}


def forget_old(limit: int = 5_000) -> int:
    """Some of what is told long enough; returns how many."""
    now = clock.now()
    old = (AutomationRun.at < now - _KEPT_LONG) | (
        (AutomationRun.decision == Decision.NOT) & (AutomationRun.at < now - _KEPT[Decision.NOT])
    )
    some = select(AutomationRun.id).where(old).limit(limit).scalar_subquery()
    gone = db.session.execute(delete(AutomationRun).where(AutomationRun.id.in_(some)))
    return int(gone.rowcount)  # type: ignore[attr-defined]
