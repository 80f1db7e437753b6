"""When – if – then: what rules hear, what they ask, what they do, and that each effect happens once."""

from typing import Any

import pytest
from sqlalchemy import select, text

from crm.domain.automation import ruling
from crm.domain.automation.models import AutomationEvent
from crm.domain.contacts.models import Contact
from crm.domain.customers.models import Customer
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.notifications.models import Notification
from crm.domain.registry import RECORD_TYPES
from crm.domain.tasks.models import Task
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event
from tests.domain.automation.making import decisions, made, runs, worked


@pytest.fixture
def admin(cast: Any) -> Any:
    return cast.administrator.actor


def customer(who: Any, **values: Any) -> Customer:
    id_ = CUSTOMER.verbs.create_many(who.actor, [{"name": "华东精工", **values}])[0]
    return db.session.scalars(Customer.visible_to(who.actor).where(Customer.id == id_)).one()


def all_of(entity: Any) -> list[Any]:
    with unscoped("a test looks at everything"):
        return list(db.session.scalars(select(entity).order_by(entity.id)))


def waiting() -> int:
    return int(db.session.scalar(text("SELECT count(*) FROM automation_queue")) or 0)


def test_a_field_that_changes_makes_a_task_for_the_owner_and_tells_them(cast: Any, admin: Any) -> None:
    rule = made(
        admin,
        {"kind": "changed", "field": "level", "from": "C", "to": "A"},
        {"do": "task", "title": "Call {name}", "days": "2", "whom": "owner"},
        {"do": "notify", "whom": "owner"},
        conditions=(("lifecycle_stage", "in", "potential,interested"),),
    )
    one = customer(cast.rep, level="c", lifecycle_stage="potential")
    other = customer(cast.rep, level="c", lifecycle_stage="lost")
    for each in (one, other):
        CUSTOMER.verbs.change(cast.rep.actor, each, {"level": "b"})
        CUSTOMER.verbs.change(cast.rep.actor, each, {"level": "c"})
        CUSTOMER.verbs.change(cast.rep.actor, each, {"level": "a"})
    assert waiting() == 6  # a rule is asked only of the field it hears of
    worked()
    assert decisions(rule) == ["done", "not"]
    (task,) = all_of(Task)
    assert (task.name, task.owner_id, task.customer_id) == ("Call 华东精工", cast.rep.id, one.id)
    told = db.session.query(Notification).filter_by(person_id=cast.rep.id).all()
    assert sorted((each.kind, each.subject_id) for each in told) == [("assigned", task.id), ("automated", one.id)]
    event = db.session.query(Event).filter_by(name="task.created").one()
    assert (event.actor_id, event.reason) == (None, "Regel")
    assert event.caused_by == runs(rule)[0].event_id
    assert not worked()


def test_nobody_listens_to_what_no_rule_asks_for(cast: Any, admin: Any) -> None:
    made(admin, {"kind": "changed", "field": "level"}, {"do": "notify", "whom": "owner"})
    one = customer(cast.rep, name="Still")
    CUSTOMER.verbs.change(cast.rep.actor, one, {"remarks": "x"})
    assert waiting() == 0
    CUSTOMER.verbs.change_many(cast.rep.actor, [(one.id, {"level": "a"})])
    assert waiting() == 1


def test_what_becomes_of_a_record_is_heard_when_it_begins_so_and_when_it_changes(cast: Any, admin: Any) -> None:
    entered = made(admin, {"kind": "entered", "field": "level", "to": "A"}, {"do": "notify", "whom": "owner"})
    tagged = made(admin, {"kind": "tagged", "tag": "VIP"}, {"do": "set", "field": "level", "value": "A"})
    created = made(admin, {"kind": "created"}, {"do": "tag", "tag": "VIP"}, conditions=(("name", "contains", "neu"),))
    customer(cast.rep, name="neu")
    customer(cast.rep, name="gleich", level="a")
    worked()
    assert (decisions(created), decisions(tagged), decisions(entered)) == (["done", "not"], ["done"], ["done", "done"])
    neu, _ = all_of(Customer)
    assert (neu.tags, neu.level) == (["VIP"], "a")


