"""Roles put together, given, changed: what a person may do after it."""

import pytest

from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Person
from crm.domain.people.queries import ready_made
from crm.domain.people.roles import READY_MADE, Rights, together
from crm.infra.db import db
from crm.kernel.access import FieldRight, Reach
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event
from crm.kernel.permissions import Permission

READ, EDIT = Permission.CUSTOMERS_READ, Permission.CUSTOMERS_EDIT


def rights(reach, **fields):
    return Rights(reach, {"customers": fields} if fields else {})


def test_several_roles_allow_what_the_most_generous_allows():
    both = together([rights({READ: Reach.OWN, EDIT: Reach.OWN}), rights({READ: Reach.ALL})])
    assert both.reach == {READ: Reach.ALL, EDIT: Reach.OWN}
    assert together([]).reach == {}


def test_a_field_is_as_open_as_the_most_generous_role_that_sees_the_type_says():
    hiding = rights({READ: Reach.ALL}, phone=FieldRight.HIDDEN)
    masking = rights({READ: Reach.OWN}, phone=FieldRight.MASKED)
    saying_nothing = rights({READ: Reach.OWN})
    blind = rights({})
    assert together([hiding]).fields == {"customers": {"phone": FieldRight.HIDDEN}}
    assert together([hiding, masking]).fields == {"customers": {"phone": FieldRight.MASKED}}
    assert together([hiding, saying_nothing]).fields == {}
    assert together([hiding, blind]).fields == {"customers": {"phone": FieldRight.HIDDEN}}, (
        "A role that shows no customer opens no field of one."
    )


def test_the_baseline_counts_for_everybody(cast):
    everyone = ready_made("everyone")
    granting.change_role(SYSTEM, everyone, name="", reach={READ: Reach.ALL}, fields={})
    assert cast.outsider.actor.reach_of(READ) is Reach.ALL


def test_a_change_is_obeyed_at_once(cast):
    assert cast.rep.actor.reach_of(READ) is Reach.OWN
    role = ready_made("sales_rep")
    granting.change_role(
        cast.administrator.actor,
        role,
        name="Seller",
        reach={READ: Reach.DEPARTMENT},
        fields={"customers": {"phone": FieldRight.MASKED, "email": FieldRight.WRITE}},
    )
    actor = cast.rep.actor
    assert (actor.reach_of(READ), actor.reach_of(EDIT)) == (Reach.DEPARTMENT, Reach.NONE)
    assert actor.fields == {"customers": {"phone": FieldRight.MASKED}}
    assert role.name == "Seller"
    event = db.session.query(Event).filter_by(name="role.changed").one()
    assert event.payload["changes"]["reach"][1] == {"customers:read": "DEPARTMENT"}


def test_changing_nothing_says_nothing(cast):
    role = ready_made("sales_rep")
    granting.change_role(
        SYSTEM, role, name=role.name, reach=READY_MADE["sales_rep"].reach, fields=READY_MADE["sales_rep"].fields
    )
    assert db.session.query(Event).filter_by(name="role.changed").count() == 0


def test_what_a_later_release_no_longer_knows_is_left_out(cast):
    role = ready_made("sales_rep")
    role.reach = role.reach | {"dragons:ride": "ALL"}
    granting.change_role(SYSTEM, role, name="Other name", reach={READ: Reach.OWN}, fields={})
    role.reach = role.reach | {"dragons:ride": "ALL"}
    db.session.flush()
    assert cast.rep.actor.reach_of(READ) is Reach.OWN


def test_the_administrators_role_stays_as_it_is(cast):
    role = ready_made("administrator")
    with pytest.raises(RuleBroken):
        granting.change_role(SYSTEM, role, name="x", reach={}, fields={})
    with pytest.raises(RuleBroken):
        granting.retire_role(SYSTEM, role)
    with pytest.raises(RuleBroken):
        granting.retire_role(SYSTEM, ready_made("everyone"))


def test_the_last_administrator_cannot_lose_the_role(cast):
    with pytest.raises(RuleBroken, match="administrator"):
        granting.give_roles(SYSTEM, cast.administrator, [ready_made("sales_rep")])
    granting.give_roles(SYSTEM, cast.rep, [ready_made("sales_rep"), ready_made("administrator")])
    granting.give_roles(SYSTEM, cast.administrator, [])
    assert not cast.administrator.actor.may(READ)


def test_a_retired_role_gives_nothing(cast):
    granting.retire_role(SYSTEM, ready_made("sales_rep"))
    assert not cast.rep.actor.may(READ)


def test_a_new_role_may_begin_as_another(cast):
    role = granting.create_role(SYSTEM, name=" Inside sales ", like=ready_made("sales_manager"))
    assert (role.name, role.reach) == ("Inside sales", ready_made("sales_manager").reach)
    granting.give_roles(SYSTEM, cast.outsider, [role])
    assert cast.outsider.actor.reach_of(READ) is Reach.BRANCH
    with pytest.raises(Invalid):
        granting.create_role(SYSTEM, name=" ")


def test_giving_the_same_roles_says_nothing(cast):
    before = db.session.query(Event).filter_by(name="person.roles_given").count()
    granting.give_roles(SYSTEM, cast.rep, [ready_made("sales_rep"), ready_made("everyone")])
    assert db.session.query(Event).filter_by(name="person.roles_given").count() == before


@pytest.mark.parametrize("key", READY_MADE)
def test_the_ready_made_roles_are_there(session, key):
    stored = ready_made(key)
    assert stored.reach == {each.value: how_far.name for each, how_far in READY_MADE[key].reach.items()}


def test_marketing_sees_where_customers_come_from_but_not_how_to_reach_them(cast):
    actor = cast.marketer.actor
    assert actor.right_to("customers", "source") is FieldRight.WRITE
    assert actor.right_to("customers", "phone") is FieldRight.HIDDEN
    assert actor.right_to("customers", "email") is FieldRight.MASKED
    assert not actor.may(EDIT)


def test_nobody_is_administrator_of_nothing(session):
    """While there is nobody at all, roles can still be given: the first person becomes administrator."""
    person = Person(email="first@example.com", name="First")
    db.session.add(person)
    granting.give_roles(SYSTEM, person, [ready_made("administrator")])
    assert person.actor.may(Permission.SYSTEM_ADMINISTER)
