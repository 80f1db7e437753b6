"""Many records at once: an exact account, nobody's rights overstepped, taken back where nobody came between."""

import pytest
from sqlalchemy import func, select, text, update

from crm.domain.bulk import actions, running
from crm.domain.bulk.deeds import DEEDS
from crm.domain.bulk.models import BulkChange, BulkItem, Outcome, State
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.people.models import Person
from crm.infra.db import db
from crm.jobs.bulk import sweep
from crm.kernel.access import unscoped
from crm.kernel.asking import Query
from crm.kernel.contact import Phone
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event


def make(person, *rows):
    ids = customers.create_many(person.actor, rows)
    db.session.commit()
    return ids


def bulk(person, deed, asked, **values):
    change = actions.start(person.actor, CUSTOMER, DEEDS[deed], asked=asked, values=values)
    db.session.commit()
    return change


def run(change):
    sweep()
    return db.session.get(BulkChange, change.id, populate_existing=True)


def account(change):
    return {each.value: getattr(change, each.value) for each in Outcome if getattr(change, each.value)}


def stored(id_):
    with unscoped("a test looks at everything"):
        return db.session.get(Customer, id_, populate_existing=True)


def test_the_account_is_exact_and_says_which_records_were_left_alone(cast):
    hers = make(cast.other_rep, {"name": "hers", "level": "b"})
    mine = make(cast.rep, {"name": "one", "level": "a"}, {"name": "two"}, {"name": "three", "level": "c"})
    change = run(bulk(cast.manager, "edit", Query(), level="a"))
    assert (change.state, change.total, account(change)) == (State.DONE, 3, {"changed": 2, "unchanged": 1})
    assert [stored(id_).level for id_ in (*mine, *hers)] == ["a", "a", "a", "b"]


def test_what_is_seen_but_not_in_reach_is_told_apart(cast):
    """The rep sees a customer that is shared with him, and may not change it."""
    from crm.kernel.sharing import Share

    hers, mine = make(cast.other_rep, {"name": "hers"}), make(cast.rep, {"name": "mine"})
    db.session.add(Share(subject_type="customers", subject_id=hers[0], person_id=cast.rep.id))
    change = run(bulk(cast.rep, "delete", Query()))
    assert account(change) == {"changed": 1, "denied": 1}
    left = db.session.scalars(select(BulkItem.record_id).where(BulkItem.outcome == Outcome.DENIED)).all()
    assert left == hers
    assert stored(hers[0]).deleted_at is None
    assert stored(mine[0]).deleted_at is not None


def test_only_the_records_that_were_there_when_it_began_are_changed(cast):
    ids = make(cast.rep, *({"name": f"c{n}", "level": "b"} for n in range(3)))
    change = bulk(cast.rep, "edit", Query(filters=(("level", "is", "b"),)), level="c")
    running.step(running.take_next())  # writes down which they are
    db.session.commit()
    late = make(cast.rep, {"name": "late", "level": "b"})
    assert account(run(change)) == {"changed": 3}
    assert [stored(id_).level for id_ in (*ids, *late)] == ["c", "c", "c", "b"]


def test_what_went_away_meanwhile_is_told(cast):
    ids = make(cast.rep, {"name": "one"}, {"name": "two"})
    change = bulk(cast.rep, "edit", ids, level="a")
    running.step(running.take_next())
    customers.delete(cast.rep.actor, stored(ids[0]))
    db.session.commit()
    assert account(run(change)) == {"changed": 1, "gone": 1}


def test_tags_are_added_and_removed_and_nothing_else_is_lost(cast):
    ids = make(cast.rep, {"name": "one", "tags": ["老客户"]}, {"name": "two"})
    run(bulk(cast.rep, "tag", ids, tags=["vip", "老客户"]))
    assert [stored(id_).tags for id_ in ids] == [["老客户", "vip"], ["vip", "老客户"]]
    change = run(bulk(cast.rep, "untag", ids, tags=["老客户", "never there"]))
    assert [stored(id_).tags for id_ in ids] == [["vip"], ["vip"]]
    assert account(change) == {"changed": 2}


def test_everything_is_taken_back_but_what_was_changed_since(cast):
    phone = Phone("+8613800138000", "138-0013-8000")
    ids = make(cast.rep, *({"name": f"c{n}", "phone": phone} for n in range(3)))
    change = run(bulk(cast.rep, "edit", ids, phone=None))
    customers.change(cast.rep.actor, stored(ids[1]), {"competitor": "Rival"})
    db.session.commit()
    back = actions.undo(cast.rep.actor, change)
    db.session.commit()
    back = run(back)
    assert account(back) == {"changed": 2, "refused": 1}
    kept = [(stored(id_).phone, stored(id_).phone_original) for id_ in ids]
    assert kept == [("+8613800138000", "138-0013-8000"), (None, None), ("+8613800138000", "138-0013-8000")]
    with pytest.raises(RuleBroken):
        actions.undo(cast.rep.actor, change)
    with pytest.raises(RuleBroken):
        actions.undo(cast.rep.actor, back)


