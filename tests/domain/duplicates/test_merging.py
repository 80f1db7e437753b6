"""Two records made one with all that leads to them, and two again."""

import datetime as dt

import pytest
from sqlalchemy import select, text

from crm.domain.contacts import actions as contacts
from crm.domain.contacts.models import Contact
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.customers.value import CustomerValue
from crm.domain.duplicates import forgetting, merging, separating
from crm.domain.duplicates.models import Merge, MergeItem
from crm.domain.duplicates.places import STAYS, linked, places
from crm.domain.duplicates.queries import merged_into, survivor_of
from crm.domain.fields.actions import make as make_field
from crm.domain.fields.drafts import Draft
from crm.domain.orders import actions as orders
from crm.domain.orders.models import Order
from crm.domain.people import sharing
from crm.domain.people.actions import SYSTEM
from crm.domain.registry import RECORD_TYPES
from crm.domain.tasks import actions as tasks
from crm.domain.tasks.models import Task
from crm.domain.timeline.actions import add_follow_up
from crm.domain.timeline.models import FollowUp
from crm.infra import clock
from crm.infra.db import Base, db
from crm.kernel.access import unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event
from crm.kernel.kinds import FieldKind
from crm.kernel.sharing import Share

TODAY = dt.date(2026, 11, 26)


@pytest.fixture
def two(cast, make, row):
    """(survivor, gone), both Sam's."""
    return tuple(row(make(cast.rep, name)) for name in ("云海科技有限公司", "雲海科技"))


def merge(who, survivor, gone, *taken_over):
    kept = merging.merge(who.actor, CUSTOMER, survivor, gone, taken_over)
    db.session.flush()
    return kept


def undo(who, kept, row):
    survivor = row(kept.survivor_id)
    undone = separating.undo(who.actor, CUSTOMER, survivor, db.session.get(Merge, kept.id))
    db.session.flush()
    return undone


def names_of(id_):
    facts = db.session.scalars(select(Event).filter_by(subject_type="customers", subject_id=id_).order_by(Event.id))
    return [each.name for each in facts]


def laden(cast, gone):
    """Everything that can lead to a customer, each of it once; {what: id}."""
    rep = cast.rep.actor
    with unscoped("a test looks at everything"):
        said = add_follow_up(rep, gone, {"kind": "call", "body": "They want a trial"}).id
        contact = contacts.create(rep, {"name": "陈志远", "customer": gone.id, "main": True})
        add_follow_up(rep, db.session.get(Contact, contact), {"kind": "call", "body": "Rang again"})
        order = orders.create(rep, {"customer": gone.id, "ordered_on": TODAY, "amount": 100})
        task = tasks.create(rep, {"name": "Ring back", "about": f"customers:{gone.id}"})
        child = customers.create(rep, {"name": "云海分厂", "parent": gone.id})
        sharing.share(rep, gone, cast.other_rep)
        db.session.flush()
    return {"said": said, "contact": contact, "order": order, "task": task, "child": child}


def test_everything_that_leads_to_the_one_leads_to_the_other_and_back(cast, two, row):
    survivor, gone = two
    theirs = laden(cast, gone)
    kept = merge(cast.rep, survivor, gone)

    def whose():
        return {
            row(theirs["contact"], Contact).customer_id,
            row(theirs["order"], Order).customer_id,
            row(theirs["task"], Task).customer_id,
            row(theirs["task"], Task).subject_id,
            row(theirs["child"]).parent_id,
            row(theirs["said"], FollowUp).subject_id,
            *db.session.scalars(select(FollowUp.customer_id)),
            *db.session.scalars(select(Share.subject_id)),
        }

    assert whose() == {survivor.id}
    assert row(survivor.id).last_follow_up_at is not None and row(gone.id).last_follow_up_at is None
    assert db.session.get(CustomerValue, survivor.id).order_total == 100
    assert db.session.get(CustomerValue, gone.id).order_total == 0
    told = db.session.scalars(select(Event).filter_by(name="record.merged")).one()
    assert told.subject_id == survivor.id and told.payload["number"] == gone.number
    assert told.payload["moved"]["orders.customer_id"] == 1 and told.payload["count"] >= 6
    of_order = db.session.scalars(select(Event).filter_by(subject_type="orders", name="order.changed")).one()
    assert of_order.payload["changes"] == {"customer": [gone.id, survivor.id]}

    undone = undo(cast.rep, kept, row)
    assert (undone.fields, undone.left) == ([], [])
    assert whose() == {gone.id}
    assert row(gone.id).deleted_at is None and row(gone.id).merged_into_id is None
    assert row(theirs["contact"], Contact).main
    assert db.session.get(CustomerValue, survivor.id, populate_existing=True).order_total == 0
    assert row(gone.id).last_follow_up_at is not None
    assert names_of(gone.id)[-2:] == ["record.went_into_another", "record.came_back"]
    assert db.session.scalars(select(MergeItem)).all() == []


