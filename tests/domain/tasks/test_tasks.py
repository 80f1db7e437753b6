"""Tasks: what follows from their values, whom they are given to, when they are told of."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm.domain.contacts import actions as contacts
from crm.domain.contacts.models import Contact
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.notifications.models import Notification
from crm.domain.notifications.queries import notifications, unread
from crm.domain.tasks import actions, feeds
from crm.domain.tasks.calendar import birthdays, days
from crm.domain.tasks.fields import TASK_FIELDS
from crm.domain.tasks.models import Task
from crm.domain.tasks.queries import TASKS, open_about
from crm.infra import clock
from crm.infra.db import db
from crm.jobs import tasks as jobs
from crm.kernel.access import unscoped
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event

DAY = dt.date(2026, 12, 3)


def made(person, **values) -> Task:
    id_ = actions.create(person.actor, {"name": "Ring them"} | values)
    with unscoped("a test looks at everything"):
        return db.session.get(Task, id_)


def one(entity, person, id_):
    return db.session.scalars(entity.visible_to(person.actor).where(entity.id == id_)).one()


@pytest.fixture
def acme(cast):
    return one(Customer, cast.rep, customers.create(cast.rep.actor, {"name": "Acme"}))


@pytest.fixture
def chen(cast, acme):
    values = {"name": "陈经理", "customer": acme.id, "birthday": dt.date(1984, 2, 29)}
    return one(Contact, cast.rep, contacts.create(cast.rep.actor, values))


def test_what_it_is_about_says_whose_customer_it_is(cast, acme, chen):
    of_contact, of_customer = made(cast.rep, about=f"contacts:{chen.id}"), made(cast.rep, about=f"customers:{acme.id}")
    assert (of_contact.subject_type, of_contact.subject_id, of_contact.customer_id) == ("contacts", chen.id, acme.id)
    assert of_customer.customer_id == acme.id
    assert {each.id for each in open_about(cast.rep.actor, acme)} == {of_contact.id, of_customer.id}
    assert [each.id for each in open_about(cast.rep.actor, chen)] == [of_contact.id]
    actions.complete(cast.rep.actor, of_contact)
    db.session.flush()
    assert open_about(cast.rep.actor, chen) == []
    assert open_about(cast.other_rep.actor, acme) == []


def test_a_record_of_any_type_is_named_by_number_or_name_and_only_to_whom_it_is_there(cast, acme, chen):
    source = next(each for each in TASK_FIELDS if each.key == "about").source
    found = source.resolve(cast.rep.actor, ["Acme", chen.number, f"x ({acme.number})", "Nobody"])
    assert found["Acme"] == found[f"x ({acme.number})"] == f"customers:{acme.id}"
    assert found[chen.number] == f"contacts:{chen.id}"
    assert isinstance(found["Nobody"], Invalid)
    customers.create(cast.rep.actor, {"name": "陈经理"})
    assert "number" in source.resolve(cast.rep.actor, ["陈经理"])["陈经理"].message
    values = [f"contacts:{chen.id}", f"customers:{acme.id}"]
    assert source.labels(cast.rep.actor, values)[values[0]] == f"陈经理 ({chen.number})"
    assert source.labels(cast.other_rep.actor, values) == {}
    assert isinstance(source.resolve(cast.other_rep.actor, ["Acme"])["Acme"], Invalid)


def test_open_ones_come_first_by_their_day_and_what_is_done_last(cast):
    later, never = made(cast.rep, name="b", due=DAY), made(cast.rep, name="c")
    done, soon = made(cast.rep, name="d", due=DAY), made(cast.rep, name="a", due=DAY - dt.timedelta(days=9))
    actions.complete(cast.rep.actor, done)
    db.session.flush()
    assert [row.name for row in TASKS.page(cast.rep.actor, Query()).rows] == ["a", "b", "c", "d"]
    assert done.done_at is not None
    actions.reopen(cast.rep.actor, done)
    db.session.flush()
    assert (done.status, done.done_at, done.waits_on) == ("open", None, DAY)
    assert {later.id, never.id, soon.id, done.id} >= {row.id for row in TASKS.page(cast.rep.actor, Query()).rows}
    events = db.session.scalars(select(Event).filter_by(name="task.changed").order_by(Event.id)).all()
    assert [each.payload["changes"]["status"] for each in events] == [["open", "done"], ["done", "open"]]


@pytest.mark.parametrize("view", TASKS.views, ids=lambda each: each.label)
def test_the_views_it_comes_with_are_questions_the_list_can_answer(cast, view):
    mine = made(cast.rep, due=clock.today("Asia/Shanghai"))
    rows = TASKS.page(cast.rep.actor, Query.from_args(view.args)).rows
    assert [row.id for row in rows] == ([] if "before_today" in str(view.args) else [mine.id])


def test_only_who_may_give_work_gives_it_and_whoever_gets_it_is_told(cast):
    with pytest.raises(RuleBroken):
        made(cast.rep, owner=cast.other_rep.id)
    task = made(cast.manager, owner=cast.rep.id)
    assert (task.owner_id, unread(cast.rep.actor), unread(cast.manager.actor)) == (cast.rep.id, 1, 0)
    (told,) = notifications(cast.rep.actor).told
    assert (told.record, told.by) == ("Ring them", "Max Manager")
    actions.change(cast.manager.actor, task, {"owner": cast.manager.id})
    db.session.flush()
    found = notifications(cast.rep.actor)
    assert (found.told, found.hidden) == ([], 1)  # it is no longer his to see
    with pytest.raises(RuleBroken):
        actions.complete(cast.agent.actor, task)


@pytest.mark.parametrize(
    ("values", "moment"),
    [
        ({"remind": "0"}, dt.time(9)),
        ({"remind": "60", "time": dt.time(14, 30)}, dt.time(13, 30)),
        ({}, None),
    ],
)
def test_when_it_is_told(cast, values, moment):
    at = dt.datetime.combine(DAY, moment, ZoneInfo("Asia/Shanghai")) if moment else None
    assert made(cast.rep, due=DAY, **values).remind_at == at


def test_the_first_and_the_last_day_of_the_calendar_are_days_as_any(cast):
    for day in (dt.date.min, dt.date.max):
        assert made(cast.rep, due=day, remind="10080").due_on == day


def test_a_reminder_is_given_once_and_again_for_another_day(cast):
    task, done = made(cast.rep, due=DAY, remind="0"), made(cast.rep, due=DAY, remind="0")
    actions.complete(cast.rep.actor, done)
    before = (task.version, task.updated_at)
    db.session.commit()
    with clock.frozen(dt.datetime(2026, 12, 3, 0, 59, tzinfo=dt.UTC)):
        jobs.remind()
        assert unread(cast.rep.actor) == 0
    with clock.frozen(dt.datetime(2026, 12, 3, 1, 1, tzinfo=dt.UTC)):
        jobs.remind()
        jobs.remind()
        assert unread(cast.rep.actor) == 1
        db.session.refresh(task)
        assert (task.version, task.updated_at) == before
        actions.change(cast.rep.actor, task, {"due": DAY + dt.timedelta(days=1)})
        db.session.commit()
    with clock.frozen(dt.datetime(2026, 12, 4, 2, tzinfo=dt.UTC)):
        jobs.remind()
        assert unread(cast.rep.actor) == 2


def test_birthdays_are_told_the_day_before_once_to_whose_contact_it_is(cast, chen):
    db.session.commit()
    with clock.frozen(dt.datetime(2027, 2, 27, 1, tzinfo=dt.UTC)):  # no leap year: the 28th
        jobs.birthdays()
        jobs.birthdays()
    told = db.session.execute(select(Notification.person_id, Notification.kind)).all()
    assert told == [(cast.rep.id, "birthday")]
    february = (dt.date(2027, 2, 1), dt.date(2027, 2, 28))
    assert [each.on for each in birthdays(cast.rep.actor, *february)] == [dt.date(2027, 2, 28)]
    assert [each.on for each in birthdays(cast.rep.actor, dt.date(2027, 12, 27), dt.date(2028, 3, 2))] == [
        dt.date(2028, 2, 29)
    ]
    assert birthdays(cast.manager.actor, *february) == []


def test_days_are_ones_own_or_the_teams(cast):
    mine, theirs, hers = made(cast.manager, due=DAY), made(cast.rep, due=DAY), made(cast.other_rep, due=DAY)
    actions.change(cast.rep.actor, made(cast.rep, due=DAY), {"status": "cancelled"})
    db.session.flush()
    assert [each.id for each in days(cast.manager.actor, DAY, DAY).tasks] == [mine.id]
    assert {each.id for each in days(cast.manager.actor, DAY, DAY, team=True).tasks} == {mine.id, theirs.id}
    assert hers.id not in {each.id for each in days(cast.rep.actor, DAY, DAY, team=True).tasks}


def test_the_address_of_a_calendar_is_kept_as_a_hash_and_ends_with_the_next(cast):
    first = feeds.make_feed(cast.rep.actor, cast.rep)
    db.session.flush()
    assert first not in str(vars(feeds.feed_of(cast.rep)))
    assert feeds.whose(first) == cast.rep
    second = feeds.make_feed(cast.rep.actor, cast.rep)
    db.session.flush()
    assert (feeds.whose(first), feeds.whose(second)) == (None, cast.rep)
    feeds.revoke_feed(cast.rep.actor, cast.rep)
    assert feeds.whose(second) is None
