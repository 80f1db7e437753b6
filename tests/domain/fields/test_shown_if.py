"""Fields that hang on others: what is kept, what is refused, what nobody is asked for."""

import pytest
from sqlalchemy import select

from crm.domain.bulk.actions import start
from crm.domain.bulk.deeds import DEEDS
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.fields import actions
from crm.domain.imports.models import ImportResult
from crm.domain.people.granting import change_role
from crm.domain.people.queries import ready_made
from crm.infra.db import db
from crm.kernel.access import FieldRight
from crm.kernel.conditions import Condition, is_shown
from crm.kernel.errors import Invalid
from crm.kernel.kinds import FieldKind as K
from tests.domain.bulk.test_bulk import account, run, stored
from tests.domain.fields.making import draft, made
from tests.domain.imports.work import csv_of, outcomes, ran

COMPANY = ("type", ("company",))


def made_for(cast, label="Hangs", kind=K.TEXT, **more):
    return made(cast.administrator.actor, kind, label, **({"shown_if": COMPANY} | more)).key


def customer(cast, **values):
    """As the rep finds it."""
    db.session.commit()
    (id_,) = customers.create_many(cast.rep.actor, [{"name": "One"} | values])
    db.session.commit()
    return db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == id_)).one()


def change(cast, record, **values):
    db.session.commit()
    return customers.change(cast.rep.actor, record, values)


def field(cast, key, who="rep"):
    db.session.commit()
    return CUSTOMER.open_to(getattr(cast, who).actor).by_key()[key]


@pytest.mark.parametrize(
    ("values", "value", "holds"),
    [
        ({"a"}, "a", True),
        ({"a"}, "b", False),
        ({"a"}, None, False),
        ({"*"}, "b", True),
        ({"*"}, [], False),
        ({"a", "b"}, ["c", "b"], True),
        ({"a"}, ["c"], False),
        ({"yes"}, True, True),
        ({"no"}, False, True),
        ({"yes"}, False, False),
        ({"*"}, False, True),
    ],
)
def test_a_condition_holds(values, value, holds):
    assert Condition("x", frozenset(values)).holds(value) is holds


def test_a_value_where_there_is_no_place_for_it_is_refused_and_one_that_stands_there_is_kept(cast):
    key = made_for(cast)
    with pytest.raises(Invalid) as told:
        customer(cast, type="person", **{key: "lost"})
    assert told.value.params["key"] == key
    db.session.rollback()
    one = customer(cast, type="company", **{key: "kept"})
    assert change(cast, one, type="person")
    assert one.custom == {key: "kept"}
    assert not change(cast, one, **{key: "kept"})
    with pytest.raises(Invalid):
        change(cast, one, **{key: "other"})
    assert change(cast, one, **{key: None})
    assert change(cast, one, type="company", **{key: "both at once"})


def test_many_at_once_are_asked_one_by_one(cast):
    key = made_for(cast)
    one, other = customer(cast, type="company"), customer(cast, type="person")
    assert customers.change_many(cast.rep.actor, [(one.id, {key: "fits"})]) == [one.id]
    with pytest.raises(Invalid):
        customers.change_many(cast.rep.actor, [(other.id, {key: "does not"})])


def test_what_must_be_filled_in_must_be_where_it_is_shown(cast):
    key = made_for(cast, required=True)
    assert customer(cast, type="person").custom == {}
    with pytest.raises(Invalid):
        customer(cast, type="company", **{key: None})
    db.session.rollback()
    one = customer(cast, type="person")
    with pytest.raises(Invalid):
        change(cast, one, type="company")
    assert change(cast, one, type="company", **{key: "there"})


def test_a_stage_demands_nothing_that_is_not_shown(cast):
    made_for(cast, required_from=("lifecycle_stage", ("active",)))
    one = customer(cast, type="person", lifecycle_stage="active")
    with pytest.raises(Invalid):
        change(cast, one, type="company", lifecycle_stage="active")


