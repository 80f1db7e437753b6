"""Tickets: where they come to lie, what a status brings about, who is told."""

import datetime as dt

import pytest
from sqlalchemy import select

from crm.domain.customers import actions as customers
from crm.domain.duplicates import merging, separating
from crm.domain.duplicates.models import Merge
from crm.domain.notifications.models import Notification
from crm.domain.people.models import Department
from crm.domain.tasks import actions as tasks
from crm.domain.tasks.models import Task
from crm.domain.tickets import actions, queue
from crm.domain.tickets.answering import Said, say
from crm.domain.tickets.models import TicketStatus, TicketTeam, TicketTopic
from crm.domain.tickets.record_type import TICKET
from crm.domain.tickets.teams import LOAD, TURNS
from crm.domain.tickets.watching import unwatch, watch, watchers
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.shape import reshaped
from tests.domain.tickets.conftest import again, made, seen


def told(person, kind):
    mine = select(Notification).where(Notification.person_id == person.id, Notification.kind == kind)
    return db.session.scalars(mine).all()


def history(ticket):
    rows = select(TicketStatus).where(TicketStatus.ticket_id == ticket.id).order_by(TicketStatus.id)
    return [(each.status, each.left_at is None) for each in db.session.scalars(rows)]


def test_whoever_writes_one_down_leaves_it_to_the_team_and_goes_on_seeing_it(cast, service):
    ticket = made(cast.rep)
    assert (ticket.owner_id, ticket.department_id) == (None, service.department.id)
    assert ticket.number.startswith("TICK")
    assert seen(cast.rep, ticket.id)
    assert seen(service.ann, ticket.id)
    assert not seen(cast.other_rep, ticket.id)


def test_its_category_says_whose_queue_it_waits_in_then_its_type(cast, service):
    north = cast.manager.department_id
    teams = enumerate((north, cast.rep.department_id), 2)
    db.session.add_all(TicketTeam(department_id=each, way="claim", people=[], position=at) for at, each in teams)
    db.session.add(TicketTopic(kind="category", code="001", label={"en": "Hardware"}, position=1, team_id=north))
    db.session.add(TicketTopic(kind="category", code="001001", label={"en": "Printer"}, position=2))
    db.session.scalars(select(TicketTopic).where(TicketTopic.code == "repair")).one().team_id = cast.rep.department_id
    reshaped()
    assert made(cast.rep, category="001001", type="repair").department_id == north
    assert made(cast.rep, type="repair").department_id == cast.rep.department_id
    assert made(cast.rep, type="question").department_id == service.department.id


def test_a_status_keeps_its_moments_and_its_history(cast, service):
    ticket = made(service.ann)
    assert history(ticket) == [("new", True)]
    for status in ("open", "solved"):
        actions.change(cast.administrator.actor, ticket, {"status": status})
        db.session.flush()
    assert history(ticket) == [("new", False), ("open", False), ("solved", True)]
    assert ticket.solved_at is not None and ticket.closed_at is None and ticket.waits_at is None
    actions.change(cast.administrator.actor, ticket, {"status": "closed"})
    assert ticket.closed_at is not None
    actions.change(cast.administrator.actor, ticket, {"status": "open"})
    assert (ticket.solved_at, ticket.closed_at) == (None, None)
    assert again(ticket.id).waits_at is not None


def test_one_that_comes_in_solved_was_new_until_then(cast, service):
    opened = clock.now() - dt.timedelta(days=3)
    ticket = made(cast.administrator, status="closed", opened=opened, solved=opened + dt.timedelta(hours=5))
    assert history(ticket) == [("new", False), ("closed", True)]
    assert ticket.closed_at == ticket.solved_at
    with pytest.raises(Invalid):
        made(cast.administrator, status="closed", opened=opened, solved=opened - dt.timedelta(hours=5))


def test_a_ticket_is_no_part_of_itself(cast, service):
    whole = made(service.ann)
    part = made(service.ann, part_of=whole.id)
    deeper = made(service.ann, part_of=part.id)
    with pytest.raises(Invalid):
        actions.change(cast.administrator.actor, whole, {"part_of": deeper.id})
    assert [each.id for each in queue.undone_parts(service.ann.actor, whole)] == [part.id]


def test_of_several_who_claim_one_gets_it(cast, service):
    ticket = made(cast.rep)
    queue.claim(service.ann.actor, ticket)
    assert (ticket.owner_id, ticket.department_id) == (service.ann.id, service.department.id)
    with pytest.raises(RuleBroken):
        queue.claim(service.bob.actor, ticket)


@pytest.mark.parametrize("way", [TURNS, LOAD])
def test_a_team_may_give_out_what_comes_in(cast, service, way):
    team = db.session.get_one(TicketTeam, service.department.id)
    team.way, team.people = way, [service.ann.id, service.bob.id]
    mine = [made(cast.rep).owner_id for _ in range(4)]
    assert mine == [service.ann.id, service.bob.id] * 2
    actions.change(cast.administrator.actor, again(_newest(service.bob)), {"status": "solved"})
    assert made(cast.rep).owner_id == (service.ann.id if way == TURNS else service.bob.id)
    service.ann.active = False
    assert made(cast.rep).owner_id == service.bob.id


def _newest(person):
    with unscoped("a test looks at everything"):
        return db.session.scalar(
            select(queue.Ticket.id).where(queue.Ticket.owner_id == person.id).order_by(queue.Ticket.id.desc()).limit(1)
        )


