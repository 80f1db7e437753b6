"""What is promised about tickets: which policy, whose hours, when it is due, where it stands in the queue."""

import datetime as dt

import pytest
from sqlalchemy import event, select, update

from crm.domain.customers import actions as customers
from crm.domain.duplicates.merging import merge
from crm.domain.duplicates.separating import undo
from crm.domain.handover.actions import move as move_person
from crm.domain.handover.running import _hand
from crm.domain.people import structure
from crm.domain.people.models import Department
from crm.domain.registry import RECORD_TYPES
from crm.domain.sla import anew, calendars, days, policies
from crm.domain.sla.models import BusinessCalendar, SlaPolicy, SlaRun
from crm.domain.sla.promises import everywhere, promises
from crm.domain.tickets import actions, queue, reckoning
from crm.domain.tickets.deadlines import reckon
from crm.domain.tickets.events import TicketClaimed
from crm.domain.tickets.models import TicketTeam
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.errors import Invalid, RuleBroken
from tests.domain.tickets.conftest import POLICY, again, at, made

HOURS = dt.timedelta(hours=1)


def anew_all():
    while reckoning.step():
        pass
    db.session.expire_all()


def due(ticket):
    one = again(ticket.id)
    return one.respond_due_at, one.solve_due_at


def test_as_delivered_what_is_urgent_is_due_first_in_the_hours_of_china(cast, service):
    with clock.frozen(at("2026-10-09 17:30")):  # a Friday before a Saturday that is worked
        ticket = made(service.ann, priority="urgent")
        normal = made(service.ann)
    assert due(ticket) == (at("2026-10-10 09:30"), at("2026-10-10 16:30"))
    assert due(normal)[0] == at("2026-10-10 17:30")
    assert again(ticket.id).waits_at == at("2026-10-10 09:30")


def test_the_first_policy_that_fits_type_priority_and_level_counts(cast, service, promised, admin):
    with clock.frozen(at("2026-11-02 09:00")):
        acme = customers.create(cast.rep.actor, {"name": "Acme", "level": "a"})
        repair = promised(types=["repair"], priorities=["urgent", "high"], levels=["a"], respond_minutes=10)
        key = promised(levels=["a"], respond_minutes=20)
        rest = promised(types=["repair"])
        fits = {"type": "repair", "priority": "high", "customer": acme}
        for more, wanted in (
            ({}, repair),
            ({"priority": "low"}, key),
            ({"type": "question"}, key),
            ({"customer": None}, rest),
            ({"customer": None, "type": "question"}, None),
        ):
            ticket = made(service.ann, **fits | more)
            assert ticket.policy_id == (wanted.id if wanted else None), more
        assert due(ticket) == (None, None)
        assert ticket.waits_at == ticket.opened_at + 8 * HOURS
        policies.move(admin, rest, -1)
        policies.move(admin, rest, -1)
        assert made(service.ann, **fits).policy_id == rest.id
        policies.save(admin, rest, POLICY | {"active": False})
        assert made(service.ann, **fits).policy_id == repair.id


def test_another_priority_type_customer_or_level_is_another_promise(cast, service, promised):
    with clock.frozen(at("2026-11-02 09:00")):
        acme = customers.create(cast.rep.actor, {"name": "Acme", "level": "b"})
        promised(priorities=["urgent"], respond_minutes=10)
        promised(levels=["a"], respond_minutes=20)
        promised()
        ticket = made(service.ann, customer=acme)
        assert due(ticket)[0] == at("2026-11-02 11:00")
        with unscoped("a test looks at everything"):
            customer = db.session.get_one(customers.VERBS.entity, acme)
        customers.change(cast.administrator.actor, customer, {"level": "a"})
        assert due(ticket)[0] == at("2026-11-02 09:20")
        actions.change(cast.administrator.actor, again(ticket.id), {"priority": "urgent"})
        assert due(ticket)[0] == at("2026-11-02 09:10")
        actions.change(cast.administrator.actor, again(ticket.id), {"priority": "normal", "customer": None})
        assert due(ticket)[0] == at("2026-11-02 11:00")


