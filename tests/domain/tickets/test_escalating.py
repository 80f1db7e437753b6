"""Steps of what is promised: who is told when, once, and never whoever may not see the ticket."""

import datetime as dt

import pytest
from sqlalchemy import select

from crm.domain.fields import actions as own_fields
from crm.domain.fields.drafts import Draft
from crm.domain.notifications.models import Notification
from crm.domain.notifications.queries import notifications
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Department
from crm.domain.people.queries import ready_made
from crm.domain.sla import policies
from crm.domain.sla.promises import Step
from crm.domain.tickets import actions, escalating, queue
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import FieldRight, Reach
from crm.kernel.events import Event
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Permission
from tests.domain.tickets.conftest import POLICY, again, at, made

START = "2026-11-02 09:00"
STEPS = [Step("response", 80, "owner"), Step("response", 100, "head"), Step("solution", 150, "head")]


@pytest.fixture
def head(cast, service):
    """Bob leads the service."""
    _head(service.department, service.bob)
    return service.bob


def _head(department, person):
    db.session.get_one(Department, department.id).head_id = person.id
    db.session.flush()


def told(person):
    mine = select(Notification.kind).where(Notification.person_id == person.id).order_by(Notification.id)
    return [each for each in db.session.scalars(mine) if each.startswith("sla_")]


def noted(ticket):
    about = Event.subject_type == "tickets", Event.subject_id == ticket.id
    rows = db.session.scalars(select(Event).where(*about).order_by(Event.id))
    names = ("answer_near", "answer_late", "solution_near", "solution_late")
    return [(each.name, each.payload["told"]) for each in rows if each.name.removeprefix("ticket.") in names]


def turn(moment):
    """A worker's at that moment; returns how many tickets it looked at."""
    with clock.frozen(at(moment)):
        count = 0
        while found := escalating.step():
            count += found
    db.session.expire_all()
    return count


@pytest.fixture
def anns(service, head, promised):
    with clock.frozen(at(START)):
        promised(steps=STEPS)
        return made(service.ann, owner=service.ann.id)


def test_near_its_limit_the_agent_is_told_late_whoever_leads_the_team_and_each_once(cast, service, anns, head):
    assert again(anns.id).escalates_at == at("2026-11-02 10:36")
    assert turn("2026-11-02 10:30") == 0
    assert turn("2026-11-02 10:36") == 1
    assert (told(service.ann), told(head)) == (["sla_near"], [])
    assert turn("2026-11-02 10:59") == 0
    assert turn("2026-11-02 11:05") == 1
    assert (told(service.ann), told(head)) == (["sla_near"], ["sla_late"])
    assert again(anns.id).escalates_at == at("2026-11-03 13:30")
    assert turn("2026-11-09 09:00") == 1
    assert (told(head), again(anns.id).escalates_at, again(anns.id).escalated) == (["sla_late"] * 2, None, 3)
    assert noted(anns) == [
        ("ticket.answer_near", "Ann Service"),
        ("ticket.answer_late", "Bob Service"),
        ("ticket.solution_late", "Bob Service"),
    ]
    with clock.frozen(at("2026-11-09 10:00")):  # back under the same promise: nothing is told twice
        for priority in ("urgent", "normal"):
            actions.change(cast.administrator.actor, again(anns.id), {"priority": priority})
    assert turn("2026-11-09 11:00") == 0


def test_who_is_late_all_at_once_is_told_only_that(service, anns, head):
    turn("2026-11-02 12:00")
    assert (told(service.ann), told(head)) == (["sla_late"], ["sla_late"])


def test_what_pauses_or_is_done_in_between_takes_no_step(cast, service, anns, head):
    admin_ = cast.administrator.actor
    with clock.frozen(at("2026-11-02 10:00")):
        actions.change(admin_, again(anns.id), {"status": "waiting"})
    assert turn("2026-11-04 12:00") == 0
    with clock.frozen(at("2026-11-04 12:00")):
        actions.change(admin_, again(anns.id), {"status": "open"})
    assert again(anns.id).escalates_at == at("2026-11-04 12:36")
    with clock.frozen(at("2026-11-04 12:30")):
        actions.change(admin_, again(anns.id), {"responded": clock.now()})
    assert turn("2026-11-04 14:00") == 0  # it is answered; the solution is due the next day
    assert again(anns.id).escalates_at == at("2026-11-05 15:30")
    with clock.frozen(at("2026-11-05 12:30")):
        actions.change(admin_, again(anns.id), {"status": "solved"})
    assert turn("2026-11-09 12:00") == 0
    assert (told(service.ann), told(head)) == ([], [])


def test_where_the_owner_is_away_or_there_is_none_it_is_whoever_leads_the_team(cast, service, head, promised):
    with clock.frozen(at(START)):
        promised(steps=STEPS[:1])
        nobodys = made(service.ann)
        anns_ = made(service.ann, owner=service.ann.id)
        service.ann.away_until = dt.date(2026, 11, 20)
    turn("2026-11-02 10:40")
    assert (told(service.ann), told(head)) == ([], ["sla_near"] * 2)
    assert noted(nobodys) == noted(anns_) == [("ticket.answer_near", "Bob Service")]


