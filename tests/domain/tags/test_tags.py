"""Tags with a meaning: renamed, merged and retired without touching a record; put on with a reason where wanted."""

import pytest
from sqlalchemy import func, select

from crm.domain.bulk import actions as bulk
from crm.domain.bulk.deeds import DEEDS
from crm.domain.bulk.models import BulkChange, BulkItem, Outcome
from crm.domain.contacts import actions as contacts
from crm.domain.contacts.queries import CONTACTS
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.customers.queries import CUSTOMERS
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.leads import actions as leads
from crm.domain.opportunities import actions as opportunities
from crm.domain.tags import shaping
from crm.domain.tags.models import Tag
from crm.domain.tags.shaping import TagDraft
from crm.infra.db import db
from crm.jobs.bulk import sweep
from crm.kernel.access import unscoped
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid
from crm.kernel.events import Event, because
from crm.kernel.fields import Context
from crm.kernel.shaping import fields_for


@pytest.fixture
def make(cast):
    def make(english, chinese="", **more):
        tag = shaping.make(cast.administrator.actor, TagDraft({"en": english, "zh_CN": chinese}, **more))
        db.session.commit()
        return tag

    return make


def field(who):
    return next(each for each in fields_for(who.actor, "customers", CUSTOMERS.fields) if each.key == "tags")


def read(who, words):
    return field(who).parse(words, Context(who.actor))


def customer(who, name="One", tags=None):
    id_ = customers.create(who.actor, {"name": name, "tags": tags})
    db.session.commit()
    return stored(id_)


def stored(id_):
    with unscoped("a test looks at everything"):
        return db.session.get(Customer, id_, populate_existing=True)


def found(who, *filters):
    return sorted(row.name for row in CUSTOMERS.page(who.actor, Query(filters=filters)).rows)


def test_every_name_it_has_or_had_is_the_tag_and_any_other_word_stays_a_word(cast, make):
    tag = make("High potential", "高潜力客户")
    assert read(cast.rep, "高潜力客户, HIGH potential; 老客户") == [tag.key, "老客户"]
    shaping.change(cast.administrator.actor, tag, TagDraft({"en": "Promising", "zh_CN": "高潜力"}))
    assert read(cast.rep, "High potential、高潜力客户 | promising") == [tag.key]


def test_what_was_typed_before_has_the_meaning_from_now_on(cast, make):
    customer(cast.rep, "Typed", ["重点"])
    tag = make("Key account", "重点", description={"en": "Ask Max first"})
    assert found(cast.rep, ("tags", "has", tag.key)) == ["Typed"]
    assert field(cast.rep).tags.now(["重点"]) == [tag.key]


def test_a_new_tag_is_not_taken_for_an_old_one_that_was_called_so(cast, make):
    admin = cast.administrator.actor
    renamed, retired = make("VIP"), make("Old")
    customer(cast.rep, "Renamed", [renamed.key])
    customer(cast.rep, "Retired", [retired.key])
    shaping.change(admin, renamed, TagDraft({"en": "Gold"}))
    shaping.retire(admin, retired)
    db.session.commit()
    new = [make("vip"), make("old")]
    assert read(cast.rep, "VIP, OLD") == [each.key for each in new]
    assert read(cast.rep, "vip, old") == [each.key for each in new]
    assert field(cast.rep).tags.now([renamed.key, retired.key]) == [renamed.key, retired.key]
    customer(cast.rep, "New", read(cast.rep, "vip, old"))
    assert found(cast.rep, ("tags", "has", "VIP")) == found(cast.rep, ("tags", "has", "Old")) == ["New"]
    assert found(cast.rep, ("tags", "has", "Gold")) == ["Renamed"]
    assert found(cast.rep, ("tags", "has", retired.key)) == ["Retired"]


def test_lists_find_what_was_typed_in_another_case_or_width_before_it_had_a_meaning(cast, make):
    for name, typed in (("Case", "vIp"), ("Width", "ＶＩＰ"), ("Other", "VIPs")):
        customer(cast.rep, name, [typed])
    tag = make("VIP")
    assert found(cast.rep, ("tags", "has", tag.key)) == found(cast.rep, ("tags", "any", "Vip")) == ["Case", "Width"]
    customer(cast.rep, "Later", ["key ACCOUNT"])
    shaping.change(cast.administrator.actor, tag, TagDraft({"en": "Key account"}))
    db.session.commit()
    assert found(cast.rep, ("tags", "has", tag.key)) == ["Case", "Later", "Width"]


