"""A ticket that needs sales: whose it is to look after, whatever becomes of the ticket, its customer or of people."""

from typing import Any

import pytest
from sqlalchemy import event, select

from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.duplicates import merging, separating
from crm.domain.duplicates.models import Merge
from crm.domain.mail.models import MailRow
from crm.domain.notifications.models import Notification
from crm.domain.people.models import Department
from crm.domain.people.sharing import share
from crm.domain.tasks import actions as tasks
from crm.domain.tasks.models import Task
from crm.domain.tickets import actions
from crm.domain.tickets.record_type import TICKET
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.events import Event
from tests.domain.tickets.conftest import again, made, seen


@pytest.fixture
def acme(cast) -> int:
    return customers.create(cast.rep.actor, {"name": "Acme"})


@pytest.fixture
def ticket(service, acme):
    return made(service.ann, name="The pump leaks", type="complaint", customer=acme, needs_sales=True)


def task_of(ticket) -> Task:
    with unscoped("a test looks at everything"):
        return db.session.get_one(Task, again(ticket.id).sales_task_id)


def told(person) -> list[str]:
    """The kinds of what they were told."""
    mine = select(Notification.kind).where(Notification.person_id == person.id)
    return list(db.session.scalars(mine.order_by(Notification.id)))


def test_a_file_full_of_them_asks_no_more_than_a_few(cast, service, acme):
    admin = cast.administrator.actor

    def statements(count: int) -> int:
        asked: list[str] = []

        def note(*given: Any) -> None:
            asked.append(given[2])

        rows = [{"name": f"The pump {each} leaks", "customer": acme, "needs_sales": True} for each in range(count)]
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            actions.create_many(admin, rows)
            db.session.flush()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(asked)

    statements(2)
    assert statements(60) == statements(2)


def test_many_tasks_that_are_done_at_once_ask_no_more_than_a_few(cast, service, acme):
    rows = [{"name": f"The pump {each} leaks", "customer": acme, "needs_sales": True} for each in range(9)]
    ids = actions.create_many(cast.administrator.actor, rows)
    done = [(again(each).sales_task_id, {"status": "done"}) for each in ids]
    tasks.change_many(cast.rep.actor, done)
    assert not any(again(each).needs_sales for each in ids)


def test_the_owner_is_told_once_by_each_way(cast, ticket):
    assert told(cast.rep) == ["needs_sales"]
    assert [each.made_of["ids"] for each in db.session.query(MailRow)] == [[_news(cast.rep).id]]


def _news(person) -> Notification:
    return db.session.scalars(select(Notification).where(Notification.person_id == person.id)).one()