def test_a_customer_that_goes_into_another_brings_its_tickets_under_their_level(cast, service, promised, admin):
    with clock.frozen(at("2026-11-02 09:00")):
        promised(levels=["a"], respond_minutes=20)
        ids = [customers.create(admin, {"name": name, "level": level}) for name, level in (("One", "a"), ("Two", "b"))]
        ticket = made(service.ann, customer=ids[1])
        assert due(ticket)[0] is None
        with unscoped("a test looks at everything"):
            survivor, gone = (db.session.get_one(customers.VERBS.entity, each) for each in ids)
        kept = merge(admin, RECORD_TYPES["customers"], survivor, gone)
        assert due(ticket)[0] == at("2026-11-02 09:20")
        undo(admin, RECORD_TYPES["customers"], survivor, kept)
        assert due(ticket)[0] is None


def test_it_pauses_while_it_waits_for_the_customer_and_stands_while_it_is_solved(cast, service, promised):
    promised()
    steps = {
        "2026-11-02 10:00": "waiting",
        "2026-11-03 10:00": "open",  # one hour used
        "2026-11-03 11:30": "solved",  # two and a half; late by half an hour to answer
        "2026-11-05 09:00": "open",
    }
    with clock.frozen(at("2026-11-02 09:00")):
        ticket = made(service.ann)
    seen = []
    for moment, status in steps.items():
        with clock.frozen(at(moment)):
            actions.change(cast.administrator.actor, again(ticket.id), {"status": status})
            seen.append((*due(ticket), again(ticket.id).waits_at is not None))
    assert seen == [
        (None, None, False),
        (at("2026-11-03 11:00"), at("2026-11-03 18:00"), True),
        (at("2026-11-03 11:00"), at("2026-11-03 18:00"), False),
        (at("2026-11-03 11:00"), at("2026-11-05 15:30"), True),
    ]


def test_the_hours_are_those_of_its_team_or_of_the_nearest_above(cast, service, promised, admin):
    night = calendars.save(admin, None, name="Night", zone="Europe/Berlin", week=[((0, 300),)] * 7)
    promised()
    with clock.frozen(at("2026-11-02 09:00")):
        calendars.use(admin, night, [cast.manager.department_id])
        ticket = made(service.ann)
        north_east = cast.rep.department_id
        db.session.add_all(
            TicketTeam(department_id=each, way="claim", people=[], position=9)
            for each in (north_east, cast.other_rep.department_id)
        )
        assert due(ticket)[0] == at("2026-11-02 11:00")
        queue.hand_over(admin, again(ticket.id), north_east)
        assert due(ticket)[0] == at("2026-11-02 09:00") + 2 * HOURS  # 2 to 4 in the night of Berlin
        queue.hand_over(admin, again(ticket.id), cast.other_rep.department_id)
        assert due(ticket)[0] == at("2026-11-02 11:00")


def test_round_the_clock_asks_no_calendar(service, promised):
    promised(in_hours=False, respond_minutes=24 * 60)
    with clock.frozen(at("2026-10-01 23:00")):
        assert due(made(service.ann))[0] == at("2026-10-02 23:00")


def test_whoever_moves_takes_their_tickets_under_other_hours(cast, service, promised, admin):
    late = calendars.save(admin, None, name="Late", zone="", week=[((720, 1320),)] * 7)
    promised()
    with clock.frozen(at("2026-11-02 09:00")):
        calendars.use(admin, late, [cast.other_rep.department_id])
        anew_all()
        ticket = made(service.ann, owner=service.ann.id)
        south = db.session.get_one(Department, cast.other_rep.department_id)
        (other,) = actions.create_many(admin, [{"name": "Bob's", "owner": service.bob.id}])
        _hand(admin, "tickets", [other], cast.other_rep, TicketClaimed({}))
        assert due(again(other))[0] == at("2026-11-02 14:00")
        move_person(admin, service.ann, south)
        anew_all()
        assert due(ticket)[0] == at("2026-11-02 14:00")
        structure.move_department(admin, south, parent=service.department)
        assert db.session.scalars(select(SlaRun).where(SlaRun.finished_at.is_(None))).one()


