"""Whether the conditions of rules hold, asked of the database for many records at once."""

import datetime as dt
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from crm.domain.automation.acting import actor_for
from crm.domain.automation.asking import OF_CUSTOMER, Condition, meeting
from crm.domain.automation.models import Decision
from crm.domain.automation.performing import Outcome, problem_of
from crm.domain.automation.rules import Rule
from crm.domain.automation.whens import ENTERED, IMPORTS
from crm.domain.imports.models import Import
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.company import company
from crm.kernel.fields import Field

if TYPE_CHECKING:
    from crm.domain.automation.batch import Concern


@lru_cache(512)
def _statement(rule: Rule, version: int, asks: bool, day: dt.date) -> Any:
    """Made once a rule, version of the shape and day: the values of conditions are resolved here."""
    actor = actor_for(rule, version)
    found = meeting(actor, rule.type, (*rule.conditions, *(moment_of(rule, actor) if asks else ())))
    return found.where(RECORD_TYPES[rule.type].entity.id.in_(bindparam("ids", expanding=True)))


def moment_of(rule: Rule, actor: Actor) -> tuple[Condition, ...]:
    """What the record itself must tell where the event does not say that it is the moment."""
    return ((rule.when["field"], "is", _typed(rule, actor)),) if rule.when["kind"] == ENTERED else ()


def _typed(rule: Rule, actor: Actor) -> str:
    """What is entered, as a filter has it."""
    field: Field | None = RECORD_TYPES[rule.type].open_to(actor).by_key().get(rule.when["field"])
    value = rule.when["to"]
    if field is not None and field.source is not None:
        return str(field.source.labels(actor, [value]).get(value, value))
    return "yes" if value is True else "no" if value is False else str(value)


Touched = frozenset[str] | None
_REACH = frozenset({"owner_id", "department_id", "deleted_at"})


@lru_cache(512)
def _columns(rule: Rule, version: int) -> frozenset[str]:
    """Of the record, all that decides whether the conditions hold and whether the rule sees it."""
    fields = RECORD_TYPES[rule.type].list.open_to(actor_for(rule, version)).by_key if rule.type != IMPORTS else {}
    asked = {key for key, _, _ in rule.conditions} | {rule.when.get("field", "")}
    known = (fields[key] for key in asked if key in fields)
    return _REACH | {"custom" if each.custom else str(getattr(each.column, "key", "")) for each in known}


class Holding:
    """What has been asked, and what of it may be otherwise since a rule has acted."""

    def __init__(self) -> None:
        self.meet: dict[tuple[int, bool], set[int]] = {}
        self.there: dict[tuple[str, int | None], set[int]] = {}
        self.failed: dict[tuple[int, bool], Outcome] = {}
        self.stale: dict[tuple[str, int], list[Touched]] = {}
        self.asked: dict[tuple[int, bool, int], int] = {}  # (rule, asks, record) → how much was stale when it was asked

    def ask(self, concerns: Sequence["Concern"]) -> None:
        by_rule: dict[tuple[Rule, bool], set[int]] = {}  # with the moment itself asked for, or without
        actors = {each.rule: each.actor for each in concerns}
        for each in concerns:
            by_rule.setdefault((each.rule, each.asks), set()).add(each.subject_id)
        try:
            with db.session.begin_nested():
                for (rule, asks), ids in by_rule.items():
                    self._keep(rule, actors[rule], asks, ids, _meeting(rule, actors[rule], asks, ids))
        except Exception:  # one of them makes no sense any more: each by itself
            self.meet, self.there = {}, {}
            for (rule, asks), ids in by_rule.items():
                self._ask(rule, actors[rule], asks, ids)

    def _ask(self, rule: Rule, actor: Actor, asks: bool, ids: Collection[int]) -> None:
        key = (rule.id, asks)
        try:
            with db.session.begin_nested():
                met = _meeting(rule, actor, asks, ids)
        except Exception as error:  # such as a field that is not there any more
            self.failed[key] = Outcome(Decision.FAILED, problem=problem_of(error))
            return
        self._keep(rule, actor, asks, ids, met)

    def _keep(self, rule: Rule, actor: Actor, asks: bool, ids: Collection[int], met: set[int]) -> None:
        key = (rule.id, asks)
        self.meet[key] = self.meet.get(key, set()) | met
        where = (rule.type, rule.department_id)
        missing = set(ids) - met - self.there.get(where, set())
        self.there[where] = self.there.get(where, set()) | met | (_there(rule, actor, missing) if missing else set())

    def of(self, each: "Concern") -> "bool | None | Outcome":
        """Whether they hold; None where the record does not exist for the rule; how it went wrong, if it did."""
        key, where = (each.rule.id, each.asks), (each.rule.type, each.rule.department_id)
        if self._is_stale(each):
            self.meet.get(key, set()).discard(each.subject_id)
            self.there.get(where, set()).discard(each.subject_id)
            self._ask(each.rule, each.actor, each.asks, {each.subject_id})
        if key in self.failed:
            return self.failed[key]
        if each.subject_id not in self.there.get(where, set()):
            return None
        return each.subject_id in self.meet.get(key, set())

    def holds(self, each: "Concern") -> bool:
        """As it was asked first."""
        return each.subject_id in self.meet.get((each.rule.id, each.asks), ())

    def _is_stale(self, each: "Concern") -> bool:
        """Whether anything was changed, since it was asked, that the rule asks of."""
        touched = self.stale.get((each.rule.type, each.subject_id), [])
        if each.rule.type != "customers" and any(key.startswith(OF_CUSTOMER) for key, _, _ in each.rule.conditions):
            touched = [*touched, *([None] if any(type_ == "customers" for type_, _ in self.stale) else [])]
        asked = (each.rule.id, each.asks, each.subject_id)
        since = touched[self.asked.get(asked, 0) :]
        self.asked[asked] = len(touched)
        columns = _columns(each.rule, each.actor.shape) if since else frozenset()
        return any(some is None or not columns.isdisjoint(some) for some in since)

    def forget(self, type_key: str, record_id: int, touched: "Touched") -> None:
        """Something was done with it: these columns of it are otherwise now, or None: whatever there is."""
        self.stale.setdefault((type_key, record_id), []).append(touched)


def holds_now(rule: Rule, actor: Actor, record_id: int) -> "bool | Outcome":
    """Of one record, for whoever tries again; how it went wrong, if it did."""
    try:
        with db.session.begin_nested():
            return record_id in _meeting(rule, actor, False, {record_id})
    except Exception as error:
        return Outcome(Decision.FAILED, problem=problem_of(error))


def _meeting(rule: Rule, actor: Actor, asks: bool, ids: Collection[int]) -> set[int]:
    if rule.type == IMPORTS:
        return _there(rule, actor, ids)
    statement = _statement(rule, actor.shape, asks, company.today())
    return set(db.session.scalars(statement, {"ids": sorted(ids)}))


def _there(rule: Rule, actor: Actor, ids: Collection[int]) -> set[int]:
    if rule.type == IMPORTS:
        with unscoped("a rule hears of everybody's imports and tells nobody what is in them"):
            return set(db.session.scalars(select(Import.id).where(Import.id.in_(ids))))
    entity = RECORD_TYPES[rule.type].entity
    found = entity.visible_to(actor).where(entity.id.in_(ids)).with_only_columns(entity.id)
    return set(db.session.scalars(found))
