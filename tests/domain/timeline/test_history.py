"""Follow-ups of the past, written down many at once."""

import datetime as dt

import pytest
from sqlalchemy import select

from crm.domain.customers.actions import create_many
from crm.domain.customers.models import Customer
from crm.domain.timeline.actions import Dealing, add_follow_up, add_follow_ups
from crm.domain.timeline.models import FollowUp
from crm.infra.db import db
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event

LONG_AGO = dt.datetime(2025, 3, 1, 9, 30, tzinfo=dt.UTC)
FAR = dt.date(2999, 1, 1)


@pytest.fixture
def two(cast) -> list[Customer]:
    ids = create_many(cast.rep.actor, [{"name": "甲公司"}, {"name": "乙公司"}])
    return [db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == id_)).one() for id_ in ids]


def said(customer: Customer, author, days: int = 0, **values) -> Dealing:
    given = {"kind": "call", "body": "Talked"} | values
    return Dealing(customer.id, author.id, LONG_AGO + dt.timedelta(days=days), given)


def test_each_is_kept_as_it_was_with_its_event(cast, two):
    ids = add_follow_ups(
        cast.rep.actor,
        Customer,
        [said(two[0], cast.rep, result="fine"), said(two[1], cast.rep, 1, body="来电 \\ 询价\n报价")],
    )
    kept = [db.session.get(FollowUp, id_) for id_ in ids]
    assert [(each.subject_id, each.happened_at, each.author_id) for each in kept] == [
        (two[0].id, LONG_AGO, cast.rep.id),
        (two[1].id, LONG_AGO + dt.timedelta(days=1), cast.rep.id),
    ]
    assert (kept[0].result, kept[1].body, kept[1].next_on) == ("fine", "来电 \\ 询价\n报价", None)
    events = db.session.scalars(select(Event).filter_by(name="follow_up.added").order_by(Event.id)).all()
    assert [(each.subject_id, each.payload["follow_up_id"]) for each in events] == [
        (two[0].id, ids[0]),
        (two[1].id, ids[1]),
    ]
    assert events[0].payload["values"]["result"] == "fine"


def test_the_customers_dates_come_out_as_if_written_one_by_one(cast, two):
    for days, next_on in ((0, FAR), (1, dt.date(2025, 4, 1)), (2, dt.date(2998, 1, 1)), (3, None)):
        add_follow_ups(cast.rep.actor, Customer, [said(two[0], cast.rep, days, next_on=next_on)])
    overdue = [
        said(two[1], cast.rep, 5, next_on=dt.date(2025, 5, 1)),
        said(two[1], cast.rep, 4, next_on=dt.date(2025, 6, 1)),
    ]
    add_follow_ups(cast.rep.actor, Customer, overdue)
    db.session.expire_all()
    assert (two[0].last_follow_up_at, two[0].next_follow_up_on) == (
        LONG_AGO + dt.timedelta(days=3),
        dt.date(2998, 1, 1),
    )
    assert (two[1].last_follow_up_at, two[1].next_follow_up_on) == (
        LONG_AGO + dt.timedelta(days=5),
        dt.date(2025, 5, 1),
    )

    before = [(each.last_follow_up_at, each.next_follow_up_on) for each in two]
    for each in two:
        follow_up = add_follow_up(cast.rep.actor, each, {"kind": "note", "body": "now"})
        follow_up.deleted_at = follow_up.created_at
        db.session.flush()
        add_follow_ups(cast.rep.actor, Customer, [said(each, cast.rep)])
    db.session.expire_all()
    assert [(each.last_follow_up_at, each.next_follow_up_on) for each in two] == before


def test_another_persons_name_needs_the_right_to_assign(cast, two):
    with pytest.raises(RuleBroken, match="someone else"):
        add_follow_ups(cast.rep.actor, Customer, [said(two[0], cast.other_rep)])
    ids = add_follow_ups(cast.administrator.actor, Customer, [said(two[0], cast.other_rep)])
    assert db.session.get(FollowUp, ids[0]).author_id == cast.other_rep.id


def test_records_the_actor_cannot_see_are_not_there(cast, two):
    with pytest.raises(RuleBroken, match="not there"):
        add_follow_ups(cast.other_rep.actor, Customer, [said(two[0], cast.other_rep)])
    assert db.session.scalar(select(FollowUp.id)) is None
