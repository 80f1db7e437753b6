"""A ticket that needs sales: whose it is to look after, whatever becomes of the ticket, its customer or of people."""

import pytest
from sqlalchemy import select

from crm.domain.customers import actions as customers
from crm.domain.mail.models import MailRow
from crm.domain.notifications.models import Notification
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


def test_the_owner_is_told_once_by_each_way(cast, ticket):
    assert told(cast.rep) == ["needs_sales"]
    assert [each.made_of["ids"] for each in db.session.query(MailRow)] == [[_news(cast.rep).id]]


def _news(person) -> Notification:
    return db.session.scalars(select(Notification).where(Notification.person_id == person.id)).one()