def test_the_customer_a_record_belongs_to_is_asked_too(cast: Any, admin: Any) -> None:
    rule = made(
        admin,
        {"kind": "created"},
        {"do": "assign", "whom": "customer_owner"},
        type_="contacts",
        conditions=(("customer.level", "is", "A"),),
    )
    good, plain = customer(cast.rep, level="a"), customer(cast.rep, name="Andere", level="b")
    contacts = RECORD_TYPES["contacts"].verbs
    rows = [{"name": f"P{each.id}", "customer": each.id, "owner": cast.manager.id} for each in (good, plain)]
    contacts.create_many(cast.administrator.actor, rows)
    worked()
    assert decisions(rule) == ["done", "not"]
    assert [each.owner_id for each in all_of(Contact)] == [cast.rep.id, cast.manager.id]


def test_rules_go_in_their_order_and_each_finds_what_the_one_before_did(cast: Any, admin: Any) -> None:
    first = made(admin, {"kind": "created"}, {"do": "set", "field": "level", "value": "B"}, name="Erste")
    second = made(
        admin,
        {"kind": "created"},
        {"do": "set", "field": "remarks", "value": "sah B"},
        name="Zweite",
        conditions=(("level", "is", "B"),),
    )
    customer(cast.rep)
    worked()
    assert (decisions(first), decisions(second)) == (["done"], ["done"])
    ruling.move(admin, second, -1)
    customer(cast.rep, name="Danach")
    worked()
    assert (decisions(first), decisions(second)) == (["done", "done"], ["done", "not"])
    assert [each.remarks for each in all_of(Customer)] == ["sah B", None]


def test_a_rule_does_not_act_on_what_it_caused(cast: Any, admin: Any) -> None:
    """Two that set each other in motion, and one whose effect is its own moment."""
    up = made(admin, {"kind": "changed", "field": "level"}, {"do": "set", "field": "remarks", "value": "{up}"})
    down = made(admin, {"kind": "changed", "field": "remarks"}, {"do": "set", "field": "level", "value": "B"})
    one = customer(cast.rep, level="c")
    CUSTOMER.verbs.change(cast.rep.actor, one, {"level": "a"})
    worked()
    assert (decisions(up), decisions(down)) == (["done", "looped"], ["done"])
    made_on = made(
        admin,
        {"kind": "created"},
        {"do": "create", "type": "contacts", "title": "N", "whom": "owner"},
        type_="contacts",
    )
    RECORD_TYPES["contacts"].verbs.create_many(cast.rep.actor, [{"name": "Erster", "customer": one.id}])
    worked()
    assert decisions(made_on) == ["done"] * 6 + ["looped"]  # every time another record: five deep it is enough


def test_what_fails_leaves_nothing_and_is_tried_again_then_shown(cast: Any, admin: Any) -> None:
    from crm.domain.automation import runs as history

    rule = made(
        admin,
        {"kind": "created"},
        {"do": "set", "field": "remarks", "value": "halb"},
        {"do": "task", "title": "T", "days": "0", "whom": f"person:{cast.rep.id}"},
    )
    cast.rep.active = False
    one = customer(cast.manager)
    worked()
    (run,) = runs(rule)
    assert (run.decision, run.attempts, run.effects) == ("failed", 1, [])
    assert "nobody" in run.problem["message"] and run.retry_at is not None
    db.session.refresh(one)
    assert one.remarks is None  # all of its actions or none
    for attempt in range(2, history.ATTEMPTS + 1):
        run.retry_at = run.at
        assert history.retry_next()
        assert run.attempts == attempt
    assert run.retry_at is None and not history.retry_next()
    cast.rep.active = True
    history.run_again(admin, run)
    assert history.retry_next() and (run.decision, run.retry_at) == ("done", None)
    assert len(all_of(Task)) == 1
    with pytest.raises(RuleBroken):
        history.run_again(admin, run)


