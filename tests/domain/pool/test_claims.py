"""Claiming from the pool of customers, and how many somebody may claim and hold."""

import datetime as dt

import pytest
from sqlalchemy import select

from crm.domain.bulk import actions as bulk
from crm.domain.bulk.deeds import DEEDS
from crm.domain.bulk.models import BulkChange, BulkItem
from crm.domain.confirming.models import PendingChange
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.customers.pool_models import CustomerClaim
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.fields.actions import change_standard
from crm.domain.pool.moving import claim, refuse_late
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.bulk import sweep
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event, because
from crm.kernel.permissions import Action, permission
from tests.domain.pool.conftest import NIGHT


def free(pool, *names, who=None, **values):
    """In the pool of the north-east."""
    made = [pool.customer(who or pool.cast.rep, name=name, **values) for name in names]
    for each in made:
        with because("Nobody has time"):
            customers.change(pool.cast.administrator.actor, each, {"owner": None})
    db.session.commit()
    return made


def test_a_pooled_customer_may_be_seen_and_not_changed_before_it_is_claimed(pool, cast):
    (one,), edit = free(pool, "One"), permission("customers", Action.EDIT)
    assert one in db.session.scalars(Customer.visible_to(cast.rep.actor)).all()
    assert one not in db.session.scalars(Customer.visible_to(cast.other_rep.actor)).all()
    assert not cast.rep.actor.holds(one, edit)
    claim(cast.rep.actor, one)
    assert cast.rep.actor.holds(one, edit)
    event = db.session.scalars(select(Event).filter_by(name="customer.claimed")).one()
    assert event.payload == {"pool": cast.rep.department_id, "changes": {"owner": [None, cast.rep.id]}}


def test_who_comes_second_is_told_and_to_all_others_it_does_not_exist(pool, cast):
    (one,) = free(pool, "One")
    stale = db.session.scalars(Customer.visible_to(cast.manager.actor).where(Customer.id == one.id)).one()
    claim(cast.rep.actor, one)
    with pytest.raises(RuleBroken, match="quicker"):
        claim(cast.manager.actor, stale)
    with pytest.raises(RuleBroken, match="quicker"):
        refuse_late(cast.manager.actor, one.id)
    refuse_late(cast.other_rep.actor, one.id)


def test_so_many_a_day_and_no_more(pool, cast):
    pool.rule(claims=2)
    one, two, three = free(pool, "One", "Two", "Three")
    with clock.frozen(NIGHT):
        claim(cast.rep.actor, one)
        claim(cast.rep.actor, two)
        with pytest.raises(RuleBroken, match="go on tomorrow"), db.session.begin_nested():
            claim(cast.rep.actor, three)
    with clock.frozen(NIGHT + dt.timedelta(days=1)):
        claim(cast.rep.actor, three)


def test_whoever_had_it_waits_and_others_do_not(pool, cast):
    pool.rule(cooling_days=30)
    one, two = free(pool, "One", "Two")
    with pytest.raises(RuleBroken, match="You had this"):
        claim(cast.rep.actor, one)
    claim(cast.manager.actor, one)
    with clock.frozen(clock.now() + dt.timedelta(days=31)):
        claim(cast.rep.actor, two)


@pytest.mark.parametrize(
    ("rule", "said"),
    [({"most": 2}, "may hold 2 customers"), ({"most_of_level": {"a": 2}}, "may hold 2 of level")],
)
def test_who_holds_enough_gets_no_more_in_whatever_way(pool, cast, rule, said):
    mine = [pool.customer(cast.rep, name=f"Mine {n}", level="a") for n in range(2)]
    one, two = free(pool, "One", "Two", who=cast.manager, level="a")
    norths = pool.customer(cast.manager, level="a")
    pool.rule(cast.rep.department_id, **rule)
    for refused in (
        lambda: claim(cast.rep.actor, one),
        lambda: customers.change(cast.manager.actor, norths, {"owner": cast.rep.id}),
        lambda: customers.change_many(cast.manager.actor, [(norths.id, {"owner": cast.rep.id})]),
        lambda: customers.create(cast.rep.actor, {"name": "New", "level": "a"}),
        lambda: customers.create(cast.manager.actor, {"name": "New", "level": "a", "owner": cast.rep.id}),
    ):
        with pytest.raises((Invalid, RuleBroken)) as problem, db.session.begin_nested():
            refused()
        assert said in problem.value.message % (problem.value.params | {"customers": "customers"})
        assert problem.value.params["most"] == 2
    customers.change(cast.rep.actor, pool.one(mine[0].id), {"remarks": "What they hold they may change"})
    customers.change(cast.manager.actor, pool.one(mine[0].id), {"owner": cast.manager.id})
    claim(cast.rep.actor, pool.one(two.id))
    if "most_of_level" in rule:
        customers.create(cast.rep.actor, {"name": "Of another level"})