def test_any_of_all_of_and_none_of(cast, make):
    vip, risk = make("VIP"), make("At risk")
    customer(cast.rep, "Both", [vip.key, risk.key])
    customer(cast.rep, "Vip", [vip.key])
    customer(cast.rep, "None")
    assert found(cast.rep, ("tags", "has", "VIP,At risk")) == ["Both"]
    assert found(cast.rep, ("tags", "any", "VIP,At risk")) == ["Both", "Vip"]
    assert found(cast.rep, ("tags", "lacks", "At risk")) == ["None", "Vip"]
    assert found(cast.rep, ("tags", "lacks", "VIP,At risk")) == ["None"]


def test_two_become_one_and_no_record_is_touched(cast, make):
    big, large = make("Big"), make("Large")
    one = customer(cast.rep, "One", [big.key])
    version, changed = one.version, one.updated_at
    shaping.merge(cast.administrator.actor, big, large)
    db.session.commit()
    one = stored(one.id)
    assert (one.version, one.updated_at, one.tags) == (version, changed, [big.key])
    assert read(cast.rep, "big") == [large.key]
    assert found(cast.rep, ("tags", "any", "Large")) == found(cast.rep, ("tags", "has", "Big")) == ["One"]
    with pytest.raises(Invalid):
        shaping.merge(cast.administrator.actor, large, big)  # which is not offered any more
    huge = make("Huge")
    shaping.merge(cast.administrator.actor, large, huge)
    assert read(cast.rep, "big, large") == [huge.key]
    shaping.bring_back(cast.administrator.actor, big)
    assert read(cast.rep, "big, large") == [big.key, huge.key]


def test_what_is_retired_stays_and_is_not_put_on(cast, make):
    old = make("Old")
    one, other = customer(cast.rep, "One", [old.key]), customer(cast.rep, "Other")
    shaping.retire(cast.administrator.actor, old)
    db.session.commit()
    customers.change(cast.rep.actor, one, {"tags": [old.key, "more"]})
    assert stored(one.id).tags == [old.key, "more"]
    with pytest.raises(Invalid, match="not put on here"):
        customers.change(cast.rep.actor, other, {"tags": [old.key]})


def test_some_are_only_put_on_with_a_reason_which_the_event_keeps(cast, make):
    risk = make("At risk", asks_why=True)
    one = customer(cast.rep)
    for refused in (
        lambda: customers.change(cast.rep.actor, one, {"tags": [risk.key]}),
        lambda: customers.create(cast.rep.actor, {"name": "Two", "tags": [risk.key]}),
        lambda: customers.change_many(cast.rep.actor, [(one.id, {"tags": [risk.key]})]),
    ):
        with pytest.raises(Invalid, match="only put on with a reason"):
            refused()
    with because("They asked for the prices of a rival"):
        customers.change(cast.rep.actor, one, {"tags": [risk.key]})
    told = select(Event.reason).filter_by(name="customer.changed", subject_id=one.id)
    assert db.session.scalars(told).all() == ["They asked for the prices of a rival"]
    customers.change(cast.rep.actor, one, {"tags": [risk.key, "more"]})  # which it has already


def test_many_at_once_with_its_reason_and_back_again(cast, make):
    risk = make("At risk", asks_why=True)
    ids = [customer(cast.rep, name).id for name in ("One", "Two")]

    def run(deed, reason=None):
        with because(reason):
            change = bulk.start(cast.rep.actor, CUSTOMER, DEEDS[deed], asked=ids, values={"tags": [risk.key]})
        db.session.commit()
        sweep()
        return db.session.get(BulkChange, change.id, populate_existing=True)

    assert run("tag").refused == 2
    assert run("tag", "Their buyer has left").changed == 2
    taken = run("untag")
    assert (taken.changed, [stored(each).tags for each in ids]) == (2, [None, None])
    back = bulk.undo(cast.rep.actor, taken)  # gives back what had its reason
    db.session.commit()
    sweep()
    assert db.session.get(BulkChange, back.id, populate_existing=True).changed == 2
    assert [stored(each).tags for each in ids] == [[risk.key], [risk.key]]
    kinds = select(func.count()).where(BulkItem.outcome == Outcome.REFUSED)
    assert db.session.scalar(kinds) == 2


