"""Tickets where something is amiss: somebody is away, a department is closed, a field is kept from somebody."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import select

from crm.domain.contacts import actions as contacts
from crm.domain.contacts.models import Contact
from crm.domain.customers import actions as customers
from crm.domain.mail.models import MailRow
from crm.domain.notifications.models import Notification
from crm.domain.people.structure import close_department
from crm.domain.tasks.models import Task
from crm.domain.tickets import actions, queue
from crm.domain.tickets.answering import Said, mail_out, say
from crm.domain.tickets.models import TicketTeam, TicketTopic
from crm.domain.tickets.teams import TURNS
from crm.domain.tickets.watching import watch
from crm.domain.timeline.models import FollowUp
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import FieldRight, unscoped
from crm.kernel.errors import Invalid, RuleBroken
from crm.web.outgoing import outgoing
from tests.domain.tickets.conftest import again, made


def told(person, kind):
    mine = select(Notification).where(Notification.person_id == person.id, Notification.kind == kind)
    return db.session.scalars(mine).all()


def test_whoever_is_only_shown_one_does_not_claim_it(cast, service):
    ticket = made(cast.rep)
    with pytest.raises(RuleBroken):
        queue.claim(cast.rep.actor, ticket)
    assert again(ticket.id).owner_id is None


def test_what_is_in_the_bin_by_now_is_not_claimed(cast, service):
    ticket = made(cast.rep)
    actions.delete(cast.administrator.actor, ticket)
    db.session.flush()
    with pytest.raises(RuleBroken):
        queue.claim(service.ann.actor, ticket)


def test_what_whoever_may_not_work_on_it_says_is_not_said_to_the_customer(cast, service):
    say(cast.rep.actor, made(cast.rep), Said({"kind": "email", "body": "He is angry."}, public=True))
    assert db.session.query(FollowUp).one().public is False


@pytest.mark.parametrize("right", [FieldRight.READ, FieldRight.HIDDEN])
def test_an_answer_opens_it_whoever_may_not_set_its_status(cast, service, right):
    actor = replace(service.ann.actor, fields={"tickets": {"status": right}})
    ticket = made(cast.rep)
    say(actor, ticket, Said({"kind": "call", "body": "We are on it."}, public=True))
    assert again(ticket.id).status == "open"
    with pytest.raises(RuleBroken):
        say(actor, again(ticket.id), Said({"kind": "call", "body": "Done."}, public=True, status="solved"))


def test_whoever_watches_is_told_of_every_note(cast, service):
    ticket = made(cast.rep)
    watch(service.bob.actor, ticket)
    for body in ("One.", "Two."):
        say(service.ann.actor, ticket, Said({"kind": "note", "body": body}))
    assert len(told(service.bob, "ticket_news")) == 2


def test_nothing_is_mailed_to_a_contact_in_the_bin(cast, service):
    admin = cast.administrator.actor
    lin = contacts.create(admin, {"name": "Lin", "email": "lin@example.org"})
    ticket = made(cast.rep, contact=lin)
    contacts.delete(admin, db.session.scalars(Contact.visible_to(admin)).one())
    db.session.flush()
    outcome = say(service.ann.actor, ticket, Said({"kind": "email", "body": "We are on it."}, public=True))
    assert mail_out(service.ann.actor, ticket, outcome) is False
    assert db.session.query(MailRow).count() == 0


def test_an_answer_that_is_mailed_is_a_persons(cast, service):
    lin = contacts.create(cast.administrator.actor, {"name": "Lin", "email": "lin@example.org"})
    ticket = made(cast.rep, contact=lin)
    outcome = say(service.ann.actor, ticket, Said({"kind": "email", "body": "We are on it."}, public=True))
    assert mail_out(service.ann.actor, ticket, outcome) is True
    posted = db.session.query(MailRow).where(MailRow.address == "lin@example.org").one()
    assert outgoing(posted).automatic is False


def test_whoever_is_away_gets_no_turn_and_who_gets_one_is_told(cast, service):
    team = db.session.get_one(TicketTeam, service.department.id)
    team.way, team.people = TURNS, [service.ann.id, service.bob.id]
    service.ann.away_until = clock.now().date() + dt.timedelta(days=3)
    assert [made(cast.rep).owner_id for _ in range(2)] == [service.bob.id] * 2
    assert len(told(service.bob, "assigned")) == 2
    service.bob.away_until = service.ann.away_until
    assert made(cast.rep).owner_id is None


def test_nothing_is_sent_to_a_department_that_is_closed(cast, service):
    team = TicketTeam(department_id=cast.other_rep.department_id, way="claim", people=[], position=0)
    db.session.add(team)
    db.session.scalars(select(TicketTopic).where(TicketTopic.code == "repair")).one().team_id = team.department_id
    cast.other_rep.department_id = None
    db.session.flush()
    close_department(cast.administrator.actor, _of(team))
    db.session.flush()
    ticket = made(cast.rep, type="repair")
    assert ticket.department_id == service.department.id
    assert made(cast.rep, type="question").department_id == service.department.id
    with pytest.raises(Invalid):
        queue.hand_over(cast.administrator.actor, ticket, team.department_id)


def _of(team):
    return db.session.get_one(queue.Department, team.department_id)


class TestSales:
    @pytest.fixture
    def acme(self, cast):
        return customers.create(cast.rep.actor, {"name": "Acme"})

    def test_a_customer_that_is_named_later_is_looked_after_too(self, cast, service, acme):
        ticket = made(service.ann, needs_sales=True)
        assert ticket.sales_task_id is None
        actions.change(cast.administrator.actor, ticket, {"customer": acme})
        assert again(ticket.id).sales_task_id is not None

    def test_of_a_file_full_of_them_the_owner_has_one_mail(self, cast, service, acme):
        rows = [{"name": f"The printer {each}", "customer": acme, "needs_sales": True} for each in range(5)]
        ids = actions.create_many(cast.administrator.actor, rows)
        with unscoped("a test looks at everything"):
            assert {each.about for each in db.session.query(Task)} == {f"tickets:{each}" for each in ids}
        assert len(told(cast.rep, "needs_sales")) == 5
        assert len({again(each).sales_task_id for each in ids}) == 5
        mails = [each.made_of for each in db.session.query(MailRow)]
        assert [len(each["ids"]) for each in mails] == [5]


def test_one_that_is_solved_when_it_is_written_down_was_solved_then(cast, service):
    ticket = made(service.ann, status="closed")
    assert ticket.solved_at == ticket.closed_at == ticket.opened_at
    opened = clock.now() - dt.timedelta(days=3)
    assert made(cast.administrator, status="closed", opened=opened).solved_at is None  # nobody knows when