def test_the_bin_and_the_way_back(cast):
    ids = make(cast.rep, {"name": "one"}, {"name": "two"})
    change = run(bulk(cast.rep, "delete", ids))
    assert [bool(stored(id_).deleted_at) for id_ in ids] == [True, True]
    run(bulk(cast.rep, "restore", ids[:1]))
    assert [bool(stored(id_).deleted_at) for id_ in ids] == [False, True]
    back = actions.undo(cast.rep.actor, change)
    db.session.commit()
    assert account(run(back)) == {"changed": 1, "gone": 1}  # one had been restored by hand
    assert [bool(stored(id_).deleted_at) for id_ in ids] == [False, False]


def test_a_rule_refuses_one_record_and_the_others_go_on(cast):
    parent, child = make(cast.rep, {"name": "parent"}, {"name": "child"})
    change = run(bulk(cast.rep, "edit", [parent, child], parent=parent))
    assert account(change) == {"changed": 1, "refused": 1}
    problem = db.session.scalar(select(BulkItem.problem).where(BulkItem.record_id == parent))
    assert "can belong to itself" in problem["message"]
    assert stored(child).parent_id == parent


def test_rights_taken_away_in_the_middle_end_it(cast):
    ids = make(cast.rep, {"name": "one"})
    change = bulk(cast.rep, "edit", ids, level="a")
    db.session.execute(update(Person).where(Person.id == cast.rep.id).values(active=False))
    change = run(change)
    assert (change.state, change.reached) == (State.FAILED, 0)
    assert stored(ids[0]).level is None
    db.session.execute(update(Person).where(Person.id == cast.rep.id).values(active=True))
    actions.resume(cast.rep.actor, change)
    db.session.commit()
    assert account(run(change)) == {"changed": 1}


@pytest.mark.parametrize("who", ["agent", "marketer", "auditor"])
def test_whoever_may_not_cannot_even_ask(cast, who):
    with pytest.raises(RuleBroken):
        actions.start(getattr(cast, who).actor, CUSTOMER, DEEDS["edit"], asked=[1], values={"level": "a"})


def test_a_rep_cannot_give_customers_away_by_the_dozen(cast):
    with pytest.raises(RuleBroken):
        actions.start(cast.rep.actor, CUSTOMER, DEEDS["edit"], asked=[1], values={"owner": cast.other_rep.id})


def test_nothing_ticked_and_nothing_chosen_is_said(cast):
    for asked, values in (([], {"level": "a"}), ([1], {})):
        with pytest.raises(Invalid):
            actions.start(cast.rep.actor, CUSTOMER, DEEDS["edit"], asked=asked, values=values)


def test_one_change_and_one_event_a_record_however_often_it_is_swept(cast):
    ids = make(cast.rep, *({"name": f"c{n}"} for n in range(5)))
    change = run(bulk(cast.rep, "edit", ids, level="a"))
    sweep()
    told = db.session.scalar(select(func.count()).where(Event.name == "customer.changed", Event.subject_id.in_(ids)))
    ends = db.session.scalar(select(func.count()).where(Event.name == "bulk.finished", Event.subject_id == change.id))
    assert (told, ends) == (5, 1)


def test_stopped_in_the_middle_it_goes_on_with_the_rest(cast, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 2)
    ids = make(cast.rep, *({"name": f"c{n}"} for n in range(5)))
    change = bulk(cast.rep, "edit", ids, level="a")
    for _ in range(2):
        running.step(running.take_next())
        db.session.commit()
    actions.cancel(cast.rep.actor, change)
    db.session.commit()
    assert (run(change).reached, change.not_reached) == (2, 3)
    actions.resume(cast.rep.actor, change)
    db.session.commit()
    assert account(run(change)) == {"changed": 5}


def test_what_the_database_ended_in_favour_of_another_is_done_again_later(cast, monkeypatch):
    def ended(*_):
        db.session.execute(text("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$"))  # deadlock detected

    (id_,) = make(cast.rep, {"name": "A"})
    change = bulk(cast.rep, "edit", [id_], level="a")
    with monkeypatch.context() as patched:
        patched.setattr(running, "do", ended)
        sweep()
    change = db.session.get(BulkChange, change.id, populate_existing=True)
    assert (change.state, change.attempts, stored(id_).level) == (State.RUNNING, 1, None)
    change.retry_at = None  # as if the time had passed
    db.session.commit()
    sweep()
    assert (change.state, stored(id_).level) == (State.DONE, "a")


def test_only_whoever_may_delete_everything_removes_for_good(cast):
    ids = make(cast.rep, {"name": "one"}, {"name": "two"})
    run(bulk(cast.rep, "delete", ids))
    for who in (cast.rep, cast.manager):
        with pytest.raises(RuleBroken):
            actions.start(who.actor, CUSTOMER, DEEDS["purge"], asked=ids, values={})
    change = run(bulk(cast.administrator, "purge", ids[:1]))
    assert account(change) == {"changed": 1}
    assert stored(ids[0]) is None
    assert stored(ids[1]) is not None
    with pytest.raises(RuleBroken):
        actions.undo(cast.administrator.actor, change)
