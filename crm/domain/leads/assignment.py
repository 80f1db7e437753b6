"""Who gets leads that come in without an owner: the administrator's rules, in their order, in the same transaction."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update

from crm.domain.leads.choices import OPEN
from crm.domain.leads.conditions import criterion_of, makes_sense
from crm.domain.leads.events import LeadAssigned
from crm.domain.leads.models import Lead
from crm.domain.leads.rule_models import LOAD, POOL, REGION, AssignmentRule
from crm.domain.leads.scoring import among
from crm.domain.people.models import Person
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.events import Fact, record_many


def rules() -> Sequence[AssignmentRule]:
    statement = select(AssignmentRule).where(AssignmentRule.retired_at.is_(None))
    return db.session.scalars(statement.order_by(AssignmentRule.position, AssignmentRule.id)).all()


def assign(actor: Actor, ids: Collection[int]) -> None:
    """Of these new leads those that have no owner. What no rule fits stays in the pool it came into."""
    known = rules()
    waiting = _unowned(ids) if known else {}
    for rule in known:
        if waiting and all(makes_sense(actor, each) for each in rule.conditions):
            fitting = _fitting(actor, rule, waiting)
            given = _Turn(rule).give({id_: waiting[id_] for id_ in fitting}) if fitting else {}
            _keep(actor, rule, given)
            waiting = {id_: region for id_, region in waiting.items() if id_ not in given}


def _unowned(ids: Collection[int]) -> dict[int, str | None]:
    """Lead → its region."""
    statement = select(Lead.id, Lead.region_code).where(among(ids), Lead.owner_id.is_(None)).order_by(Lead.id)
    return {row.id: row.region_code for row in db.session.execute(statement.execution_options(scoped=True))}


def _fitting(actor: Actor, rule: AssignmentRule, waiting: Mapping[int, Any]) -> Sequence[int]:
    criteria = [criterion_of(actor, each) for each in rule.conditions]
    statement = select(Lead.id).where(among(waiting), *criteria).order_by(Lead.id)
    return db.session.scalars(statement.execution_options(scoped=True)).all()


class _Turn:
    """One rule with its row locked: whoever brings in leads at the same moment waits, and nobody gets two turns."""

    def __init__(self, rule: AssignmentRule) -> None:
        self.rule = db.session.get_one(AssignmentRule, rule.id, populate_existing=True, with_for_update=True)
        wanted = [each["person"] for each in self.rule.people]
        there = set(db.session.scalars(select(Person.id).where(Person.id.in_(wanted), Person.active)))
        self.people = [each for each in self.rule.people if each["person"] in there]

    def give(self, leads: Mapping[int, str | None]) -> dict[int, int | None]:
        """Lead → owner; None: into the rule's pool. What is not in it is left to the rules that follow."""
        if self.rule.way == POOL:
            return dict.fromkeys(leads)
        if self.rule.way == LOAD:
            return self._by_load(leads)
        given: dict[int, int | None] = {}
        for id_, region in leads.items():
            if among_whom := self._for(region) if self.rule.way == REGION else self.people:
                given[id_] = among_whom[self.rule.turn % len(among_whom)]["person"]
                self.rule.turn += 1
        return given

    def _for(self, region: str | None) -> list[dict[str, Any]]:
        """Those who look after the smallest area that the region lies in."""
        near = [each for each in self.people if each["region"] and (region or "").startswith(each["region"])]
        longest = max((len(each["region"]) for each in near), default=0)
        return [each for each in near if len(each["region"]) == longest]

    def _by_load(self, leads: Mapping[int, Any]) -> dict[int, int | None]:
        ids = [each["person"] for each in self.people]
        counted = (
            select(Lead.owner_id, func.count())
            .where(Lead.owner_id.in_(ids), Lead.status.in_(OPEN), Lead.deleted_at.is_(None))
            .group_by(Lead.owner_id)
            .execution_options(scoped=True)
        )
        load = Counter(dict.fromkeys(ids, 0)) + Counter(dict(db.session.execute(counted).all()))
        given: dict[int, int | None] = {}
        for id_ in leads if ids else ():
            least = min(ids, key=lambda each: load[each])
            given[id_] = least
            load[least] += 1
        return given


def _keep(actor: Actor, rule: AssignmentRule, given: Mapping[int, int | None]) -> None:
    owners = {owner for owner in given.values() if owner is not None}
    statement = select(Person.id, Person.name, Person.department_id).where(Person.id.in_(owners))
    people = {row.id: row for row in db.session.execute(statement)}
    for owner in {*given.values()}:
        ids = [id_ for id_, to in given.items() if to == owner]
        department = rule.department_id if owner is None else people[owner].department_id
        values = {"owner_id": owner, "department_id": department, "rule_id": rule.id}
        change = update(Lead).where(among(ids)).values(values)
        db.session.execute(change.execution_options(scoped=True, synchronize_session=False))
    facts: list[tuple[int, Fact]] = [
        (id_, LeadAssigned(rule.name, {"owner": [None, owner]} if owner else {})) for id_, owner in given.items()
    ]
    record_many(actor, "leads", facts)