def test_one_event_that_cannot_be_dealt_with_keeps_nobody_from_theirs(cast: Any, admin: Any, monkeypatch: Any) -> None:
    rule = made(admin, {"kind": "created"}, {"do": "notify", "whom": "owner"})
    customer(cast.rep)
    customer(cast.rep, name="Zweite")
    bad = db.session.query(AutomationEvent).order_by(AutomationEvent.id).first()
    db.session.execute(  # its run stands there already, as no worker leaves it
        text(
            "INSERT INTO automation_runs (rule_id, version, event_id, occurred_at, event, subject_type, subject_id,"
            " decision) SELECT :rule, 1, event_id, occurred_at, 'x', 'customers', (SELECT min(id) FROM customers),"
            " 'done' FROM automation_queue WHERE id = :id"
        ),
        {"rule": rule.id, "id": bad.id},
    )
    worked()
    assert decisions(rule) == ["done", "done"]
    assert db.session.query(Notification).count() == 1
    (left,) = db.session.query(AutomationEvent).all()
    assert (left.id, left.attempts, "UniqueViolation" in left.error) == (bad.id, 1, True)


def test_a_rule_that_makes_no_sense_is_not_kept(cast: Any, admin: Any) -> None:
    notify = {"do": "notify", "whom": "owner"}
    for when, action, key in (
        ({"kind": "changed", "field": "nothing"}, notify, "field"),
        ({"kind": "entered", "field": "level", "to": "Z"}, notify, "to"),
        ({"kind": "date", "field": "created", "days": "9999"}, notify, "days"),
        ({"kind": "created"}, {"do": "set", "field": "level", "value": "Z"}, "a0-value"),
        ({"kind": "created"}, {"do": "set", "field": "number", "value": "1"}, "a0-field"),
        ({"kind": "created"}, {"do": "notify", "whom": "person:99999999"}, "a0-whom"),
        ({"kind": "created"}, {"do": "create", "type": "imports", "title": "x", "whom": "owner"}, "a0-type"),
    ):
        with pytest.raises(Invalid) as problem:
            made(admin, when, action)
        assert problem.value.params["key"] == key, when
    with pytest.raises(Invalid):
        made(admin, {"kind": "created"}, notify, conditions=(("owner", "of", "me"),))  # nobody is “me” to a rule


def test_people_are_told_by_mail_and_in_the_words_of_a_message(cast: Any, admin: Any) -> None:
    """A template is a template: what stands in it is for whoever gets it to see."""
    from crm.domain.mail.models import MailRow
    from crm.domain.mail_templates.actions import save

    given = {
        "name": "T",
        "record_type": "customers",
        "subject": {"en": "About {{customer.name}}"},
        "body": {"en": "{{customer.name}}!"},
    }
    mail = save(admin, None, {**given, "channel": "mail"})
    message = save(admin, None, {**given, "channel": "message", "name": "M"})
    db.session.flush()
    rule = made(
        admin,
        {"kind": "created"},
        {"do": "mail", "template": str(mail.id), "whom": "owner"},
        {"do": "notify", "message": str(message.id), "whom": "owner"},
        {"do": "notify", "whom": "owner"},
    )
    one = customer(cast.rep)
    worked()
    assert decisions(rule) == ["done"]
    (kept,) = db.session.query(MailRow).filter(MailRow.key.like("automation:%")).all()
    assert (kept.person_id, kept.made_of["template_id"], kept.made_of["record_id"]) == (cast.rep.id, mail.id, one.id)
    (told,) = db.session.query(Notification).filter_by(person_id=cast.rep.id).all()  # of one event once
    assert (told.rule_id, told.subject_id) == (rule.id, one.id)
    with pytest.raises(Invalid):
        made(admin, {"kind": "created"}, {"do": "mail", "template": str(message.id), "whom": "owner"})
