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


def test_what_no_rule_could_decide_about_is_shown(as_, cast, admin):
    made(admin, {"kind": "created"}, {"do": "notify", "whom": "owner"})
    customer(cast.rep)
    assert "Could not be dealt with" not in text_of(as_.administrator.get(f"{ROOT}/history"))
    stumbled = "UPDATE automation_queue SET attempts = 3, error = 'KeyError(secret)', run_at = now() + interval '1 h'"
    db.session.execute(db.text(stumbled))
    db.session.commit()
    page = text_of(as_.administrator.get(f"{ROOT}/history"))
    assert "Could not be dealt with" in page and "KeyError · Attempts: 3." in page and "secret" not in page
    assert "Sam 王" in page


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


def test_several_values_of_a_condition_are_ticked_and_come_back_ticked(as_, cast, admin):
    form = {"name": "Several", "type": "customers", "was-type": "customers", "w-kind": "created", "f0": "level"}
    form |= {"o0": "in", "v0": ["a", "b"], "a0-do": "notify", "a0-whom": "owner"}
    assert as_.administrator.post(ROOT, form).status_code == 303
    rule = db.session.scalars(select(AutomationRule).where(AutomationRule.name == "Several")).one()
    assert rule.definition["conditions"] == [["level", "in", "a,b"]]
    page = text_of(as_.administrator.get(f"{ROOT}/{rule.id}"))
    assert len(re.findall(r'name="v0" value="[ab]"[^>]* checked', page)) == 2


def test_a_webhook_is_added_with_its_secret_shown_once(as_, app, cast):
    ada = as_.administrator
    for url in ("http://93.184.216.34/", "https://127.0.0.1/", "https://nobody.invalid/"):
        refused = ada.post("/admin/webhooks", {"name": "Warehouse", "url": url})
        assert refused.status_code == 422 and url in text_of(refused) and 'value="Warehouse"' in text_of(refused)
    made_ = text_of(ada.post("/admin/webhooks", {"name": "Warehouse", "url": "https://93.184.216.34/x"}))
    secret = re.search(r"whsec_[\w+/=]+", made_)[0]
    page = text_of(ada.get("/admin/webhooks"))
    assert "Warehouse" in page and secret not in page
    hook = db.session.execute(db.text("SELECT id FROM webhook_endpoints")).scalar()
    rule = made(cast.administrator.actor, {"kind": "created"}, {"do": "webhook", "endpoint": str(hook)})
    customer(cast.rep)
    empty_outbox()
    sent = text_of(ada.get(f"/admin/webhooks/{hook}"))
    assert f"msg_{rule.id}-" in sent and "waits" in sent
    delivery = db.session.execute(db.text("UPDATE webhook_deliveries SET run_at = NULL RETURNING id")).scalar()
    db.session.commit()
    assert "given up" in text_of(ada.get(f"/admin/webhooks/{hook}"))
    assert ada.post(f"/admin/webhooks/deliveries/{delivery}/again").status_code == 303
    ada.post(f"/admin/webhooks/{hook}/retirement")
    assert ada.get(f"/admin/webhooks/{hook}").status_code == 404


def test_whoever_gets_a_digest_sees_what_came_in_and_nobody_else_does(as_, cast, admin):
    from crm.domain.automation.models import AutomationDigest
    from tests.domain.imports.work import checked, csv_of

    shipped = db.session.scalars(select(AutomationRule).where(AutomationRule.key == "import_finished")).one()
    ruling.switch(admin, shipped, on=True)
    import_ = checked(cast.rep.actor, csv_of([["Ostwind", "", "a"], ["Westwind", "", ""]]))
    page = text_of(as_.rep.get(f"/imports/{import_.id}/check"))
    assert re.search(r'name="automates"(?![^>]*checked)', page)
    as_.rep.post(f"/imports/{import_.id}/run", {"duplicates": "create"})
    from crm.jobs.imports import sweep

    sweep()
    empty_outbox()
    told = text_of(as_.rep.get("/notifications/"))
    digest = db.session.query(AutomationDigest).one()
    assert "Many records at once: Customers: 2" in told and f"/automation_digests/{digest.id}" in told
    shown = text_of(as_.rep.get(f"/automation_digests/{digest.id}"))
    assert "Ostwind" in shown and "Westwind" in shown and "Came in as yours: Customers" in shown
    assert as_.manager.get(f"/automation_digests/{digest.id}").status_code == 404


def test_a_change_of_many_asks_whether_rules_are_to_hear_of_it(as_, cast, admin):
    from crm.jobs.bulk import sweep

    rule = made(admin, {"kind": "changed", "field": "level"}, {"do": "notify", "whom": "owner"})
    one = customer(cast.rep)
    page = text_of(as_.rep.get(f"/bulk/customers/new?id={one.id}&what=edit:level"))
    for chosen in ({}, {"automates": "1"}):
        form = {"id": str(one.id), "what": "edit:level", "level": "a" if chosen else "b", **chosen}
        assert as_.rep.post("/bulk/customers", form).status_code == 303
        sweep()
        empty_outbox()
        assert db.session.query(AutomationRun).filter_by(rule_id=rule.id).count() == len(chosen)
    assert 'name="automates"' in page


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_delivered_rule_is_edited_as_any_and_saved_unchanged_is_unchanged(as_, app, cast, admin, language):
    cast.administrator.language = language
    db.session.commit()
    for rule in ruling.all_rules():
        page = text_of(as_.administrator.get(f"{ROOT}/{rule.id}"))
        form = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.partition('id="rule-form"')[2]))
        for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
            form[name] = (re.findall(r'value="([^"]*)"[^>]* selected', options) or [""])[0]
        assert as_.administrator.post(f"{ROOT}/{rule.id}", form).status_code == 303, rule.key
        assert (rule.version, rule.key is not None) == (1, True), (rule.key, form)