def test_nothing_becomes_of_a_level_of_which_somebody_holds_enough(pool, cast):
    for n in range(2):
        pool.customer(cast.rep, name=f"Mine {n}", level="a")
    lower = pool.customer(cast.rep, name="Lower", level="b")
    pool.rule(cast.rep.department_id, most_of_level={"a": 2})
    with pytest.raises(Invalid, match="of level") as problem, db.session.begin_nested():
        customers.change(cast.rep.actor, lower, {"level": "a"})
    assert problem.value.params["key"] == "level"
    customers.change(cast.rep.actor, pool.one(lower.id), {"level": "c"})


def test_many_at_once_up_to_the_limit(pool, cast):
    pool.rule(claims=2)
    ids = [each.id for each in free(pool, "One", "Two", "Three")]
    change = bulk.start(cast.rep.actor, CUSTOMER, DEEDS["claim"], asked=ids, values={})
    db.session.commit()
    sweep()
    change = db.session.get(BulkChange, change.id, populate_existing=True)
    assert (change.state, change.changed, change.refused) == ("done", 2, 1)
    (problem,) = db.session.scalars(select(BulkItem.problem).where(BulkItem.problem.is_not(None)))
    assert "on one day" in problem["message"]
    with pytest.raises(RuleBroken):
        bulk.start(cast.agent.actor, CUSTOMER, DEEDS["claim"], asked=ids, values={})


def test_many_are_put_into_the_pool_with_a_reason_and_taken_out_again(pool, cast):
    ids = [pool.customer(cast.rep, name=name).id for name in ("One", "Two")]
    with pytest.raises(Invalid, match="Say why"):
        bulk.start(cast.manager.actor, CUSTOMER, DEEDS["release"], asked=ids, values={})
    with because("Nobody has time"):
        change = bulk.start(cast.manager.actor, CUSTOMER, DEEDS["release"], asked=ids, values={})
    db.session.commit()
    sweep()
    assert [pool.one(each).owner_id for each in ids] == [None, None]
    bulk.undo(cast.manager.actor, db.session.get(BulkChange, change.id, populate_existing=True))
    db.session.commit()
    sweep()
    assert [pool.one(each).owner_id for each in ids] == [cast.rep.id] * 2


def test_whoever_takes_for_themselves_claims_whatever_they_do_it_by(pool, cast):
    """A form and a cell write like this, an import like `change_many`."""
    pool.rule(claims=2, cooling_days=30)
    manager = cast.manager.actor
    one, two, three, own = (*free(pool, "One", "Two", "Three"), *free(pool, "Own", who=cast.manager))
    with clock.frozen(NIGHT):
        customers.change(manager, one, {"owner": cast.manager.id})
        assert db.session.scalars(select(CustomerClaim.customer_id)).all() == [one.id]
        with pytest.raises(RuleBroken, match="on one day"), db.session.begin_nested():
            customers.change_many(manager, [(each.id, {"owner": cast.manager.id}) for each in (two, three)])
        customers.change_many(manager, [(two.id, {"owner": cast.manager.id})])
        for refused in (
            lambda: customers.change(manager, pool.one(three.id), {"owner": cast.manager.id}),
            lambda: claim(manager, pool.one(three.id)),
        ):
            with pytest.raises(RuleBroken, match="on one day"), db.session.begin_nested():
                refused()
        customers.change(cast.administrator.actor, pool.one(three.id), {"owner": cast.rep.id})
    assert len(db.session.scalars(select(CustomerClaim)).all()) == 2, "what is given to somebody is no claim"
    with clock.frozen(NIGHT + dt.timedelta(days=1)), pytest.raises(RuleBroken, match="You had this"):
        customers.change(manager, pool.one(own.id), {"owner": cast.manager.id})


def test_many_given_to_oneself_at_once_are_claims_too(pool, cast):
    pool.rule(claims=2)
    ids = [each.id for each in free(pool, "One", "Two", "Three")]
    change = bulk.start(cast.manager.actor, CUSTOMER, DEEDS["edit"], asked=ids, values={"owner": cast.manager.id})
    db.session.commit()
    sweep()
    change = db.session.get(BulkChange, change.id, populate_existing=True)
    assert (change.state, change.changed, change.refused) == ("done", 2, 1)
    assert len(db.session.scalars(select(CustomerClaim)).all()) == 2


