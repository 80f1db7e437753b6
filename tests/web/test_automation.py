"""Rules written in words in the browser, without a script: step by step, tried, switched on, seen in the history."""

import re

import pytest
from sqlalchemy import select

from crm.domain.automation import ruling
from crm.domain.automation.models import AutomationRule, AutomationRun
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.tasks.models import Task
from crm.infra.db import db
from crm.jobs.outbox import empty_outbox
from crm.kernel.access import unscoped
from tests.domain.automation.making import made
from tests.web.test_tags import text_of

ROOT = "/admin/automation"


@pytest.fixture
def admin(cast):
    return cast.administrator.actor


def customer(who, **values):
    id_ = customers.create(who.actor, {"name": "Nordwind", **values})
    db.session.commit()
    with unscoped("a test looks at everything"):
        return db.session.get(Customer, id_)


def said(page):
    """The form as it stands, with what a browser would send back."""
    controls = re.findall(r'<(?:input|select)[^>]*name="([^"]+)"', page)
    return set(controls)


def test_an_administrator_writes_a_rule_step_by_step_and_sees_what_it_would_do(as_, cast, admin):
    ada = as_.administrator
    one = customer(cast.rep, level="c")
    customers.change(cast.rep.actor, one, {"level": "a"})
    db.session.commit()
    page = text_of(ada.get(f"{ROOT}/new"))
    assert {"name", "type", "department"} <= said(page) and "w-kind" not in said(page)
    form = {"name": "Good ones", "type": "customers", "was-type": "", "do": "more"}
    assert "w-kind" in said(text_of(ada.post(ROOT, form)))
    form |= {"was-type": "customers", "w-kind": "changed"}
    assert "w-field" in said(text_of(ada.post(ROOT, form)))
    form |= {"w-field": "level", "w-to": "a", "f0": "customer.level"}
    assert {"w-from", "w-to"} <= said(text_of(ada.post(ROOT, form)))
    form |= {"f0": "name", "o0": "contains", "v0": "wind", "a0-do": "task"}
    assert {"a0-title", "a0-days", "a0-whom", "a1-do"} <= said(text_of(ada.post(ROOT, form)))
    form |= {"a0-title": "Ring {name}", "a0-days": "1", "a0-whom": "owner", "a1-do": "notify", "a1-whom": "person"}
    assert "a1-person" in said(text_of(ada.post(ROOT, form)))
    form |= {"a1-person": "Nobody at all", "do": ""}
    refused = ada.post(ROOT, form)
    assert refused.status_code == 422 and "Nobody here is called" in text_of(refused)
    form |= {"a1-person": "max@example.com", "do": "more"}
    words = (
        "When “Level” of one of the customers changes to “A – key”, if Full name contains “wind”: make a task"
        " “Ring {name}” for the owner of the customer, due in 1 days; tell Max Manager."
    )
    assert words in text_of(ada.post(ROOT, form)).replace("&#34;", '"')
    saved = ada.post(ROOT, form | {"do": ""})
    rule = db.session.scalars(select(AutomationRule).where(AutomationRule.name == "Good ones")).one()
    assert saved.location == f"{ROOT}/{rule.id}/trial" and not rule.active
    trial = text_of(ada.get(saved.location))
    assert "been asked: 1." in trial and "have held: 1." in trial and f'href="/customers/{one.id}"' in trial
    ada.post(f"{ROOT}/{rule.id}/switch", {"on": "1"})
    customers.change(cast.rep.actor, one, {"level": "b"})
    customers.change(cast.rep.actor, one, {"level": "a"})
    db.session.commit()
    assert empty_outbox() > 0
    history = text_of(ada.get(f"{ROOT}/history?rule={rule.id}&decision=done"))
    assert "Nordwind" in history and "Make a task: Sam 王" in history and "B – regular → A – key" in history
    assert words in text_of(ada.get(f"{ROOT}/{rule.id}/versions/1"))
    with unscoped("a test looks at everything"):
        task = db.session.scalars(select(Task)).one()
    assert task.name == "Ring Nordwind"
    assert "Automation rule “Good ones”" in text_of(as_.rep.get(f"/tasks/{task.id}"))
    assert "Automation rule “Good ones”" in text_of(as_.auditor.get("/audit"))
    told = text_of(as_.manager.get("/notifications/"))
    assert "Good ones: Nordwind" in told
    edited = text_of(ada.get(f"{ROOT}/{rule.id}"))
    assert 'value="Ring {name}"' in edited and 'value="Max Manager (max@example.com)"' in edited


def test_rules_are_moved_changed_switched_off_and_removed(as_, cast, admin):
    ada = as_.administrator
    first, second = (made(admin, {"kind": "created"}, {"do": "notify", "whom": "owner"}, name=n) for n in "AB")
    ada.post(f"{ROOT}/{second.id}/place", {"way": "up"})
    assert [each.name for each in ruling.all_rules()][-2:] == ["B", "A"]
    form = {
        "name": "A2",
        "type": "customers",
        "was-type": "customers",
        "w-kind": "imported",
        "a0-do": "tag",
        "a0-tag": "x",
    }
    assert ada.post(f"{ROOT}/{first.id}", form).status_code == 303
    assert (first.version, first.name, first.definition["when"]) == (2, "A2", {"kind": "imported"})
    was = text_of(ada.get(f"{ROOT}/{first.id}/versions/1"))
    assert "one of the customers is made" in was and "A, version 1" in was
    ada.post(f"{ROOT}/{second.id}/switch", {"on": "0"})
    ada.post(f"{ROOT}/{first.id}/retirement")
    customer(cast.rep)
    assert not db.session.query(AutomationRun).count() and ada.get(f"{ROOT}/{first.id}").status_code == 404
    page = text_of(ada.get(ROOT))
    assert "New and not followed up for three days" in page and ">A2<" not in page


def test_nobody_else_comes_near_and_where_the_module_is_off_nothing_acts(as_, cast, admin):
    rule = made(admin, {"kind": "created"}, {"do": "notify", "whom": "owner"})
    for who in ("manager", "rep", "agent", "outsider"):
        for path in ("", "/new", f"/{rule.id}", f"/{rule.id}/trial", "/history"):
            assert getattr(as_, who).get(f"{ROOT}{path}").status_code == 403
        assert getattr(as_, who).get("/admin/webhooks").status_code == 403
    as_.administrator.post("/admin/modules/automation", {"where": "nobody"})
    customer(cast.rep)
    empty_outbox()
    assert not db.session.query(AutomationRun).count()


def test_what_failed_is_shown_and_tried_again_by_hand(as_, cast, admin):
    rule = made(admin, {"kind": "created"}, {"do": "assign", "whom": f"person:{cast.outsider.id}"})
    cast.outsider.active = False
    one = customer(cast.rep)
    empty_outbox()
    page = text_of(as_.administrator.get(f"{ROOT}/history?decision=failed"))
    assert "There is nobody to give it to" in page and "Try again" in page
    cast.outsider.active = True
    run = db.session.query(AutomationRun).filter_by(rule_id=rule.id).one()
    as_.administrator.post(f"{ROOT}/history/{run.id}/again")
    from crm.jobs.automation import tick

    tick()
    db.session.refresh(one)
    assert (run.decision, one.owner_id) == ("done", cast.outsider.id)