def test_fields_are_chosen_one_by_one_and_come_back_unless_changed_since(cast, make, row):
    survivor = row(make(cast.rep, "云海科技", level="b", phone="+8613800138000", remarks="Ours"))
    gone = row(make(cast.rep, "雲海", level="a", phone="+8613900139000", remarks="Theirs", competitor="Rival"))
    kept = merge(cast.rep, survivor, gone, "level", "phone", "competitor")
    now = row(survivor.id)
    assert (now.level, now.phone, now.competitor, now.remarks) == ("a", "+8613900139000", "Rival", "Ours")
    assert now.phone_original == "+8613900139000"
    customers.change(cast.rep.actor, now, {"level": "c"})
    undone = undo(cast.rep, kept, row)
    now = row(survivor.id)
    assert (now.level, now.phone, now.competitor) == ("c", "+8613800138000", None)
    assert undone.fields == ["Level"]
    assert row(gone.id).competitor == "Rival"


def test_what_leads_elsewhere_by_now_stays_there(cast, make, two, row):
    survivor, gone = two
    theirs, third = laden(cast, gone), make(cast.rep, "Third")
    kept = merge(cast.rep, survivor, gone)
    orders.change(cast.rep.actor, row(theirs["order"], Order), {"customer": third})
    later = orders.create(cast.rep.actor, {"customer": survivor.id, "ordered_on": TODAY, "amount": 5})
    db.session.flush()
    undone = undo(cast.rep, kept, row)
    assert "orders.customer_id" in undone.left
    assert row(theirs["order"], Order).customer_id == third
    assert row(later, Order).customer_id == survivor.id
    assert row(theirs["contact"], Contact).customer_id == gone.id


def test_the_one_that_is_gone_is_in_no_list_and_no_bin_and_is_not_purged(cast, two, row):
    survivor, gone = two
    merge(cast.rep, survivor, gone)
    for who in cast:
        for door in (Customer.visible_to, Customer.binned_for):
            assert gone.id not in db.session.scalars(door(who.actor).with_only_columns(Customer.id)).all()
    assert customers.purge_old(SYSTEM, clock.now() + dt.timedelta(days=1), 10) == 0
    assert row(gone.id) is not None


def test_its_address_leads_on_through_further_merges_for_those_who_may_see(cast, make, two, row):
    survivor, gone = two
    third = row(make(cast.rep, "云海"))
    merge(cast.rep, survivor, gone)
    merge(cast.rep, third, row(survivor.id))
    assert survivor_of(cast.rep.actor, CUSTOMER, gone.id) == third.id
    assert survivor_of(cast.other_rep.actor, CUSTOMER, gone.id) is None
    assert survivor_of(cast.rep.actor, CUSTOMER, third.id) is None


def test_of_two_main_contacts_the_survivors_stays(cast, two, row):
    survivor, gone = two
    ours, theirs = (
        contacts.create(cast.rep.actor, {"name": name, "customer": each.id, "main": True})
        for name, each in (("Ours", survivor), ("Theirs", gone))
    )
    kept = merge(cast.rep, survivor, gone)
    assert (row(ours, Contact).main, row(theirs, Contact).main) == (True, False)
    undo(cast.rep, kept, row)
    assert (row(ours, Contact).main, row(theirs, Contact).main) == (True, True)


def test_none_comes_to_belong_to_itself(cast, make, row):
    top = row(make(cast.rep, "云海集团"))
    below = row(make(cast.rep, "云海", parent=top.id))
    deep = row(make(cast.rep, "云海二厂", parent=below.id))
    with pytest.raises(RuleBroken):
        merge(cast.rep, deep, top)
    kept = merge(cast.rep, below, top)
    assert row(below.id).parent_id is None
    undo(cast.rep, kept, row)
    assert row(below.id).parent_id == top.id


