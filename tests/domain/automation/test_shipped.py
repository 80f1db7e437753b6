"""The rules that the product comes with: off, whole, and doing what they say once somebody switches them on."""

from typing import Any

import pytest
from sqlalchemy import select

from crm.domain.automation import ruling
from crm.domain.automation.models import AutomationRule
from crm.domain.automation.shipped import RULES
from crm.domain.customers import actions as customers
from crm.domain.leads import actions as leads
from crm.domain.leads.converting import Chosen, convert
from crm.domain.leads.models import Lead
from crm.domain.notifications.models import Notification
from crm.domain.opportunities.models import Opportunity
from crm.domain.people.actions import SYSTEM
from crm.domain.tasks.models import Task
from crm.domain.tickets import actions as tickets
from crm.domain.tickets.events import SolutionLate
from crm.domain.tickets.models import Ticket
from crm.infra.db import db
from crm.kernel.events import record
from tests.domain.automation.making import decisions, worked
from tests.domain.automation.test_reacting import all_of


@pytest.fixture
def admin(cast: Any) -> Any:
    return cast.administrator.actor


def shipped(key: str) -> AutomationRule:
    return db.session.scalars(select(AutomationRule).where(AutomationRule.key == key)).one()


def won(who: Any, name: str, **chosen: Any) -> Lead:
    id_ = leads.create(who.actor, {"name": name, "company": f"{name} GmbH"})
    lead = db.session.scalars(Lead.visible_to(who.actor).where(Lead.id == id_)).one()
    convert(who.actor, lead, Chosen(**chosen))
    db.session.flush()
    return lead


def test_they_are_there_and_off(cast: Any) -> None:
    rules = [shipped(each.key) for each in RULES]
    assert [each.active for each in rules] == [False] * len(RULES)
    assert [each.definition for each in rules] == [each.definition() for each in RULES]


def test_each_can_be_switched_on_by_an_administrator(cast: Any, admin: Any) -> None:
    for each in RULES:
        ruling.switch(admin, shipped(each.key), on=True)
    assert all(shipped(each.key).active for each in RULES)


def test_a_lead_that_is_won_without_a_deal_gets_its_opportunity(cast: Any, admin: Any) -> None:
    rule = shipped("lead_won")
    ruling.switch(admin, rule, on=True)
    without = won(cast.rep, "Ohne")
    won(cast.rep, "Mit", opportunity={"name": "Chosen by hand"})
    worked()
    assert decisions(rule) == ["done", "not"]
    made = {each.name: each for each in all_of(Opportunity)}
    assert set(made) == {"Chosen by hand", "Ohne"}
    assert (made["Ohne"].customer_id, made["Ohne"].owner_id) == (without.customer_id, cast.rep.id)


def test_a_pressing_complaint_asks_sales(cast: Any, admin: Any) -> None:
    rule = shipped("complaint_needs_sales")
    ruling.switch(admin, rule, on=True)
    acme = customers.create(cast.rep.actor, {"name": "Acme"})
    values = {"name": "It smokes", "type": "complaint", "customer": acme}
    pressing, other = (tickets.create(admin, values | {"priority": each}) for each in ("urgent", "low"))
    worked()
    assert decisions(rule) == ["done", "not"]
    kept = {each.id: each for each in all_of(Ticket)}
    assert kept[pressing].needs_sales and not kept[other].needs_sales
    (task,) = all_of(Task)
    assert (task.id, task.owner_id) == (kept[pressing].sales_task_id, cast.rep.id)


def test_what_is_late_is_told_to_those_in_charge(cast: Any, admin: Any) -> None:
    rule = shipped("ticket_late")
    ruling.switch(admin, rule, on=True)
    id_ = tickets.create(admin, {"name": "Old", "owner": cast.rep.id})
    (ticket,) = all_of(Ticket)
    record(SYSTEM, ticket, SolutionLate(percent=100, told=""))
    worked()
    assert decisions(rule) == ["done"]
    mine = select(Notification.subject_id).where(Notification.person_id == cast.manager.id)
    assert db.session.scalars(mine.where(Notification.rule_id == rule.id)).all() == [id_]
