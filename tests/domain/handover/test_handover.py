"""Everything somebody owns goes with them to another department, or to whoever takes over, and comes back."""

import pytest
from sqlalchemy import func, select

from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.handover import actions as handover
from crm.domain.handover import running
from crm.domain.handover.models import State
from crm.domain.handover.queries import owned
from crm.domain.people.granting import give_roles
from crm.domain.people.models import Department
from crm.domain.people.queries import ready_made
from crm.domain.people.sessions import sessions_of
from crm.infra.db import db
from crm.jobs.handover import sweep
from crm.kernel.access import unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event, because
from tests.cast import sit


@pytest.fixture
def his(cast):
    """Three of the rep's, the last of them in the recycle bin, and one of somebody else's."""
    ids = customers.create_many(cast.rep.actor, [{"name": name} for name in ("A", "B", "C")])
    customers.create(cast.other_rep.actor, {"name": "Hers"})
    db.session.flush()
    customers.delete(cast.rep.actor, one(ids[2]))
    db.session.flush()
    return ids


def one(customer_id):
    with unscoped("a test looks at everything"):
        return db.session.get(Customer, customer_id, populate_existing=True)


def numbers(undone):
    assert undone.state == State.UNDONE
    return undone.back, undone.left


def told(customer_id):
    names = select(Event.name).filter_by(subject_type="customers", subject_id=customer_id).order_by(Event.id)
    return list(db.session.scalars(names))


def test_what_one_owns_is_counted_with_the_recycle_bin(cast, his):
    assert owned(cast.rep) == {"customers": 3}
    assert owned(cast.outsider) == {}


def test_all_goes_to_the_receiver_with_an_event_each(cast, his):
    sit(cast.rep)
    done = handover.deactivate(cast.administrator.actor, cast.rep, cast.other_rep)
    assert (cast.rep.active, len(sessions_of(cast.rep)), done.given) == (False, 0, 3)
    for id_ in his:
        assert (one(id_).owner_id, one(id_).department_id) == (cast.other_rep.id, cast.other_rep.department_id)
        assert told(id_)[-1] == "record.handed_over"
    event = db.session.scalars(select(Event).filter_by(name="record.handed_over").limit(1)).one()
    assert event.payload["changes"] == {"owner": [cast.rep.id, cast.other_rep.id]}
    assert db.session.scalar(select(func.count()).where(Event.name == "record.handed_over")) == 3


def test_undone_it_gives_back_what_is_still_there_and_was_not_given_on(cast, his):
    admin = cast.administrator.actor
    handover.deactivate(admin, cast.rep, cast.other_rep)
    customers.change(admin, one(his[0]), {"owner": cast.manager.id})
    customers.change(admin, one(his[0]), {"owner": cast.other_rep.id})  # back with the receiver, but by another's will
    db.session.flush()
    assert numbers(handover.reactivate(admin, cast.rep)) == (2, 1)
    assert cast.rep.active
    assert [one(each).owner_id for each in his] == [cast.other_rep.id, cast.rep.id, cast.rep.id]
    assert one(his[1]).department_id == cast.rep.department_id
    assert told(his[1])[-1] == "record.handed_back"
    with pytest.raises(RuleBroken):
        handover.reactivate(admin, cast.rep)


def test_what_was_changed_otherwise_comes_back_as_it_is_now(cast, his):
    admin = cast.administrator.actor
    handover.deactivate(admin, cast.rep, cast.other_rep)
    customers.change(cast.other_rep.actor, one(his[0]), {"name": "Better"})
    db.session.flush()
    assert numbers(handover.reactivate(admin, cast.rep)) == (3, 0)
    assert (one(his[0]).owner_id, one(his[0]).name) == (cast.rep.id, "Better")


def test_a_second_leave_is_undone_by_itself(cast, his):
    admin = cast.administrator.actor
    handover.deactivate(admin, cast.rep, cast.other_rep)
    handover.reactivate(admin, cast.rep)
    handover.deactivate(admin, cast.rep, cast.manager)
    assert numbers(handover.reactivate(admin, cast.rep)) == (3, 0)
    assert {one(each).owner_id for each in his} == {cast.rep.id}


