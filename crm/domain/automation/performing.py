"""What a rule does with one record: all its actions, or none of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from crm.domain.automation.deeds import DEEDS
from crm.domain.automation.digests import gather
from crm.domain.automation.models import Decision
from crm.domain.automation.rules import Rule
from crm.domain.automation.turn import Denied, Desk, Turn
from crm.domain.automation.whens import IMPORTS
from crm.domain.imports.models import Import
from crm.domain.notifications.actions import gathering
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event, Origin, origin
from crm.kernel.listening import as_run
from crm.kernel.text import N_

log = structlog.get_logger(__name__)
_STUMBLED = N_("Something went wrong that nobody expected: %(error)s")


@dataclass(frozen=True)
class Outcome:
    decision: Decision
    effects: list[dict[str, Any]] = field(default_factory=list)
    problem: dict[str, Any] | None = None
    touched: frozenset[str] | None = frozenset()  # the columns of the record that are otherwise now; None: who knows


def perform(  # noqa: PLR0913 - all that a rule acts on
    rule: Rule, actor: Actor, event: Event, subject_id: int, source: str | None, desk: Desk
) -> Outcome:
    """In a savepoint: what goes wrong leaves nothing behind but what is told of it."""
    told = len(desk.news)
    outcome = _tried(rule, actor, event, subject_id, source, desk)
    if outcome.decision != Decision.DONE:
        del desk.news[told:]
    return outcome


def _tried(  # noqa: PLR0913
    rule: Rule, actor: Actor, event: Event, subject_id: int, source: str | None, desk: Desk
) -> Outcome:
    try:
        with db.session.begin_nested():
            turn = _turn(rule, actor, event, subject_id, desk)
            if turn is None:
                return Outcome(Decision.NOT)
            before = _columns(turn.record)
            with _as_rule(rule, event):
                effects = _of_many(turn, source) if source else _done(turn)
            db.session.flush()
            touched = _touched(before, turn.record, effects)
    except Denied as problem:
        return Outcome(Decision.DENIED, problem=problem_of(problem))
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return Outcome(Decision.FAILED, problem=problem_of(error))
    except Exception as error:
        return Outcome(Decision.FAILED, problem=problem_of(error))
    return Outcome(Decision.DONE, effects, touched=touched)


def _columns(record: Any) -> dict[str, Any]:
    """What is known of it; to ask for the rest would be a question of its own."""
    return {key: value for key, value in vars(record).items() if not key.startswith("_")}


def _touched(before: Mapping[str, Any], record: Any, effects: list[dict[str, Any]]) -> frozenset[str] | None:
    """What is made besides may count for the record, as orders do for the value of a customer; tasks do not."""
    if any(each.get("made", ["tasks"])[0] != "tasks" for each in effects):
        return None
    after = _columns(record)
    if before.keys() - after.keys():  # something has been written behind its back
        return None
    return frozenset(key for key, value in after.items() if key not in before or before[key] != value)


def problem_of(error: Exception) -> dict[str, Any]:
    """As a page can tell it in any language."""
    if isinstance(error, Invalid | RuleBroken):
        params = {key: value for key, value in error.params.items() if key != "key"}
        return {"message": error.message, "params": {key: _plainly(value) for key, value in params.items()}}
    log.error("automation.failed", exc_info=error)
    return {"message": _STUMBLED, "params": {"error": type(error).__name__}}


def _plainly(value: Any) -> Any:
    return list(map(str, value)) if isinstance(value, list | tuple) else value if isinstance(value, int) else str(value)


def _turn(rule: Rule, actor: Actor, event: Event, subject_id: int, desk: Desk) -> Turn | None:
    """With the record locked, so that nobody changes it meanwhile."""
    record = desk.records.get((rule.type, rule.department_id, subject_id))
    if record is not None:
        return _made(rule, actor, event, record, desk)
    if rule.type == IMPORTS:
        with unscoped("a rule hears of everybody's imports and tells nobody what is in them"):
            record = db.session.get(Import, subject_id)
        return _made(rule, actor, event, record, desk) if record and record.record_type in RECORD_TYPES else None
    found = locked(actor, rule.type, {subject_id})
    return _made(rule, actor, event, found[0], desk) if found else None


def locked(actor: Actor, type_key: str, ids: Collection[int]) -> Sequence[Any]:
    """Those of the records that exist for the actor, as they are now."""
    entity = RECORD_TYPES[type_key].entity
    found = entity.visible_to(actor).where(entity.id.in_(sorted(ids))).order_by(entity.id)
    return db.session.scalars(found.with_for_update().execution_options(populate_existing=True)).all()


def _made(rule: Rule, actor: Actor, event: Event, record: Any, desk: Desk) -> Turn:
    type_ = RECORD_TYPES[record.record_type if rule.type == IMPORTS else rule.type].open_to(actor)
    return Turn(rule, actor, type_, record, event.id, event.occurred_at, event.actor_id, desk)


def _done(turn: Turn) -> list[dict[str, Any]]:
    effects = []
    for number, action in enumerate(turn.rule.actions):
        turn.number = number
        effects.append({"do": action["do"], **DEEDS[action["do"]].does(turn, action)})
    return effects


def _of_many(turn: Turn, source: str) -> list[dict[str, Any]]:
    """As part of an import or a change of many: whoever is to be told is told at its end."""
    with as_run(source, heard=True), gathering() as news:
        effects = _done(turn)
    if news:
        gather(source, turn.rule.type, turn.rule.id, news)
    return effects


@contextmanager
def _as_rule(rule: Rule, event: Event) -> Iterator[None]:
    """Every event of the block names the rule and what it acted on."""
    token = origin.set(Origin(reason=rule.name, caused_by=event.id))
    try:
        yield
    finally:
        origin.reset(token)
