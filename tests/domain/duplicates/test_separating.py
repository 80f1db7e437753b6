"""What a merge leaves behind and what its undoing gives back: all that can be, and why where something cannot."""

import pytest
from sqlalchemy import select, text

from crm.domain.access import of_records as access
from crm.domain.access.models import AccessRequest
from crm.domain.confirming.models import PendingChange, State
from crm.domain.contacts import actions as contacts
from crm.domain.contacts.models import Contact
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.duplicates import merging, separating
from crm.domain.duplicates.models import Merge
from crm.domain.fields import actions as fields
from crm.domain.fields.drafts import Draft
from crm.domain.leads import actions as leads
from crm.domain.leads.converting import Chosen, convert
from crm.domain.leads.models import Lead
from crm.domain.leads.record_type import LEAD
from crm.domain.notifications.models import Notification
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.infra.db import db
from crm.kernel.access import FieldRight, Reach
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Permission


@pytest.fixture
def two(cast, make, row):
    """(survivor, gone), both Sam's."""
    return tuple(row(make(cast.rep, name)) for name in ("云海科技有限公司", "雲海科技"))


def merge(who, survivor, gone, *taken_over):
    kept = merging.merge(who.actor, CUSTOMER, survivor, gone, taken_over)
    db.session.flush()
    return kept


def undo(who, kept, row):
    undone = separating.undo(who.actor, CUSTOMER, row(kept.survivor_id), db.session.get(Merge, kept.id))
    db.session.flush()
    return undone


def own(cast, type_, label, kind=FieldKind.TEXT, **said):
    made = fields.make(cast.administrator.actor, type_, Draft({"en": label}, kind, "basics", **said))
    db.session.commit()
    return made


def narrow(cast, **rights):
    """Olga may do everything but these."""
    role = granting.create_role(SYSTEM, name="Narrow")
    granting.change_role(
        SYSTEM, role, name="", reach=dict.fromkeys(Permission, Reach.ALL), fields={"customers": rights}
    )
    granting.give_roles(SYSTEM, cast.outsider, [role])
    db.session.commit()
    return cast.outsider


def facts(name):
    return db.session.scalars(select(Event).filter_by(name=name).order_by(Event.id)).all()


def test_a_converted_lead_is_not_given_up_for_one_that_is_not(cast, row):
    actor = cast.rep.actor
    won, other, third = (row(leads.create(actor, {"name": "陈志远", "company": "云海"}), Lead) for _ in range(3))
    convert(actor, won, Chosen())
    with pytest.raises(RuleBroken, match="is converted"), db.session.begin_nested():
        merging.merge(actor, LEAD, other, won)
    merging.merge(actor, LEAD, won, other)
    db.session.flush()
    assert row(won.id, Lead).status == "won" and row(won.id, Lead).customer_id is not None
    convert(actor, third, Chosen())
    with pytest.raises(RuleBroken, match="Both are converted"), db.session.begin_nested():
        merging.merge(actor, LEAD, row(won.id, Lead), third)
    third.customer_id = row(won.id, Lead).customer_id
    merging.merge(actor, LEAD, row(won.id, Lead), third)


def test_what_the_merge_asked_a_second_person_for_is_not_asked_for_any_more(cast, make, row):
    level = CUSTOMER.by_key()["level"]
    flags = {"hidden": False, "required": False, "sensitive": True}
    fields.change_standard(cast.administrator.actor, "customers", level, label={}, **flags)
    db.session.commit()
    survivor, gone = (row(make(cast.rep, "云海", level=level)) for level in ("b", "a"))
    kept = merge(cast.rep, survivor, gone, "level")
    (pending,) = db.session.scalars(select(PendingChange)).all()
    assert row(survivor.id).level == "b" and pending.state == State.ASKED
    undone = undo(cast.rep, kept, row)
    assert (undone.withdrawn, undone.fields, undone.waiting) == (["Level"], [], [])
    db.session.refresh(pending)
    assert pending.state == State.WITHDRAWN and row(survivor.id).level == "b"
    assert [each.payload["changes"] for each in facts("change.withdrawn")] == [{"level": ["b", "a"]}]
    # Confirmed in between, it goes back the way it came: when a second person has confirmed it.
    kept = merge(cast.rep, row(survivor.id), row(gone.id), "level")
    waiting = db.session.scalars(select(PendingChange).filter_by(state=State.ASKED)).one()
    customers.confirm(cast.administrator.actor, row(survivor.id), waiting)
    db.session.flush()
    assert row(survivor.id).level == "a"
    assert undo(cast.rep, kept, row).waiting == ["Level"]


def test_one_field_that_cannot_be_put_back_does_not_hinder_the_rest(cast, make, row):
    number = own(cast, "customers", "Tax number", is_unique=True).key
    survivor = row(make(cast.rep, "云海", level="b", competitor="Old", **{number: "1"}))
    gone = row(make(cast.rep, "雲海", level="a", competitor="New", **{number: "2"}))
    kept = merge(cast.rep, survivor, gone, "level", "competitor", number)
    third = make(cast.rep, "Third", **{number: "1"})
    undone = undo(cast.rep, kept, row)
    assert [(label, why.params["value"]) for label, why in undone.refused][0][1] == "1"
    now = row(survivor.id)
    assert (now.level, now.competitor, now.custom[number]) == ("b", "Old", "2")
    assert row(third).custom[number] == "1" and row(gone.id).deleted_at is None
    assert len(undone.refused) == 2, "the other one cannot have its number back while the survivor has it"
    assert "Tax number" in str(facts("record.merge_undone")[0].payload["left"])


