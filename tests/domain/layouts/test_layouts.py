"""Layouts in the domain: who has which, what each step does, and that no field is lost or shown against a right."""

from functools import partial

import pytest
from sqlalchemy import select

from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.fields import actions as fields
from crm.domain.layouts import actions, arranging
from crm.domain.people.granting import change_role, give_roles
from crm.domain.people.models import Role
from crm.domain.people.queries import ready_made
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import FieldRight
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event
from crm.kernel.kinds import FieldKind as K
from tests.domain.fields.making import made

CUSTOMER = RECORD_TYPES["customers"]


def opened(person):
    db.session.commit()
    return CUSTOMER.open_to(person.actor)


def keys(person):
    return {each.key: [it.key for it in each.fields] for each in opened(person).sections}


def new(cast, *roles, name="Own"):
    row = actions.make(cast.administrator.actor, CUSTOMER, name)
    if roles:
        actions.change(cast.administrator.actor, row, name=name, roles=[ready_made(each).id for each in roles])
    return row


def arrange(cast, row, step, **given):
    actions.arrange(cast.administrator.actor, row, CUSTOMER, partial(getattr(arranging, step), **given))


def told(name):
    events = db.session.scalars(select(Event).where(Event.name == name).order_by(Event.id))
    return [each.payload for each in events]


def test_without_a_layout_everybody_has_what_is_delivered(cast):
    assert list(keys(cast.rep)) == ["basics", "reach", "belonging"]
    assert opened(cast.rep).section("belonging").wide == {"remarks"}


def test_a_new_layout_is_a_copy_that_counts_for_nobody(cast):
    before = keys(cast.rep)
    row = new(cast)
    arrange(cast, row, "put", keys=["phone"], section="basics", before="name")
    assert keys(cast.rep) == before
    actions.change(cast.administrator.actor, row, name="Own", roles=[ready_made("sales_rep").id])
    assert keys(cast.rep)["basics"][:2] == ["phone", "name"]
    assert "phone" not in keys(cast.rep)["reach"]
    assert keys(cast.agent) == before


def test_of_several_the_first_from_the_top_counts(cast):
    give_roles(cast.administrator.actor, cast.rep, [ready_made("sales_rep"), ready_made("service_agent")])
    first, second = new(cast, "service_agent", name="One"), new(cast, "sales_rep", name="Two")
    arrange(cast, first, "put", keys=["email"], section="basics", before="name")
    arrange(cast, second, "put", keys=["phone"], section="basics", before="name")
    assert keys(cast.rep)["basics"][0] == "email"
    actions.move(cast.administrator.actor, second, down=False)
    assert keys(cast.rep)["basics"][0] == "phone"
    actions.retire(cast.administrator.actor, second)
    assert keys(cast.rep)["basics"][0] == "email"
    actions.retire(cast.administrator.actor, first)
    assert keys(cast.rep)["basics"][0] == "name"
    actions.bring_back(cast.administrator.actor, first)
    assert keys(cast.rep)["basics"][0] == "email"


def test_the_layout_of_everyone_is_that_of_all(cast):
    row = new(cast, "everyone")
    arrange(cast, row, "widen", keys=["phone"], wide=True)
    assert all("phone" in opened(each).section("reach").wide for each in (cast.rep, cast.administrator))


def test_a_field_goes_up_and_down_and_into_the_next_section(cast):
    row = new(cast, "sales_rep")
    arrange(cast, row, "step", key="phone", down=True)
    assert keys(cast.rep)["reach"][:2] == ["email", "phone"]
    for _ in range(2):
        arrange(cast, row, "step", key="phone", down=False)
    assert keys(cast.rep)["basics"][-1] == "phone"
    arrange(cast, row, "step", key="phone", down=True)
    assert keys(cast.rep)["reach"][0] == "phone"
    for key, down in (("name", False), ("remarks", True)):
        before = keys(cast.rep)
        arrange(cast, row, "step", key=key, down=down)
        assert keys(cast.rep) == before, "At the end of the form there is nowhere to go."


