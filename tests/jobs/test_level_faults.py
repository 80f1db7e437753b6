"""A customer's level is changed while somebody writes on its ticket: neither waits for the other for ever, and the
ticket is promised what goes by the new level. Real connections."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm.config import Settings
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.people.models import Person
from crm.domain.sla import policies
from crm.domain.sla.models import SlaRun
from crm.domain.tickets import actions
from crm.domain.tickets.answering import Said, say
from crm.domain.tickets.models import Ticket
from crm.infra.db import db
from crm.jobs.sla import reckon_anew
from crm.kernel.access import Actor, unscoped
from tests.domain.tickets.conftest import POLICY
from tests.jobs.test_pool_faults import alone, at_once

__all__ = ["alone"]
HOUR = dt.timedelta(hours=1)
# (level, priority) → hours to the first answer, the first that fits.
PROMISES = ((["a"], ["urgent"], 1), (["a"], [], 2), ([], ["urgent"], 4), ([], [], 8))


@pytest.fixture
def ids(alone: tuple[Flask, Settings]) -> tuple[int, int]:
    """A customer without level, and its ticket: of others there are none."""
    boss = actor()
    for each in policies.known_policies():
        policies.retire(boss, each)
    for levels, priorities, hours in PROMISES:
        more = {"levels": levels, "priorities": priorities, "respond_minutes": hours * 60, "solve_minutes": None}
        policies.save(boss, None, {**POLICY, **more, "in_hours": False})
    reckon_anew()
    customer = customers.create(boss, {"name": "Acme"})
    ticket = actions.create(boss, {"name": "The printer smokes", "customer": customer, "owner": boss.id})
    db.session.commit()
    return customer, ticket


def actor() -> Actor:
    found: Actor = db.session.scalars(select(Person)).first().actor
    return found


def locked(entity: Any, id_: int) -> Any:
    """As every page reads what it is to change."""
    return db.session.scalars(entity.visible_to(actor()).where(entity.id == id_).with_for_update()).one()


def promised(ticket_id: int) -> dt.timedelta:
    with unscoped("a test looks at everything"):
        ticket = db.session.get_one(Ticket, ticket_id, populate_existing=True)
    assert ticket.respond_due_at is not None
    return ticket.respond_due_at - ticket.opened_at


def answer(ticket: Ticket) -> None:
    """Its customer keeps when it was last spoken to."""
    say(actor(), ticket, Said({"kind": "call", "body": "It was the paper."}, public=True))


def edit(ticket: Ticket) -> None:
    """Of a row that is written twice in a transaction, as here by its promise, the database looks up all links."""
    actions.change(actor(), ticket, {"priority": "urgent"})


@pytest.mark.parametrize(("work", "hours"), [(answer, 2), (edit, 1)])
def test_work_on_a_ticket_and_another_level_of_its_customer_at_one_moment(
    alone: tuple[Flask, Settings], ids: tuple[int, int], work: Callable[[Ticket], None], hours: int
) -> None:
    has_ticket, has_customer = threading.Event(), threading.Event()
    customer_id, ticket_id = ids

    def worked(_: threading.Barrier) -> None:
        ticket = locked(Ticket, ticket_id)
        has_ticket.set()
        assert has_customer.wait(20)
        work(ticket)

    def levelled(_: threading.Barrier) -> None:
        assert has_ticket.wait(20)
        customer = locked(Customer, customer_id)
        has_customer.set()
        customers.change(actor(), customer, {"level": "a"})

    at_once(alone[0], worked, levelled)
    db.session.rollback()
    with unscoped("a test looks at everything"):
        assert db.session.scalar(select(Customer.level)) == "a"
        ticket = db.session.get_one(Ticket, ticket_id, populate_existing=True)
        assert (ticket.last_follow_up_at is not None) == (work is answer)
        assert (ticket.priority == "urgent") == (work is edit)
    reckon_anew()
    assert promised(ticket_id) == hours * HOUR


def test_what_somebody_has_in_hand_is_reckoned_when_they_have_let_go(
    alone: tuple[Flask, Settings], ids: tuple[int, int]
) -> None:
    has_ticket, has_levelled = threading.Event(), threading.Event()
    customer_id, ticket_id = ids

    def held(_: threading.Barrier) -> None:
        locked(Ticket, ticket_id)
        has_ticket.set()
        assert has_levelled.wait(20), "it waits for the ticket"

    def levelled(_: threading.Barrier) -> None:
        assert has_ticket.wait(20)
        customers.change(actor(), locked(Customer, customer_id), {"level": "a"})
        db.session.commit()
        has_levelled.set()

    at_once(alone[0], held, levelled)
    db.session.rollback()
    assert promised(ticket_id) == 8 * HOUR
    assert db.session.scalars(select(SlaRun).where(SlaRun.finished_at.is_(None))).one()
    reckon_anew()
    assert promised(ticket_id) == 2 * HOUR


def test_where_nobody_works_on_them_all_is_done_at_once(ids: tuple[int, int]) -> None:
    customer_id, ticket_id = ids
    customers.change(actor(), locked(Customer, customer_id), {"level": "a"})
    db.session.commit()
    assert promised(ticket_id) == 2 * HOUR
    assert not db.session.scalars(select(SlaRun).where(SlaRun.finished_at.is_(None))).all()