class TestWhatBecomesOfIt:
    @pytest.fixture
    def beta(self, cast) -> int:
        return customers.create(cast.other_rep.actor, {"name": "Beta"})

    def test_into_the_bin_and_out_of_it(self, cast, ticket):
        task, admin = task_of(ticket), cast.administrator.actor
        actions.delete(admin, again(ticket.id))
        assert (task_of(ticket).id, task_of(ticket).status) == (task.id, "cancelled")
        actions.restore(admin, again(ticket.id))
        kept = again(ticket.id)
        assert kept.needs_sales and task_of(kept).status == "open" and seen(cast.rep, kept.id)
        assert told(cast.rep) == ["needs_sales"]
        actions.change(admin, kept, {"status": "solved"})
        actions.delete(admin, again(ticket.id))
        actions.restore(admin, again(ticket.id))
        assert task_of(ticket).status == "done"

    def test_what_comes_back_is_asked_of_whoever_it_is_due_to_by_then(self, cast, ticket, acme):
        admin = cast.administrator.actor
        actions.delete(admin, again(ticket.id))
        _given(acme, cast.other_rep)
        actions.restore(admin, again(ticket.id))
        assert task_of(ticket).owner_id == cast.other_rep.id
        assert (seen(cast.rep, ticket.id), seen(cast.other_rep, ticket.id)) == (False, True)
        assert told(cast.other_rep) == ["needs_sales"]

    def test_into_another_one_and_out_of_it(self, cast, service, ticket, acme):
        admin, survivor = cast.administrator.actor, made(service.ann, name="The pump is wet")
        kept = merging.merge(admin, TICKET, again(survivor.id), again(ticket.id), ())
        assert _status(ticket) == "cancelled"
        assert not seen(cast.rep, survivor.id)  # it is not asked of sales, nor of that customer
        separating.undo(admin, TICKET, again(survivor.id), db.session.get_one(Merge, kept.id))
        assert _status(ticket) == "open"
        assert (seen(cast.rep, ticket.id), seen(cast.rep, survivor.id)) == (True, False)
        assert told(cast.rep) == ["needs_sales"]

    def test_of_two_that_are_made_one_and_need_sales_one_task_is_left(self, cast, service, ticket, acme):
        admin, survivor = cast.administrator.actor, made(service.ann, customer=acme)
        kept = merging.merge(admin, TICKET, again(survivor.id), again(ticket.id), ["needs_sales"])
        assert (_status(survivor), _status(ticket)) == ("open", "cancelled")
        assert seen(cast.rep, survivor.id)
        separating.undo(admin, TICKET, again(survivor.id), db.session.get_one(Merge, kept.id))
        assert (_status(survivor), _status(ticket)) == ("done", "open")

    def test_another_customer_has_another_owner(self, cast, ticket, beta):
        task, admin = task_of(ticket), cast.administrator.actor
        actions.change(admin, again(ticket.id), {"customer": beta})
        kept = task_of(ticket)
        assert (kept.id, kept.owner_id, kept.customer_id, kept.status) == (task.id, cast.other_rep.id, beta, "open")
        assert (seen(cast.rep, ticket.id), seen(cast.other_rep, ticket.id)) == (False, True)
        assert (told(cast.rep), told(cast.other_rep)) == (["needs_sales"], ["needs_sales"])

    def test_whoever_was_shown_it_by_somebody_goes_on_seeing_it(self, cast, ticket, beta):
        admin = cast.administrator.actor
        share(admin, again(ticket.id), cast.rep)
        actions.change(admin, again(ticket.id), {"customer": beta})
        assert seen(cast.rep, ticket.id)

    def test_without_a_customer_it_is_nobodys(self, cast, ticket, beta):
        admin = cast.administrator.actor
        actions.change(admin, again(ticket.id), {"customer": None})
        assert task_of(ticket).status == "cancelled" and not seen(cast.rep, ticket.id)
        actions.change(admin, again(ticket.id), {"customer": beta})
        assert (task_of(ticket).owner_id, task_of(ticket).status) == (cast.other_rep.id, "open")

    def test_two_customers_that_become_one_and_two_again(self, cast, ticket, acme, beta):
        admin = cast.administrator.actor
        kept = merging.merge(admin, CUSTOMER, _customer(beta), _customer(acme), ())
        assert task_of(ticket).owner_id == cast.other_rep.id and not seen(cast.rep, ticket.id)
        db.session.expire_all()
        separating.undo(admin, CUSTOMER, _customer(beta), db.session.get_one(Merge, kept.id))
        assert (task_of(ticket).owner_id, task_of(ticket).customer_id) == (cast.rep.id, acme)
        assert (seen(cast.rep, ticket.id), seen(cast.other_rep, ticket.id)) == (True, False)

    def test_a_task_that_is_done_while_it_is_in_the_bin_answers_nothing(self, cast, ticket):
        admin = cast.administrator.actor
        actions.delete(admin, again(ticket.id))
        tasks.change(cast.rep.actor, task_of(ticket), {"status": "done"})
        assert again(ticket.id).needs_sales and told(cast.rep) == ["needs_sales"]


def _status(ticket) -> str:
    return task_of(ticket).status


def _customer(id_: int) -> Customer:
    with unscoped("a test looks at everything"):
        return db.session.get_one(Customer, id_)


def _given(customer_id: int, person) -> None:
    one = _customer(customer_id)
    one.owner_id, one.department_id = person.id, person.department_id
    db.session.flush()


class TestNobodyOwnsTheCustomer:
    @pytest.fixture
    def nobodys(self, cast, acme) -> int:
        one = _customer(acme)
        one.owner_id = None
        db.session.flush()
        return acme

    def test_then_it_is_whoever_leads_the_department_that_has_it(self, cast, service, nobodys):
        db.session.get_one(Department, cast.rep.department_id).head_id = cast.manager.id
        kept = made(service.ann, customer=nobodys, needs_sales=True)
        assert task_of(kept).owner_id == cast.manager.id and told(cast.manager) == ["needs_sales"]

    def test_where_nobody_leads_it_an_administrator_is_asked(self, cast, service, nobodys):
        kept = made(service.ann, customer=nobodys, needs_sales=True)
        assert task_of(kept).owner_id == cast.administrator.id and told(cast.administrator) == ["needs_sales"]

    def test_whoever_has_left_is_asked_nothing(self, cast, service, acme):
        cast.rep.active = False
        kept = made(service.ann, customer=acme, needs_sales=True)
        assert task_of(kept).owner_id == cast.administrator.id and told(cast.rep) == []

    def test_where_there_is_no_customer_the_ticket_says_that_nobody_was_told(self, cast, service, acme):
        kept, admin = made(service.ann, needs_sales=True), cast.administrator.actor
        assert kept.sales_task_id is None and _said(kept) == ["ticket.sales_not_asked"]
        actions.change(admin, kept, {"status": "open"})
        assert len(_said(kept)) == 1
        actions.change(admin, again(kept.id), {"customer": acme})
        assert _said(kept) == ["ticket.sales_not_asked", "ticket.sales_asked"]


def _said(ticket) -> list[str]:
    mine = Event.subject_type == "tickets", Event.subject_id == ticket.id, Event.name.like("ticket.sales%")
    return list(db.session.scalars(select(Event.name).where(*mine).order_by(Event.id)))