def test_a_tag_is_offered_for_the_types_it_is_for(cast, make):
    of_people, of_all = make("Speaks Chinese", types=("contacts",)), make("VIP")
    id_ = contacts.create(cast.rep.actor, {"name": "Li", "tags": [of_people.key, of_all.key]})
    assert CONTACTS.page(cast.rep.actor, Query(filters=(("tags", "any", "speaks chinese"),))).rows[0].id == id_
    with pytest.raises(Invalid, match="not put on here"):
        customer(cast.rep, tags=[of_people.key])
    deal = {"name": "Deal", "customer": customer(cast.rep).id, "tags": [of_all.key]}
    opportunities.create(cast.rep.actor, deal)
    leads.create(cast.rep.actor, {"name": "Lead", "tags": [of_all.key, "a word"]})


def test_taking_off_a_tag_takes_what_became_it(cast, make):
    big, large = make("Big"), make("Large")
    one = customer(cast.manager, "One", [big.key, "x"])
    shaping.merge(cast.administrator.actor, big, large)
    change = bulk.start(cast.manager.actor, CUSTOMER, DEEDS["untag"], asked=[one.id], values={"tags": [large.key]})
    db.session.commit()
    sweep()
    assert (db.session.get(BulkChange, change.id).changed, stored(one.id).tags) == (1, ["x"])


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (TagDraft({"en": " "}), "needs a name"),
        (TagDraft({"en": "a, b"}), "no comma"),
        (TagDraft({"zh_CN": "甲、乙"}), "no comma"),
        (TagDraft({"en": "x" * 41}), "41 characters"),
        (TagDraft({"en": "x"}, tone="pink"), "colour"),
        (TagDraft({"en": "vip"}), "already"),
        (TagDraft({"en": "x"}, types=()), "at least one type"),
        (TagDraft({"en": "x"}, types=("orders",)), "at least one type"),
    ],
)
def test_what_makes_no_tag_is_said(cast, make, draft, said):
    make("VIP")
    with pytest.raises(Invalid, match=said) as refused:
        shaping.make(cast.administrator.actor, draft)
    assert refused.value.params.get("key", "label-en") in ("label-en", "tone", "types")


def test_the_log_tells_of_each_step(cast, make):
    tag, actor = make("VIP", tone="ok"), cast.administrator.actor
    shaping.change(actor, tag, TagDraft({"en": "VIP"}, {"en": "Ask first"}, "bad", True))
    shaping.change(actor, tag, TagDraft({"en": "VIP"}, {"en": "Ask first"}, "bad", True))  # nothing differs
    shaping.move(actor, tag, down=True)  # nowhere to go
    shaping.retire(actor, tag)
    db.session.flush()
    names = select(Event.name).where(Event.subject_type == "tags").order_by(Event.id)
    assert db.session.scalars(names).all() == ["tag.made", "tag.changed", "tag.changed"]
    assert db.session.scalars(select(Tag)).one().asks_why


def test_what_is_taken_back_asks_no_reason_again_and_brings_back_what_is_retired(cast, make):
    risk, old = make("At risk"), make("Old")
    one = customer(cast.rep, tags=[risk.key, old.key])
    change = bulk.start(
        cast.manager.actor, CUSTOMER, DEEDS["untag"], asked=[one.id], values={"tags": [risk.key, old.key]}
    )
    db.session.commit()
    sweep()
    assert stored(one.id).tags is None
    shaping.change(cast.administrator.actor, risk, TagDraft({"en": "At risk"}, asks_why=True))
    shaping.retire(cast.administrator.actor, old)
    db.session.commit()
    with pytest.raises(Invalid), db.session.begin_nested():
        customers.change(cast.manager.actor, stored(one.id), {"tags": [risk.key]})
    back = bulk.undo(cast.manager.actor, db.session.get(BulkChange, change.id, populate_existing=True))
    db.session.commit()
    sweep()
    assert db.session.get(BulkChange, back.id, populate_existing=True).changed == 1
    assert stored(one.id).tags == [risk.key, old.key]