def test_many_go_together_in_their_order(cast):
    row = new(cast, "sales_rep")
    arrange(cast, row, "put", keys=["remarks", "phone", "level"], section="reach", before="region")
    assert keys(cast.rep)["reach"] == ["email", "website", "level", "phone", "remarks", "region", "address"]


def test_sections_are_added_named_moved_and_removed(cast):
    row = new(cast, "sales_rep")
    arrange(cast, row, "add_section", label={"en": "Money", "zh_CN": "财务"}, delivered=["basics"])
    assert "section-1" not in keys(cast.rep), "An empty section is not shown."
    arrange(cast, row, "put", keys=["level", "owner"], section="section-1")
    arrange(cast, row, "step_section", section="section-1", down=False)
    assert list(keys(cast.rep)) == ["basics", "reach", "section-1", "belonging"]
    assert opened(cast.rep).section("section-1").label.into("zh_CN") == "财务"
    arrange(cast, row, "name_section", section="basics", label={"en": "First", "zh_CN": ""}, delivered=True)
    assert opened(cast.rep).section("basics").label == "First"
    arrange(cast, row, "name_section", section="basics", label={"en": " "}, delivered=True)
    assert opened(cast.rep).section("basics").label == "Basics"
    with pytest.raises(Invalid):
        arrange(cast, row, "name_section", section="section-1", label={"en": ""}, delivered=False)
    arrange(cast, row, "remove_section", section="basics")
    assert keys(cast.rep)["reach"][-5:] == ["type", "industry", "lifecycle_stage", "source", "tags"]
    arrange(cast, row, "remove_section", section="section-1")
    arrange(cast, row, "remove_section", section="belonging")
    with pytest.raises(RuleBroken):
        arrange(cast, row, "remove_section", section="reach")
    assert {key for some in keys(cast.rep).values() for key in some} == {each.key for each in CUSTOMER.fields}
    with pytest.raises(Invalid):
        arrange(cast, row, "put", keys=["name"], section="belonging")


def test_what_is_left_out_is_nowhere_on_the_form_and_everywhere_else(cast):
    row = new(cast, "sales_rep")
    arrange(cast, row, "leave_out", keys=["competitor", "phone"])
    type_ = opened(cast.rep)
    assert {"competitor", "phone"}.isdisjoint(each.key for each in type_.form(cast.rep.actor))
    assert {"competitor", "phone"} <= {each.key for each in type_.writable(cast.rep.actor)}
    assert {"competitor", "phone"} <= type_.list.by_key.keys()
    assert "competitor" in [each.key for each in opened(cast.agent).form(cast.agent.actor)]
    arrange(cast, row, "put", keys=["phone"], section="basics")
    assert keys(cast.rep)["basics"][-1] == "phone"
    assert opened(cast.rep).open_to(cast.rep.actor).sections == opened(cast.rep).sections, "Opened twice is opened."


def test_what_must_be_filled_in_stays_on_the_form(cast):
    row = new(cast, "sales_rep")
    own = made(cast.administrator.actor, K.TEXT, required_from=("lifecycle_stage", ("customer",)))
    for key in ("name", "type", own.key):
        with pytest.raises(RuleBroken):
            arrange(cast, row, "leave_out", keys=[key])
    arrange(cast, row, "leave_out", keys=["competitor"])
    field = CUSTOMER.by_key()["competitor"]
    fields.change_standard(
        cast.administrator.actor, "customers", field, label={}, hidden=False, required=True, sensitive=False
    )
    assert "competitor" in keys(cast.rep)["belonging"], "Made required later, it comes back."


