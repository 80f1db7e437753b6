from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.infra.db import db
from crm.jobs.outbox import empty_outbox
from crm.kernel import events
from crm.kernel.events import Delivery, Event, Fact, record, record_many


@dataclass(frozen=True)
class Rung(Fact):
    name = "test.rung"
    sentence = "rang %(times)s times"

    times: int


@pytest.fixture
def heard(monkeypatch):
    heard = []

    def hear(event):
        heard.append(event.payload["times"])

    monkeypatch.setattr(events, "_reactions", {"hear": (Rung, hear)})
    return heard


@pytest.fixture
def customer(cast):
    (id_,) = actions.create_many(cast.rep.actor, [{"name": "Acme"}])
    return db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == id_)).one()


def waiting():
    return db.session.scalar(select(func.count()).select_from(Delivery).where(Delivery.done_at.is_(None)))


def test_fact_and_work_are_kept_together(cast, customer, heard):
    event = record(cast.rep.actor, customer, Rung(3))
    db.session.commit()
    assert (event.kind, event.payload, event.subject_type, event.subject_id) == (
        Rung,
        {"times": 3},
        "customers",
        customer.id,
    )
    assert (waiting(), empty_outbox(), waiting(), heard) == (1, 1, 0, [3])


def test_rollback_forgets_both(cast, customer, heard):
    db.session.commit()
    before = db.session.scalar(select(func.count()).select_from(Event))
    record(cast.rep.actor, customer, Rung(3))
    db.session.rollback()
    assert (db.session.scalar(select(func.count()).select_from(Event)), waiting()) == (before, 0)


def test_many_facts_cause_as_much_work_as_one_by_one(cast, customer, heard):
    record_many(cast.rep.actor, "customers", [(customer.id, Rung(n)) for n in range(5)])
    db.session.commit()
    assert (waiting(), empty_outbox(), sorted(heard)) == (5, 5, [0, 1, 2, 3, 4])


def test_a_failing_reaction_is_put_off_and_harms_no_other(cast, customer, monkeypatch):
    heard = []

    def faulty(event):
        raise ConnectionError("mail is down")

    monkeypatch.setattr(events, "_reactions", {"faulty": (Rung, faulty), "fine": (Rung, heard.append)})
    record(cast.rep.actor, customer, Rung(1))
    db.session.commit()
    empty_outbox()
    faulty_row = db.session.scalars(select(Delivery).where(Delivery.reaction == "faulty")).one()
    assert (len(heard), faulty_row.attempts, faulty_row.done_at) == (1, 1, None)
    assert "mail is down" in faulty_row.error


def test_no_two_kinds_of_fact_share_a_name():
    assert all(kind.name == name for name, kind in Fact.kinds.items())
    assert all(kind.sentence for kind in Fact.kinds.values())