def test_somebody_must_take_over_what_there_is(cast, his):
    admin = cast.administrator.actor
    for receiver in (None, cast.rep):
        with pytest.raises(RuleBroken):
            handover.deactivate(admin, cast.rep, receiver)
    assert cast.rep.active
    handover.deactivate(admin, cast.outsider, None)
    assert not cast.outsider.active
    with pytest.raises(RuleBroken):
        handover.deactivate(admin, cast.rep, cast.outsider)
    with pytest.raises(RuleBroken):
        handover.deactivate(admin, cast.outsider, cast.rep)


def test_the_last_administrator_stays(cast):
    with pytest.raises(RuleBroken):
        handover.deactivate(cast.administrator.actor, cast.administrator, cast.rep)
    cast.administrator.active = True
    give_roles(cast.administrator.actor, cast.manager, [ready_made("administrator")])
    handover.deactivate(cast.manager.actor, cast.administrator, cast.rep)
    assert not cast.administrator.active


def test_a_move_takes_the_records_along(cast, his):
    south = db.session.get(Department, cast.other_rep.department_id)
    handover.move(cast.administrator.actor, cast.rep, south)
    assert {one(each).department_id for each in his} == {south.id}
    assert {each.id for each in db.session.scalars(Customer.visible_to(cast.manager.actor))} == set()
    handover.move(cast.administrator.actor, cast.rep, None)
    assert {one(each).department_id for each in his} == {None}


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(running, "BATCH", 1)
    monkeypatch.setattr(handover, "BATCH", 1)


def test_much_is_handed_over_by_a_worker_batch_by_batch(cast, his, small_batches):
    admin = cast.administrator.actor
    with because("Retired"):
        begun = handover.deactivate(admin, cast.rep, cast.other_rep)
    assert (cast.rep.active, begun.state, begun.given, begun.total) == (False, State.GIVING, 0, 3)
    with pytest.raises(RuleBroken, match="still being handed over"):
        handover.deactivate(admin, cast.other_rep, cast.manager)
    db.session.commit()
    found = running.take_next()
    running.step(found)
    assert (found.given, found.percent, owned(cast.rep)) == (1, 33, {"customers": 2})
    assert sweep() == 3, "two batches, and one that finds nothing left"
    db.session.expire_all()
    assert (begun.state, begun.given, owned(cast.rep)) == (State.DONE, 3, {})
    assert {one(each).owner_id for each in his} == {cast.other_rep.id}
    assert [told(each).count("record.handed_over") for each in his] == [1, 1, 1]
    assert set(db.session.scalars(select(Event.reason).filter_by(name="record.handed_over"))) == {"Retired"}
    assert sweep() == 0


def test_what_is_half_handed_over_can_be_undone(cast, his, small_batches):
    admin = cast.administrator.actor
    begun = handover.deactivate(admin, cast.rep, cast.other_rep)
    for _ in range(2):
        running.step(begun)
    handover.reactivate(admin, cast.rep)
    assert begun.state == State.RETURNING
    db.session.commit()
    sweep()
    db.session.expire_all()
    assert (begun.state, begun.given, begun.back, begun.left) == (State.UNDONE, 2, 2, 0)
    assert {one(each).owner_id for each in his} == {cast.rep.id}


def test_a_batch_that_fails_is_undone_as_a_whole_and_tried_again_later(cast, his, small_batches, monkeypatch):
    begun = handover.deactivate(cast.administrator.actor, cast.rep, cast.other_rep)
    db.session.commit()

    def broken(*_):
        raise ValueError("no")

    with monkeypatch.context() as patched:
        patched.setattr(running, "record_many", broken)
        assert sweep() == 1
    db.session.expire_all()
    assert (begun.given, begun.attempts, owned(cast.rep)) == (0, 1, {"customers": 3})
    assert begun.retry_at is not None
    assert sweep() == 0, "its time has not come"
    begun.retry_at = None
    db.session.commit()
    assert sweep() == 4
    assert (begun.state, begun.given) == (State.DONE, 3)