def test_what_the_undoer_may_not_write_is_left_and_told_without_its_value(cast, make, row):
    survivor, gone = (row(make(cast.rep, "云海", level=level, remarks=level)) for level in ("b", "a"))
    kept = merge(cast.rep, survivor, gone, "level", "remarks")
    olga = narrow(cast, level=FieldRight.READ, remarks=FieldRight.HIDDEN)
    undone = undo(olga, kept, row)
    assert {label for label, _ in undone.refused} == {"Level", "A field you may not see"}
    assert (row(survivor.id).level, row(survivor.id).remarks) == ("a", "a") and row(gone.id).deleted_at is None


def test_links_in_retired_fields_move_too_and_are_there_when_the_field_comes_back(cast, two, row):
    survivor, gone = two
    at = own(cast, "contacts", "Works for", FieldKind.LINK, link_type="customers")
    up = own(cast, "customers", "Buys through", FieldKind.LINK, link_type="customers")
    contact = contacts.create(cast.rep.actor, {"name": "陈志远", at.key: gone.id})
    customers.change(cast.rep.actor, survivor, {up.key: gone.id})
    for each in (at, up):
        fields.retire(cast.administrator.actor, each)
    db.session.commit()
    kept = merge(cast.rep, survivor, gone)
    assert row(contact, Contact).custom[at.key] == survivor.id
    assert up.key not in row(survivor.id).custom
    fields.bring_back(cast.administrator.actor, at)
    db.session.commit()
    undo(cast.rep, kept, row)
    assert row(contact, Contact).custom[at.key] == gone.id and row(survivor.id).custom[up.key] == gone.id


def test_a_link_to_the_other_is_emptied_whoever_may_write_it(cast, make, row):
    top = row(make(cast.rep, "云海集团"))
    below = row(make(cast.rep, "云海", parent=top.id))
    olga = narrow(cast, parent=FieldRight.READ)
    kept = merge(olga, below, top)
    assert row(below.id).parent_id is None
    told = [each.payload["changes"] for each in facts("customer.changed") if each.subject_id == below.id]
    assert told == [{"parent": [top.id, None]}]
    undo(olga, kept, row)
    assert row(below.id).parent_id == top.id


def test_unanswered_requests_for_access_go_along_and_come_back_until_they_are_answered(cast, make, row):
    survivor, gone = row(make(cast.manager, "云海")), row(make(cast.rep, "雲海"))
    for who, ids in ((cast.other_rep, [gone.id, survivor.id]), (cast.outsider, [gone.id])):
        access.ask(who.actor, CUSTOMER, ids)
    db.session.flush()
    kept = merge(cast.manager, survivor, gone)

    def asked():
        rows = db.session.execute(text("SELECT person_id, subject_id FROM access_requests ORDER BY 1, 2"))
        return [tuple(each) for each in rows]

    theirs, hers = cast.other_rep.id, cast.outsider.id
    both = sorted([(theirs, survivor.id), (theirs, gone.id)])
    assert asked() == [*both, (hers, survivor.id)], "of one person one request is enough"
    told = select(Notification.subject_id).filter_by(kind="access_asked", person_id=cast.manager.id)
    assert db.session.scalars(told).all() == [survivor.id] * 2
    undone = undo(cast.manager, kept, row)
    assert asked() == [*both, (hers, gone.id)] and undone.left == []
    kept = merge(cast.manager, row(survivor.id), row(gone.id))
    request = db.session.scalars(select(AccessRequest).filter_by(person_id=hers)).one()
    access.answer(cast.manager.actor, row(survivor.id), request, granted=False)
    db.session.flush()
    assert undo(cast.manager, kept, row).left == [] and asked() == [*both, (hers, survivor.id)]


def test_what_whoever_merges_may_not_write_stays_readable_and_comes_back(cast, make, row):
    survivor = row(make(cast.rep, "云海", level="b"))
    gone = row(make(cast.rep, "雲海", level="a", competitor="Rival", remarks="Theirs"))
    olga = narrow(cast, level=FieldRight.READ, competitor=FieldRight.HIDDEN)
    kept = merge(olga, survivor, gone, "level", "remarks")
    assert (row(survivor.id).level, row(survivor.id).competitor, row(survivor.id).remarks) == ("b", None, "Theirs")
    (left,) = facts("record.left_behind")
    assert left.subject_id == survivor.id and left.payload["values"] == {"level": "a", "competitor": "Rival"}
    undo(olga, kept, row)
    assert (row(gone.id).level, row(gone.id).competitor) == ("a", "Rival")
    merge(cast.rep, row(survivor.id), row(gone.id))
    assert len(facts("record.left_behind")) == 1, "who may choose has chosen"


def test_a_merge_undone_counts_what_its_owner_may_hold(cast, two, row, make):
    from tests.domain.pool.conftest import Pool

    survivor, gone = two
    Pool(cast).rule(cast.rep.department_id, most=2)
    kept = merge(cast.rep, survivor, gone)
    customers.create(cast.rep.actor, {"name": "One more"})
    db.session.flush()
    with pytest.raises(RuleBroken, match="give some back first"), db.session.begin_nested():
        undo(cast.rep, kept, row)
    assert db.session.scalar(
        select(Customer.merged_into_id).where(Customer.id == gone.id).execution_options(scoped=True)
    )
