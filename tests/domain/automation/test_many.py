"""Imports and changes of many records: rules hear of them where somebody chose so, and tell everybody once."""

from typing import Any

import pytest
from sqlalchemy import select

from crm.domain.automation import ruling
from crm.domain.automation.models import AutomationDigest, AutomationRule, AutomationRun
from crm.domain.bulk import actions as bulk
from crm.domain.bulk.deeds import DEEDS
from crm.domain.customers import actions as customers
from crm.domain.customers.actions import create_many
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.imports import actions as imports
from crm.domain.notifications.models import Notification
from crm.infra.db import db
from crm.jobs.bulk import sweep as sweep_changes
from crm.jobs.imports import sweep
from crm.kernel.asking import Query
from tests.domain.automation.making import decisions, made, worked
from tests.domain.imports.work import HEADINGS, again, checked, csv_of, uploaded

ROWS = [["Eins", "", "a"], ["Zwei", "", "a"], ["Drei", "", "b"]]


@pytest.fixture
def admin(cast: Any) -> Any:
    return cast.administrator.actor


def imported(who: Any, *, automates: bool, owner: str = "") -> Any:
    rows = [[*row, owner] if owner else row for row in ROWS]
    headings = (*HEADINGS[:3], "owner") if owner else HEADINGS[:3]
    import_ = checked(who.actor, csv_of(rows, headings), dict(enumerate(headings)))
    imports.start(who.actor, import_, duplicates="create", automates=automates)
    db.session.commit()
    sweep()
    worked()
    return import_


def told() -> list[tuple[int, str]]:
    return [(each.person_id, each.kind) for each in db.session.query(Notification).order_by(Notification.id)]


def test_no_rule_hears_of_an_import_unless_somebody_chose_so(cast: Any, admin: Any) -> None:
    rule = made(admin, {"kind": "imported"}, {"do": "set", "field": "remarks", "value": "x"})
    entered = made(
        admin,
        {"kind": "entered", "field": "level", "to": "a"},
        {"do": "task", "title": "T", "days": "0", "whom": "owner"},
        {"do": "notify", "whom": "owner"},
    )
    imported(cast.rep, automates=False)
    assert not db.session.query(AutomationRun).count() and told() == []
    import_ = imported(cast.manager, automates=True, owner="sam@example.com")
    assert (decisions(rule), decisions(entered)) == (["done"] * 3, ["done"] * 2)
    assert told() == [(cast.rep.id, "automated_digest")]  # not one for each row, nor one for each task
    digest = db.session.query(AutomationDigest).one()
    assert (digest.source, digest.counts) == (f"imports:{import_.id}", {str(entered.id): 4})


def test_the_delivered_rule_tells_each_owner_once_what_came_in(cast: Any, admin: Any) -> None:
    rule = db.session.scalars(select(AutomationRule).where(AutomationRule.key == "import_finished")).one()
    ruling.switch(admin, rule, on=True)
    made(admin, {"kind": "imported"}, {"do": "notify", "whom": "owner"})
    import_ = imported(cast.manager, automates=True, owner="sam@example.com")
    digest = db.session.query(AutomationDigest).one()
    assert digest.counts["new"] == 3 and digest.source == f"imports:{import_.id}"
    assert told() == [(cast.rep.id, "automated_digest")]
    imported(cast.rep, automates=False)
    assert told() == [(cast.rep.id, "automated_digest")] * 2


def test_follow_ups_that_come_in_are_nobodys_and_nothing_is_stuck(cast: Any, admin: Any) -> None:
    rule = db.session.scalars(select(AutomationRule).where(AutomationRule.key == "import_finished")).one()
    ruling.switch(admin, rule, on=True)
    create_many(cast.rep.actor, [{"name": "Acme"}])
    rows = [["Acme", "2024-03-05", "Talked"]]
    import_ = uploaded(cast.rep.actor, csv_of(rows, ("about", "when", "body")), "said.csv", "follow_ups")
    import_.heading_row = 1
    imports.map_columns(cast.rep.actor, import_, mapping={0: "about", 1: "happened_at", 2: "body"})
    db.session.commit()
    sweep()
    imports.start(cast.rep.actor, again(import_.id), duplicates="skip", automates=True)
    db.session.commit()
    sweep()
    worked()
    assert again(import_.id).created == 1 and told() == [] and not db.session.query(AutomationDigest).count()
    assert not db.session.scalar(db.text("SELECT count(*) FROM automation_queue"))


def test_the_end_of_an_import_waits_until_its_last_row_was_dealt_with(cast: Any, admin: Any, monkeypatch: Any) -> None:
    from crm.domain.automation import reacting

    monkeypatch.setattr(reacting, "BATCH", 1)
    made(admin, {"kind": "imported"}, {"do": "notify", "whom": "owner"})
    import_ = checked(cast.rep.actor, csv_of(ROWS))
    imports.start(cast.rep.actor, import_, duplicates="create", automates=True)
    db.session.commit()
    sweep()
    rows = db.session.execute(db.text("SELECT id FROM automation_queue ORDER BY id")).all()
    assert len(rows) == 4
    first = {"id": rows[0].id}
    db.session.execute(db.text("UPDATE automation_queue SET run_at = now() + interval '1 hour' WHERE id = :id"), first)
    worked()
    assert told() == []
    db.session.execute(db.text("UPDATE automation_queue SET run_at = now()"))
    worked()
    db.session.execute(db.text("UPDATE automation_queue SET run_at = now()"))
    worked()
    assert told() == [(cast.rep.id, "automated_digest")]
    assert db.session.query(AutomationDigest).one().counts and not db.session.scalar(
        db.text("SELECT count(*) FROM automation_queue")
    )


def test_a_change_of_many_is_heard_where_it_was_chosen_and_told_at_its_end(cast: Any, admin: Any) -> None:
    rule = made(admin, {"kind": "changed", "field": "level"}, {"do": "notify", "whom": "owner"})
    customers.create_many(cast.rep.actor, [{"name": f"K{n}"} for n in range(3)])
    for automates, value in ((False, "a"), (True, "b")):
        asked = {"asked": Query(), "values": {"level": value}, "automates": automates}
        bulk.start(cast.manager.actor, CUSTOMER, DEEDS["edit"], **asked)
        db.session.commit()
        sweep_changes()
        worked()
        assert decisions(rule) == (["done"] * 3 if automates else [])
    assert told() == [(cast.rep.id, "automated_digest")]
    assert db.session.query(AutomationDigest).one().counts == {str(rule.id): 3}