def test_a_default_is_given_only_where_it_is_shown(cast):
    key = made_for(cast, default_text="begins")
    assert customer(cast, type="person").custom == {}
    assert customer(cast, type="company").custom == {key: "begins"}
    assert customer(cast).custom == {key: "begins"}, "A new customer is a company."


def test_what_hangs_on_what_is_not_shown_is_not_shown(cast):
    first = made_for(cast, "First", K.YES_NO)
    second = made_for(cast, "Second", shown_if=(first, ("yes",)))
    one = customer(cast, type="company", **{first: True, second: "deep"})
    known = CUSTOMER.open_to(cast.rep.actor).by_key()
    assert is_shown(known[second], known, lambda each: each.value_in(one))
    change(cast, one, type="person")
    assert not is_shown(known[second], known, lambda each: each.value_in(one))


def test_no_field_hangs_on_itself_not_even_by_a_way_round(cast):
    administrator = cast.administrator.actor
    first = made(administrator, K.YES_NO, "First", shown_if=COMPANY)
    second = made(administrator, K.YES_NO, "Second", shown_if=(first.key, ("yes",)))
    third = made(administrator, K.YES_NO, "Third", shown_if=(second.key, ("yes",)))
    for hangs_on in (first, third):
        with pytest.raises(Invalid):
            actions.change(administrator, first, draft(K.YES_NO, "First", shown_if=(hangs_on.key, ("yes",))))


def test_a_field_whose_condition_is_gone_is_always_shown(cast):
    administrator = cast.administrator.actor
    asking = made(administrator, K.YES_NO, "Asking")
    key = made_for(cast, shown_if=(asking.key, ("yes",)), required=True)
    assert field(cast, key).shown_if and not field(cast, key).required
    actions.retire(administrator, asking)
    assert field(cast, key).shown_if is None and field(cast, key).required
    actions.bring_back(administrator, asking)
    assert field(cast, key).shown_if
    own = made_for(cast, "Own", shown_if=("level", ("a",)))
    level = CUSTOMER.by_key()["level"]
    actions.change_standard(administrator, "customers", level, label={}, hidden=True, required=False, sensitive=False)
    assert field(cast, own).shown_if is None


@pytest.mark.parametrize("right", [FieldRight.HIDDEN, FieldRight.MASKED])
def test_whoever_may_not_read_the_condition_cannot_tell_it_from_the_field(cast, right):
    key = made_for(cast, shown_if=("level", ("a",)), required=True)
    role = ready_made("sales_rep")
    rights = {"customers": {"level": right}}
    change_role(cast.administrator.actor, role, name="", reach=dict(cast.rep.actor.reach), fields=rights)
    assert field(cast, key).shown_if is None
    assert field(cast, key, "manager").shown_if is not None
    one = customer(cast)
    assert change(cast, one, **{key: "is taken"}), "Whatever the level is, the answer is the same."


def test_a_change_of_many_gives_an_account_of_those_it_has_no_place_in(cast):
    key = made_for(cast)
    one, other = customer(cast, type="company").id, customer(cast, type="person").id
    db.session.commit()
    type_ = CUSTOMER.open_to(cast.rep.actor)
    done = start(cast.rep.actor, type_, DEEDS["edit"], asked=[one, other], values={key: "GmbH"})
    db.session.commit()
    done = run(done)
    assert account(done) == {"changed": 1, "refused": 1}
    assert (stored(one).custom, stored(other).custom) == ({key: "GmbH"}, {})


def test_a_row_of_an_import_that_has_no_place_for_it_fails_alone_and_says_why(cast):
    key = made_for(cast)
    file = csv_of([["Firm", "company", "GmbH"], ["Human", "person", "GmbH"], ["Other", "person", ""]])
    import_ = ran(cast.rep.actor, file, mapping={0: "name", 1: "type", 2: key})
    assert outcomes(import_) == {2: "created", 3: "failed", 4: "created"}
    why = db.session.scalars(select(ImportResult.problem).filter_by(import_id=import_.id, line=3)).one()
    assert "has no place here" in str(why)
