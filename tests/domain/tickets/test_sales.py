"""A ticket that needs sales: whose it is to look after, whatever becomes of the ticket, its customer or of people."""

from typing import Any

import pytest
from sqlalchemy import event, select

from crm.domain.customers import actions as customers
from crm.domain.mail.models import MailRow
from crm.domain.notifications.models import Notification
from crm.domain.tasks import actions as tasks
from crm.domain.tasks.models import Task
from crm.domain.tickets import actions
from crm.infra.db import db
from crm.kernel.access import unscoped
from tests.domain.tickets.conftest import again, made


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


def test_whoever_has_left_has_no_task(cast, service, acme):
    cast.rep.active = False
    made(service.ann, customer=acme, needs_sales=True)
    with unscoped("a test looks at everything"):
        assert db.session.scalar(select(Task.id).where(Task.owner_id == cast.rep.id)) is None
    assert told(cast.rep) == []


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
