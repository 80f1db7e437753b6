"""The rules that the product comes with: off, whole, and doing what they say once somebody switches them on."""

from typing import Any

import pytest
from sqlalchemy import select

from crm.domain.automation import ruling
from crm.domain.automation.models import AutomationRule
from crm.domain.automation.shipped import RULES
from crm.domain.leads import actions as leads
from crm.domain.leads.converting import Chosen, convert
from crm.domain.leads.models import Lead
from crm.domain.opportunities.models import Opportunity
from crm.infra.db import db
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