def test_one_is_handed_to_the_queue_of_another_team(cast, service):
    north = cast.manager.department_id
    db.session.add(TicketTeam(department_id=north, way="claim", people=[], position=2))
    ticket = made(cast.rep)
    queue.claim(service.ann.actor, ticket)
    with pytest.raises(RuleBroken):
        queue.hand_over(cast.rep.actor, ticket, north)
    queue.hand_over(service.ann.actor, ticket, north)
    assert (ticket.owner_id, ticket.department_id) == (None, north)
    with pytest.raises(Invalid):
        queue.hand_over(cast.administrator.actor, ticket, cast.other_rep.department_id)


def test_the_queue_has_what_is_urgent_first_and_only_what_one_may_see(cast, service):
    low, urgent, normal = (made(cast.rep, priority=each) for each in ("low", "urgent", "normal"))
    waiting = made(cast.rep)
    actions.change(cast.administrator.actor, waiting, {"status": "waiting"})
    team = service.department.id
    shown = [each.id for each in queue.page(service.ann.actor, team, queue.ALL)]
    assert shown == [urgent.id, normal.id, low.id]
    assert [each.id for each in queue.page(service.ann.actor, team, queue.PAUSED)] == [waiting.id]
    after = queue.Place(urgent.waits_at, urgent.id)
    assert [each.id for each in queue.page(service.ann.actor, team, queue.ALL, after)] == [normal.id, low.id]
    queue.claim(service.ann.actor, low)
    db.session.flush()
    assert [each.id for each in queue.page(service.ann.actor, team, queue.MINE)] == [low.id]
    assert queue.count(service.ann.actor, team, queue.UNOWNED) == 2
    assert [each.id for each in queue.page(cast.other_rep.actor, team, queue.ALL)] == []
    assert [each.name for each in queue.teams(service.ann.actor)] == ["Service"]
    assert queue.teams(cast.other_rep.actor) == []


class TestSales:
    @pytest.fixture
    def acme(self, cast):
        return customers.create(cast.rep.actor, {"name": "Acme"})

    def test_the_owner_of_the_customer_is_told_sees_it_and_has_a_task(self, cast, service, acme):
        ticket = made(service.ann, type="complaint", customer=acme, priority="urgent")
        assert not seen(cast.rep, ticket.id)
        actions.change(cast.administrator.actor, ticket, {"needs_sales": True})
        assert seen(cast.rep, ticket.id)
        task = self.task(again(ticket.id))
        assert (task.owner_id, task.about, task.priority) == (cast.rep.id, f"tickets:{ticket.id}", "high")
        assert task.customer_id == acme
        assert len(told(cast.rep, "needs_sales")) == 1
        actions.change(cast.administrator.actor, again(ticket.id), {"needs_sales": False})
        actions.change(cast.administrator.actor, again(ticket.id), {"needs_sales": True})
        assert self.task(again(ticket.id)).id == task.id
        assert len(told(cast.rep, "needs_sales")) == 1

    def task(self, ticket):
        with unscoped("a test looks at everything"):
            return db.session.get_one(Task, ticket.sales_task_id)

    def test_solving_either_solves_the_other(self, cast, service, acme):
        ticket = made(service.ann, type="complaint", customer=acme, needs_sales=True)
        queue.claim(service.ann.actor, ticket)
        tasks.complete(cast.rep.actor, self.task(ticket))
        assert again(ticket.id).needs_sales is False
        assert len(told(service.ann, "sales_done")) == 1
        actions.change(cast.administrator.actor, again(ticket.id), {"needs_sales": True})
        assert self.task(again(ticket.id)).status == "open"
        actions.change(cast.administrator.actor, again(ticket.id), {"status": "solved"})
        assert self.task(again(ticket.id)).status == "done"
        assert len(told(service.ann, "sales_done")) == 1  # it was not sales who solved it

    def test_where_the_owner_is_away_it_is_their_manager(self, cast, service, acme):
        cast.rep.away_until = clock.now().date() + dt.timedelta(days=7)
        ticket = made(service.ann, customer=acme, needs_sales=True)
        assert self.task(ticket).owner_id == cast.rep.id  # nobody leads the department
        _head(cast.manager.department_id, cast.manager)
        other = made(service.ann, customer=acme, needs_sales=True)
        assert self.task(other).owner_id == cast.manager.id
        assert seen(cast.manager, other.id)


def _head(department_id, person):
    db.session.get_one(Department, department_id).head_id = person.id
    db.session.flush()


def test_whoever_watches_is_told_once_of_each_state(cast, service):
    ticket = made(service.ann)
    watch(service.bob.actor, ticket)
    watch(service.bob.actor, ticket)
    assert [each.id for each in watchers(ticket)] == [service.bob.id]
    actions.change(cast.administrator.actor, ticket, {"status": "open"})
    assert len(told(service.bob, "ticket_news")) == 1
    unwatch(service.bob.actor, ticket)
    actions.change(cast.administrator.actor, ticket, {"status": "solved"})
    assert len(told(service.bob, "ticket_news")) == 1


def test_two_are_made_one_and_two_again(cast, service):
    survivor, gone = made(cast.rep, name="The printer smokes"), made(cast.rep, name="Printer on fire")
    part = made(service.ann, name="The cable", part_of=gone.id)
    watch(service.bob.actor, gone)
    admin = cast.administrator.actor
    before = history(survivor)
    say(admin, gone, Said({"kind": "note", "body": "The same hall."}))
    kept = merging.merge(admin, TICKET, survivor, gone, ())
    assert again(part.id).parent_id == survivor.id
    assert [each.id for each in watchers(survivor)] == [service.bob.id]
    assert history(survivor) == before  # its clocks are its own
    assert not seen(cast.administrator, gone.id)
    separating.undo(admin, TICKET, again(survivor.id), db.session.get_one(Merge, kept.id))
    assert again(part.id).parent_id == gone.id
    assert seen(cast.administrator, gone.id)
    assert [each.id for each in watchers(again(gone.id))] == [service.bob.id]