def test_nobody_is_told_of_a_ticket_they_may_not_see(cast, service, promised):
    """Mia leads the service, but it is not in her reach; Max, above, sees his branch only where it is."""
    with clock.frozen(at(START)):
        promised(steps=[STEPS[1], Step("response", 90, "person", cast.other_rep.id)])
        ticket = made(service.ann)
        _head(service.department, cast.other_rep)
    turn("2026-11-02 12:00")
    assert told(cast.other_rep) == []
    assert noted(ticket) == [("ticket.answer_late", "–")] * 2


def test_nobody_is_told_of_a_promise_whose_field_is_kept_from_them(service, head, promised):
    """Neither by the worker nor, where it is kept from them afterwards, by what they have been told."""

    def hide(field):
        role, hidden = ready_made("service_agent"), {"tickets": {field: FieldRight.HIDDEN}}
        reach = {Permission(key): Reach[value] for key, value in role.reach.items()}
        granting.change_role(SYSTEM, role, name="", reach=reach, fields=hidden)
        db.session.expire_all()

    hide("solve_due")
    with clock.frozen(at(START)):
        promised(steps=[Step("response", 100, "owner"), Step("solution", 100, "owner")])
        ticket = made(service.ann, owner=service.ann.id)
    turn("2026-11-09 12:00")
    assert (told(service.ann), told(head)) == (["sla_late"], [])
    assert noted(ticket) == [("ticket.answer_late", "Ann Service"), ("ticket.solution_late", "–")]
    assert len(notifications(service.ann.actor).told) == 1
    hide("respond_due")
    assert notifications(service.ann.actor).told == []


def test_whoever_owns_it_and_leads_the_team_hears_it_from_nobody_else(service, head, promised):
    with clock.frozen(at(START)):
        promised(steps=STEPS[1:2])
        made(service.bob, owner=service.bob.id)
    turn("2026-11-02 12:00")
    assert told(head) == ["sla_late"]


def test_a_step_may_make_it_more_urgent_and_thereby_another_promise(cast, service, head, promised):
    with clock.frozen(at(START)):
        promised(priorities=["high", "urgent"], respond_minutes=180, steps=[Step("response", 100, "head")])
        promised(steps=[Step("response", 80, "owner", raises=True)])
        ticket = made(service.ann, owner=service.ann.id)
    turn("2026-11-02 10:40")
    assert again(ticket.id).priority == "high"
    assert again(ticket.id).respond_due_at == again(ticket.id).escalates_at == at("2026-11-02 12:00")
    turn("2026-11-02 12:00")
    assert (told(service.ann), told(head)) == (["sla_near"], ["sla_late"])


def test_what_cannot_become_more_urgent_keeps_nobody_waiting(service, head, admin, promised):
    """A field that the more urgent ones must have is missing: it is told all the same, and so are all others."""
    demanded = Draft({"en": "Impact"}, FieldKind.TEXT, "ticket", required_from=("priority", ("high",)))
    own_fields.make(admin, "tickets", demanded)
    with clock.frozen(at(START)):
        promised(steps=[Step("response", 80, "owner", raises=True)])
        refused, low = (made(service.ann, owner=service.ann.id, priority=each) for each in ("normal", "low"))
    assert turn("2026-11-02 10:40") == 2
    assert told(service.ann) == ["sla_near"] * 2
    assert (again(refused.id).priority, again(low.id).priority) == ("normal", "normal")


def test_of_what_had_passed_when_it_came_in_or_the_promise_was_made_nobody_is_told(
    cast, service, head, promised, admin
):
    with clock.frozen(at("2026-11-09 09:00")):
        rule = promised(steps=STEPS)
        many = actions.create_many(admin, [{"name": "Old", "opened": at(START)}] * 3)
        assert [again(each).escalates_at for each in many] == [None] * 3
        new = made(service.ann, opened=at("2026-11-09 08:00"), owner=service.ann.id)
    with clock.frozen(at("2026-11-09 10:50")):  # told of 80 percent only after it was made anew
        policies.save(admin, rule, POLICY | {"steps": [Step("response", 50, "owner"), *STEPS]})
    queue.reckon([new.id])
    assert again(new.id).escalates_at == at("2026-11-09 11:00")
    assert turn("2026-11-09 11:00") == 1
    assert (told(service.ann), told(head)) == ([], ["sla_late"])


def test_a_rule_that_is_called_otherwise_meanwhile_is_the_same(service, head, admin, promised):
    """Its step has come and no worker yet."""
    with clock.frozen(at(START)):
        rule = promised(steps=STEPS[:1])
        made(service.ann, owner=service.ann.id)
    with clock.frozen(at("2026-11-02 10:37")):
        policies.save(admin, rule, POLICY | {"name": "Called otherwise", "steps": STEPS[:1]})
    turn("2026-11-02 10:38")
    assert told(service.ann) == ["sla_near"]


def test_what_lies_in_the_bin_takes_no_step_until_it_comes_back(cast, service, anns, head):
    actions.delete(cast.administrator.actor, again(anns.id))
    queue.reckon([anns.id])
    assert turn("2026-11-02 11:00") == 0
    actions.restore(cast.administrator.actor, again(anns.id))
    assert turn("2026-11-02 11:00") == 1
    assert (told(service.ann), told(head)) == (["sla_near"], ["sla_late"])