def test_a_field_made_later_stands_in_its_section_or_the_last(cast):
    row = new(cast, "sales_rep")
    arrange(cast, row, "remove_section", section="belonging")
    here = made(cast.administrator.actor, K.TEXT, "Here", section="basics")
    last = made(cast.administrator.actor, K.LONG_TEXT, "Last", section="belonging")
    assert keys(cast.rep)["basics"][-1] == here.key
    assert keys(cast.rep)["reach"][-1] == last.key
    assert last.key in opened(cast.rep).section("reach").wide
    arrange(cast, row, "step", key=here.key, down=False)
    fields.retire(cast.administrator.actor, here)
    assert here.key not in keys(cast.rep)["basics"]
    fields.bring_back(cast.administrator.actor, here)
    assert keys(cast.rep)["basics"][-2] == here.key, "Back where it was."


def test_no_layout_shows_what_a_right_hides(cast):
    row = new(cast, "marketing", "sales_rep")
    for key in ("phone", "address"):
        arrange(cast, row, "put", keys=[key], section="basics", before="name")
    assert keys(cast.rep)["basics"][:2] == ["phone", "address"]
    assert {"phone", "address"}.isdisjoint(key for some in keys(cast.marketer).values() for key in some)
    assert opened(cast.marketer).by_key()["email"].masked
    role = ready_made("sales_rep")
    reach = {each: how_far for each, how_far in cast.rep.actor.reach.items()}
    hidden = {"customers": {each.key: FieldRight.HIDDEN for each in CUSTOMER.section("reach").fields}}
    change_role(cast.administrator.actor, role, name="", reach=reach, fields=hidden)
    assert "reach" not in keys(cast.rep), "A section of hidden fields only is not there."


def test_the_default_of_a_field_left_out_is_kept_all_the_same(cast):
    row = new(cast, "sales_rep")
    own = made(cast.administrator.actor, K.CHOICE, default_text="Silver")
    arrange(cast, row, "leave_out", keys=[own.key])
    db.session.commit()
    said, unsaid = customers.create_many(cast.rep.actor, [{"name": "One", own.key: None}, {"name": "Two"}])
    found = {each.id: each.custom for each in db.session.scalars(Customer.visible_to(cast.rep.actor))}
    assert (found[said], found[unsaid]) == ({}, {own.key: "silver"})


def test_everything_is_in_the_log_with_before_and_after(cast):
    row = new(cast, "sales_rep", name="Log")
    arrange(cast, row, "step", key="phone", down=True)
    arrange(cast, row, "leave_out", keys=["tags"])
    arrange(cast, row, "step", key="name", down=False)
    actions.retire(cast.administrator.actor, row)
    assert told("layout.made") == [{"layout": "Log"}]
    given, moved, out = [each["changes"] for each in told("layout.changed")]
    assert given == {"roles": [[], ["Sales rep"]]}
    assert list(moved) == ["reach"] and moved["reach"][0][:2] == moved["reach"][1][:2][::-1] == ["phone", "email"]
    assert out["left_out"] == [[], ["tags"]]
    assert told("layout.retired") == [{"layout": "Log"}]


def test_a_retired_role_brings_no_layout(cast):
    row = new(cast, "service_agent")
    arrange(cast, row, "put", keys=["email"], section="basics", before="name")
    assert keys(cast.agent)["basics"][0] == "email"
    role = db.session.scalars(select(Role).where(Role.key == "service_agent")).one()
    role.retired_at = row.created_at
    actions.move(cast.administrator.actor, new(cast, name="Other"), down=False)  # another version of the shape
    assert keys(cast.agent)["basics"][0] == "name"


@pytest.mark.parametrize("name", ["", "  ", "Same"])
def test_a_layout_needs_a_name_of_its_own(cast, name):
    new(cast, name="Same")
    with pytest.raises(Invalid):
        actions.make(cast.administrator.actor, CUSTOMER, name)


def test_the_log_calls_a_section_by_every_name_it_has(cast):
    row = new(cast)
    arrange(cast, row, "add_section", label={"en": "Money", "zh_CN": "财务"}, delivered=[])
    assert told("layout.changed")[-1]["changes"]["sections"][1][-1] == "Money, 财务"
