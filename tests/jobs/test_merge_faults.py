"""Two are made one while others write on what belongs to them, or merge them too: nobody waits for the other for ever.
Real connections."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from crm.config import Settings
from crm.domain.contacts import actions as contacts
from crm.domain.contacts.models import Contact
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.duplicates import merging, separating
from crm.domain.duplicates.holding import hold, hold_moved
from crm.domain.duplicates.models import Merge
from crm.domain.mail_templates import models  # noqa: F401 - a table that others lead to
from crm.domain.people import actions as people
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Person
from crm.domain.tickets import actions as tickets
from crm.domain.tickets.answering import Said, say
from crm.domain.tickets.models import Ticket
from crm.domain.timeline.actions import add_follow_up, change_follow_up
from crm.domain.timeline.models import FollowUp
from crm.infra.db import db
from crm.infra.embedded.process import wait_until
from crm.kernel.access import Actor, unscoped
from tests.jobs.test_pool_faults import alone, at_once

__all__ = ["alone"]
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def actor() -> Actor:
    found: Actor = db.session.scalars(select(Person).order_by(Person.id)).first().actor
    return found


def locked(entity: Any, id_: int) -> Any:
    """As every page reads what it is to change."""
    return db.session.scalars(entity.visible_to(actor()).where(entity.id == id_).with_for_update()).one()


def seen(entity: Any, id_: int) -> Any:
    with unscoped("a test looks at everything"):
        return db.session.get_one(entity, id_, populate_existing=True)


def some_wait(app: Flask, number: int) -> None:
    """Until so many others wait for somebody."""
    with app.app_context(), db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as beside:
        assert wait_until(lambda: beside.scalar(text(_WAITING)) >= number, 20)


@pytest.fixture
def ids(alone: tuple[Flask, Settings]) -> tuple[int, int, int]:
    """The one that goes on, the one that is given up, and a ticket of that."""
    survivor, gone = (customers.create(actor(), {"name": each}) for each in ("云海科技有限公司", "雲海科技"))
    ticket = tickets.create(actor(), {"name": "The printer smokes", "customer": gone, "owner": actor().id})
    add_follow_up(actor(), seen(Ticket, ticket), {"kind": "call", "body": "Rang"})
    db.session.commit()
    return survivor, gone, ticket


def merge(survivor: int, gone: int) -> None:
    """As the page does."""
    hold("customers", survivor, gone)
    there = {id_: locked(Customer, id_) for id_ in sorted((survivor, gone))}
    merging.merge(actor(), CUSTOMER, there[survivor], there[gone])


def separate() -> None:
    kept = db.session.scalars(select(Merge).with_for_update()).one()
    hold_moved(kept)
    separating.undo(actor(), CUSTOMER, locked(Customer, kept.survivor_id), kept)


def answer(ticket: Ticket) -> None:
    """Its customer keeps when it was last spoken to."""
    say(actor(), ticket, Said({"kind": "call", "body": "It was the paper."}, public=True))


def edit(ticket: Ticket) -> None:
    """Of a row that is written twice the database looks up all links."""
    tickets.change(actor(), ticket, {"priority": "urgent"})
    tickets.change(actor(), ticket, {"name": "It burns"})
    db.session.flush()


def worked_on(ticket_id: int, work: Callable[[Ticket], None]) -> None:
    """What was done to it is there."""
    if work is edit:
        assert seen(Ticket, ticket_id).name == "It burns"
    else:
        assert len(db.session.scalars(select(FollowUp)).all()) == 2


def during(app: Flask, ticket_id: int, work: Callable[[Ticket], None], *others: Callable[[], None]) -> None:
    """Somebody has the ticket in hand, the others begin one after the other, and then it is worked on."""
    has_ticket = threading.Event()

    def worked(_: threading.Barrier) -> None:
        ticket = locked(Ticket, ticket_id)
        has_ticket.set()
        some_wait(app, len(others))
        work(ticket)

    def other(at: int) -> Callable[[threading.Barrier], None]:
        def begun(_: threading.Barrier) -> None:
            assert has_ticket.wait(20)
            some_wait(app, at)
            others[at]()

        return begun

    at_once(app, worked, *map(other, range(len(others))))


@pytest.mark.parametrize("work", [answer, edit])
def test_work_on_a_ticket_while_its_customer_is_merged(
    alone: tuple[Flask, Settings], ids: tuple[int, int, int], work: Callable[[Ticket], None]
) -> None:
    survivor, gone, ticket = ids
    during(alone[0], ticket, work, lambda: merge(survivor, gone))
    db.session.rollback()
    assert seen(Ticket, ticket).customer_id == survivor
    worked_on(ticket, work)
    assert {each.customer_id for each in db.session.scalars(select(FollowUp))} == {survivor}
    assert seen(Customer, gone).merged_into_id == survivor


@pytest.mark.parametrize("work", [answer, edit])
def test_work_on_a_ticket_while_its_customer_is_separated(
    alone: tuple[Flask, Settings], ids: tuple[int, int, int], work: Callable[[Ticket], None]
) -> None:
    survivor, gone, ticket = ids
    merge(survivor, gone)
    db.session.commit()
    during(alone[0], ticket, work, separate)
    db.session.rollback()
    assert seen(Ticket, ticket).customer_id == gone
    worked_on(ticket, work)


def test_a_word_on_a_ticket_while_somebody_answers_it_and_its_customer_is_merged(
    alone: tuple[Flask, Settings], ids: tuple[int, int, int]
) -> None:
    survivor, gone, ticket = ids

    def said() -> None:
        add_follow_up(actor(), seen(Ticket, ticket), {"kind": "call", "body": "Rang again"})

    def corrected() -> None:
        first = db.session.scalars(select(FollowUp).order_by(FollowUp.id)).first()
        change_follow_up(actor(), seen(Ticket, ticket), first, {"body": "They rang"})

    during(alone[0], ticket, answer, lambda: merge(survivor, gone), said, corrected)
    db.session.rollback()
    told = db.session.scalars(select(FollowUp)).all()
    assert {each.body for each in told} == {"They rang", "Rang again", "It was the paper."}
    assert {each.customer_id for each in told} == {survivor}
    assert seen(Customer, survivor).last_follow_up_at == max(each.happened_at for each in told)


def given(customer: Customer) -> None:
    """Its contacts go along."""
    person = people.create_person(SYSTEM, email="rep@example.com", name="Rep", role="sales_rep")
    customers.change(actor(), customer, {"owner": person.id})


@pytest.mark.parametrize("merges", [False, True])
def test_a_word_on_a_contact_while_its_customer_is_given_to_somebody(
    alone: tuple[Flask, Settings], ids: tuple[int, int, int], merges: bool
) -> None:
    survivor, gone, _ = ids
    contact = contacts.create(actor(), {"name": "陈志远", "customer": gone})
    db.session.commit()
    has_customer = threading.Event()

    def handed(_: threading.Barrier) -> None:
        customer = locked(Customer, gone)
        has_customer.set()
        some_wait(alone[0], 2 if merges else 1)
        given(customer)

    def said(_: threading.Barrier) -> None:
        assert has_customer.wait(20)
        add_follow_up(actor(), seen(Contact, contact), {"kind": "call", "body": "Rang again"})

    def merged(_: threading.Barrier) -> None:
        assert has_customer.wait(20)
        some_wait(alone[0], 1)
        merge(survivor, gone)

    at_once(alone[0], handed, said, *[merged] * merges)
    db.session.rollback()
    assert seen(Contact, contact).owner_id == seen(Customer, gone).owner_id != actor().id
    its = survivor if merges else gone
    assert seen(Contact, contact).customer_id == its
    assert [each.customer_id for each in db.session.scalars(select(FollowUp))] == [its, its]


def test_a_company_is_edited_while_the_one_above_it_is_merged(
    alone: tuple[Flask, Settings], ids: tuple[int, int, int]
) -> None:
    survivor, gone, _ = ids
    below = customers.create(actor(), {"name": "云海分厂", "parent": gone})
    db.session.commit()
    has_below = threading.Event()

    def edited(_: threading.Barrier) -> None:
        one = locked(Customer, below)
        has_below.set()
        some_wait(alone[0], 1)
        for name in ("云海二厂", "云海三厂"):
            customers.change(actor(), one, {"name": name})
            db.session.flush()

    def merged(_: threading.Barrier) -> None:
        assert has_below.wait(20)
        merge(survivor, gone)

    at_once(alone[0], edited, merged)
    db.session.rollback()
    assert (seen(Customer, below).name, seen(Customer, below).parent_id) == ("云海三厂", survivor)


@pytest.mark.parametrize("other", ["the other way round", "one more"])
@pytest.mark.parametrize("above", [None, 0, 1])
def test_two_who_merge_one_customer_take_turns(
    alone: tuple[Flask, Settings], ids: tuple[int, int, int], other: str, above: int | None
) -> None:
    """Whichever has what the other is to have: the third may stand below one of the two, or the first two below."""
    survivor, gone, _ = ids
    third = customers.create(actor(), {"name": "云海"} | ({} if above is None else {"parent": ids[above]}))
    db.session.commit()
    ready = threading.Barrier(2)

    def meeting(this: int, that: int) -> Callable[[threading.Barrier], None]:
        def deed(_: threading.Barrier) -> None:
            actor()  # the connection is there
            ready.wait(20)
            try:
                merge(this, that)
            except Exception as problem:
                if "No row was found" not in str(problem):  # the other was quicker: the page says so
                    raise
                db.session.rollback()

        return deed

    second = (gone, survivor) if other == "the other way round" else (survivor, third)
    at_once(alone[0], meeting(survivor, gone), meeting(*second))
    db.session.rollback()
    merged = db.session.scalars(select(Merge)).all()
    assert len(merged) == (1 if other == "the other way round" else 2)