def test_what_a_second_person_confirms_is_the_claim_of_whoever_asked_for_it(pool, cast):
    pool.rule(claims=1)
    one, two = free(pool, "One", "Two")
    flags = {"hidden": False, "required": False, "sensitive": True}
    change_standard(cast.administrator.actor, "customers", CUSTOMER.by_key()["owner"], label={}, **flags)
    db.session.commit()
    for each in (one, two):
        customers.change(cast.manager.actor, pool.one(each.id), {"owner": cast.manager.id})
    assert not db.session.scalars(select(CustomerClaim)).all() and pool.one(one.id).owner_id is None
    first, second = db.session.scalars(select(PendingChange).order_by(PendingChange.subject_id)).all()
    customers.confirm(cast.administrator.actor, pool.one(first.subject_id), first)
    claimed = db.session.scalars(select(CustomerClaim)).one()
    assert (claimed.person_id, claimed.customer_id) == (cast.manager.id, first.subject_id)
    with pytest.raises(RuleBroken, match="confirm it tomorrow"), db.session.begin_nested():
        customers.confirm(cast.administrator.actor, pool.one(second.subject_id), second)


def test_nobody_is_given_what_they_have_to_wait_for_but_by_whoever_administers_the_pool(pool, cast):
    pool.rule(cooling_days=30)
    one, two = free(pool, "One", "Two")
    with pytest.raises(RuleBroken, match="give it to somebody else") as problem, db.session.begin_nested():
        customers.change(cast.manager.actor, one, {"owner": cast.rep.id})
    assert problem.value.params["name"] == cast.rep.name
    customers.change(cast.administrator.actor, pool.one(one.id), {"owner": cast.rep.id})
    with clock.frozen(clock.now() + dt.timedelta(days=31)):
        customers.change(cast.manager.actor, pool.one(two.id), {"owner": cast.rep.id})


def test_everybody_who_had_it_waits_not_the_last_alone(pool, cast):
    pool.rule(cooling_days=30)
    (one,) = free(pool, "One")
    claim(cast.manager.actor, one)
    with because("Nobody has time"):
        customers.change(cast.administrator.actor, pool.one(one.id), {"owner": None})
    for who in (cast.rep, cast.manager):
        with pytest.raises(RuleBroken, match="You had this"), db.session.begin_nested():
            claim(who.actor, pool.one(one.id))


def test_to_leave_it_without_an_owner_takes_the_reason_of_putting_it_into_the_pool(pool, cast):
    one = pool.customer(cast.rep)
    with pytest.raises(Invalid, match="write it under “Reason”") as problem, db.session.begin_nested():
        customers.change(cast.manager.actor, one, {"owner": None})
    assert problem.value.params["key"] == "owner"
    change = bulk.start(cast.manager.actor, CUSTOMER, DEEDS["edit"], asked=[one.id], values={"owner": None})
    db.session.commit()
    sweep()
    assert db.session.get(BulkChange, change.id, populate_existing=True).refused == 1
    with because("Nobody has time"):
        change = bulk.start(cast.manager.actor, CUSTOMER, DEEDS["edit"], asked=[one.id], values={"owner": None})
    db.session.commit()
    sweep()
    assert pool.one(one.id).owner_id is None
    pool.rule(cooling_days=30)
    bulk.undo(cast.manager.actor, db.session.get(BulkChange, change.id, populate_existing=True))
    db.session.commit()
    sweep()
    assert pool.one(one.id).owner_id == cast.rep.id, "what is taken back asks nothing again"


def test_what_comes_out_of_the_recycle_bin_counts_as_held(pool, cast):
    first, second = (pool.customer(cast.rep, name=name, level="a") for name in ("One", "Two"))
    pool.rule(cast.rep.department_id, most=2, most_of_level={"a": 1})
    customers.delete(cast.rep.actor, first)
    customers.delete(cast.rep.actor, second)
    customers.create_many(cast.rep.actor, [{"name": "Three", "level": "b"}])
    customers.restore(cast.rep.actor, first)
    with pytest.raises(RuleBroken, match="give some back first"), db.session.begin_nested():
        customers.restore(cast.rep.actor, second)
    pool.rule(cast.rep.department_id, most_of_level={"a": 1})
    with pytest.raises(RuleBroken, match="of level"), db.session.begin_nested():
        customers.restore(cast.rep.actor, pool.one(second.id))
    pool.rule(cast.rep.department_id, most=3)
    customers.restore(cast.rep.actor, pool.one(second.id))