def test_it_takes_the_right_to_change_both_and_to_delete_the_one(cast, make, two, row):
    survivor, gone = two
    mias = row(make(cast.other_rep, "Mias"))
    sharing.share(cast.other_rep.actor, mias, cast.rep)
    for who, into, of in ((cast.rep, survivor, mias), (cast.agent, survivor, gone), (cast.rep, survivor, survivor)):
        with pytest.raises(RuleBroken):
            merge(who, into, of)
    kept = merge(cast.manager, survivor, gone)
    with pytest.raises(RuleBroken):
        separating.undo(cast.agent.actor, CUSTOMER, survivor, kept)


def test_it_is_undone_once_and_within_ninety_days(cast, two, row):
    survivor, gone = two
    kept = merge(cast.rep, survivor, gone)
    kept.merged_at = clock.now() - dt.timedelta(days=91)
    db.session.flush()
    with pytest.raises(RuleBroken, match="days"):
        undo(cast.rep, kept, row)
    kept.merged_at = clock.now() - dt.timedelta(days=89)
    undo(cast.rep, kept, row)
    with pytest.raises(RuleBroken, match="again already"):
        undo(cast.rep, kept, row)


def test_after_ninety_days_it_is_forgotten_and_the_address_still_leads_on(cast, two, row):
    survivor, gone = two
    laden(cast, gone)
    kept = merge(cast.rep, survivor, gone)
    assert forgetting.forget_old(SYSTEM, 10) == 0
    assert [each.id for each in merged_into(CUSTOMER, survivor)] == [kept.id]
    kept.merged_at = clock.now() - dt.timedelta(days=91)
    db.session.flush()
    assert forgetting.forget_old(SYSTEM, 10) == 1
    db.session.flush()
    assert row(gone.id) is None and not db.session.scalars(select(MergeItem)).all()
    assert merged_into(CUSTOMER, survivor) == []
    assert survivor_of(cast.rep.actor, CUSTOMER, gone.id) == survivor.id
    assert forgetting.forget_old(SYSTEM, 10) == 0
    assert db.session.scalar(select(FollowUp.id).where(FollowUp.subject_id == survivor.id).limit(1)) is not None


def test_every_place_that_may_lead_to_a_record_is_known(cast):
    """A table that is new is moved by itself if it has a foreign key, and must be said to stay or be moved if not."""
    for key, type_ in RECORD_TYPES.items():
        if type_.likeness is not None:
            known = {each.name for each in places(key)} | STAYS
            for table in Base.metadata.sorted_tables:
                there = [f"{table.name}.{each}" for each in linked(table, key)]
                there += [f"{table.name}.subject_id"] if "subject_id" in table.c else []
                assert set(there) <= known, f"{key}: {set(there) - known}"


def test_own_fields_that_lead_to_it_and_values_only_one_may_have(cast, two, row):
    survivor, gone = two
    admin = cast.administrator.actor
    at = make_field(admin, "contacts", Draft({"en": "Works for"}, FieldKind.LINK, "basics", link_type="customers"))
    number = make_field(admin, "customers", Draft({"en": "Tax number"}, FieldKind.TEXT, "basics", is_unique=True))
    db.session.flush()
    link, tax = at.key, number.key
    rep = cast.rep.actor
    contact = contacts.create(rep, {"name": "陈志远", link: gone.id})
    customers.change(rep, gone, {tax: "91440300"})
    db.session.flush()
    kept = merge(cast.rep, survivor, gone, tax)
    assert row(contact, Contact).custom[link] == survivor.id
    assert row(survivor.id).custom[tax] == "91440300" and tax not in row(gone.id).custom
    undo(cast.rep, kept, row)
    assert row(contact, Contact).custom[link] == gone.id
    assert tax not in row(survivor.id).custom and row(gone.id).custom[tax] == "91440300"


def test_the_log_stays_sealed_and_whole(cast, two):
    """Nothing in the log is changed by a merge: it only grows."""
    survivor, gone = two
    before = db.session.execute(text("SELECT id, subject_id FROM events ORDER BY id")).all()
    merge(cast.rep, survivor, gone)
    after = db.session.execute(text("SELECT id, subject_id FROM events ORDER BY id")).all()
    assert after[: len(before)] == before and len(after) > len(before)