def test_a_changed_calendar_or_policy_is_reckoned_anew_for_what_is_not_done_step_by_step(
    cast, service, promised, admin, monkeypatch
):
    rule = promised()
    china = db.session.scalars(select(BusinessCalendar).where(BusinessCalendar.name == "China")).one()
    anew_all()
    with clock.frozen(at("2026-11-02 17:00")):
        tickets = [made(service.ann) for _ in range(3)]
        waiting, done = made(service.ann), made(service.ann)
    with clock.frozen(at("2026-11-02 17:30")):
        actions.change(admin, again(done.id), {"status": "solved"})
        actions.change(admin, again(waiting.id), {"status": "waiting"})
        before = due(done)
        assert calendars.put_days(admin, china, [days.Day(dt.date(2026, 11, 3), "Move")]) == 1
        assert calendars.put_days(admin, china, [days.Day(dt.date(2026, 11, 3), "Move")]) == 0
    assert due(tickets[0])[0] == at("2026-11-03 10:00")
    monkeypatch.setattr(reckoning, "BATCH", 2)
    assert reckoning.step() and due(tickets[1])[0] == at("2026-11-04 10:00")
    assert due(tickets[2])[0] == at("2026-11-03 10:00")  # a worker that dies here leaves this to the next
    assert (anew.last_run().done, anew.last_run().total) == (2, 4)
    anew_all()
    assert due(tickets[2])[0] == at("2026-11-04 10:00")
    assert (due(done), due(waiting)) == (before, (None, None))
    policies.save(admin, rule, POLICY | {"respond_minutes": 60})
    policies.save(admin, rule, POLICY | {"respond_minutes": 60})  # nothing differs
    assert not any(each.finished_at for each in db.session.scalars(select(SlaRun).order_by(SlaRun.id.desc()).limit(1)))
    anew_all()
    assert due(tickets[0])[0] == at("2026-11-02 18:00")
    policies.retire(admin, rule)
    anew_all()
    assert due(tickets[0]) == (None, None)


def test_many_at_once_are_reckoned_in_few_statements(cast, service, promised, admin):
    promised()
    ids = actions.create_many(admin, [{"name": f"Ticket {number}"} for number in range(300)])
    with unscoped("a test changes everything"):
        db.session.execute(update(queue.Ticket).values(respond_due_at=None, waits_at=None))
    asked = []

    def note(*given):
        asked.append(given[2])

    event.listen(db.engine, "before_cursor_execute", note)
    assert reckon(ids) == 300 and reckon(ids) == 0
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(asked) < 12


def test_what_makes_no_sense_is_refused_with_a_sentence(admin, promised):
    for values in (
        {"name": " "},
        {"respond_minutes": None, "solve_minutes": None},
        {"respond_minutes": 0},
        {"levels": ["nobody"]},
        {"steps": [policies.Step("response", 0, "owner")]},
        {"steps": [policies.Step("response", 80, "person")]},
        {"steps": [policies.Step("response", 80, "owner")], "respond_minutes": None},
        {"steps": [policies.Step("response", 80, "owner")] * 2},
    ):
        with pytest.raises(Invalid):
            promised(**values)
    assert not db.session.scalars(select(SlaPolicy).where(SlaPolicy.retired_at.is_(None))).all()
    week = [((540, 1080),)] * 7
    for values in ({"name": ""}, {"zone": "Mars/Olympus"}, {"week": [()] * 7}):
        with pytest.raises(Invalid):
            calendars.save(admin, None, **{"name": "New", "zone": "", "week": week} | values)


def test_where_nobody_has_said_the_calendar_of_the_company_s_zone_counts(admin):
    known = calendars.all_calendars()
    assert [everywhere(known, zone) for zone in ("Asia/Shanghai", "Europe/Berlin")] == [each.id for each in known]
    assert promises().calendars[None].zone == "Asia/Shanghai"
    calendars.use(admin, known[1], [None])
    calendars.retire(admin, known[0])
    assert not promises().calendars[None].days
    with pytest.raises(RuleBroken):
        calendars.retire(admin, known[1])
