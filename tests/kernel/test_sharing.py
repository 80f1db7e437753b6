"""A record shown to somebody beyond their reach: in lists of every order, once, and with no right to change it."""

import pytest

from crm.domain.contacts.models import Contact
from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.customers.queries import CUSTOMERS
from crm.infra.db import db
from crm.kernel.access import Reach
from crm.kernel.asking import Query
from crm.kernel.permissions import Permission
from crm.kernel.sharing import Share


@pytest.fixture
def customers(cast):
    """Names in turn of the rep and of the other rep, so that their pages interleave."""
    made = {}
    for number in range(12):
        owner = cast.rep if number % 2 else cast.other_rep
        made[f"C{number:02}"] = actions.create(owner.actor, {"name": f"C{number:02}"})
    db.session.flush()
    return made


def share(customer_id, *, person=None, department_id=None):
    db.session.add(
        Share(
            subject_type="customers",
            subject_id=customer_id,
            person_id=person.id if person else None,
            department_id=department_id,
        )
    )
    db.session.flush()


def listed(actor, **asked):
    query, names = Query(**asked), []
    while True:
        page = CUSTOMERS.page(actor, query, size=3)
        names += [row.name for row in page.rows]
        if not page.after:
            return names
        query = query.but(after=page.after)


def seen(actor):
    return sorted(each.name for each in db.session.scalars(Customer.visible_to(actor)))


def test_nothing_is_shown_before_it_is_shared(cast, customers):
    assert cast.rep.actor.shown == frozenset()
    assert len(Contact.branches(cast.rep.actor)) == 1  # of what has no pools


@pytest.mark.parametrize("sort", ["name", "-name", "updated", "-updated", "next_follow_up", "-last_follow_up"])
def test_what_is_shared_stands_in_its_place_in_every_order(cast, customers, sort):
    for name in ("C00", "C04", "C10"):
        share(customers[name], person=cast.rep)
    actor = cast.rep.actor
    wanted = ["C00", "C01", "C03", "C04", "C05", "C07", "C09", "C10", "C11"]
    assert seen(actor) == wanted
    names = listed(actor, sort=sort)
    assert sorted(names) == wanted, "each once"
    if sort.endswith("name"):
        assert names == sorted(wanted, reverse=sort.startswith("-"))
    assert CUSTOMERS.count(actor, Query()).number == 9
    assert listed(actor, search="C04") == ["C04"]
    assert CUSTOMERS.count(actor, Query(search="C02")).number == 0


def test_walking_back_finds_the_same(cast, customers):
    share(customers["C06"], person=cast.rep)
    actor = cast.rep.actor
    first = CUSTOMERS.page(actor, Query(sort="name"), size=3)
    second = CUSTOMERS.page(actor, Query(sort="name", after=first.after), size=3)
    back = CUSTOMERS.page(actor, Query(sort="name", before=second.before), size=3)
    assert [row.name for row in second.rows] == ["C06", "C07", "C09"]
    assert [row.name for row in back.rows] == [row.name for row in first.rows]


def test_a_department_sees_what_is_shared_with_it(cast, customers):
    share(customers["C00"], department_id=cast.rep.department_id)
    assert "C00" in seen(cast.rep.actor)
    assert "C00" not in seen(cast.outsider.actor)


def test_what_is_ones_own_and_shared_stands_once(cast, customers):
    share(customers["C01"], person=cast.rep)
    assert listed(cast.rep.actor, sort="name").count("C01") == 1


def test_a_share_lets_see_and_nothing_more(cast, customers):
    share(customers["C00"], person=cast.rep)
    actor = cast.rep.actor
    shown = db.session.scalars(Customer.visible_to(actor).where(Customer.id == customers["C00"])).one()
    assert not actor.holds(shown, Permission.CUSTOMERS_EDIT)
    assert actor.holds(shown, Permission.CUSTOMERS_READ) is False
    assert actions.change_many(actor, [(customers["C00"], {"name": "Mine now"})]) == []


def test_a_share_opens_no_door_that_a_role_keeps_shut(cast, customers):
    share(customers["C00"], person=cast.outsider)
    assert seen(cast.outsider.actor) == ["C00"]
    from crm.domain.people import granting
    from crm.domain.people.actions import SYSTEM

    granting.give_roles(SYSTEM, cast.outsider, [])
    assert cast.outsider.actor.reach_of(Permission.CUSTOMERS_READ) is Reach.NONE
    assert seen(cast.outsider.actor) == []
    assert listed(cast.outsider.actor) == []


def test_a_deleted_record_is_shown_to_nobody(cast, customers):
    share(customers["C00"], person=cast.rep)
    one = db.session.scalars(Customer.visible_to(cast.other_rep.actor).where(Customer.id == customers["C00"])).one()
    actions.delete(cast.other_rep.actor, one)
    db.session.flush()
    assert "C00" not in seen(cast.rep.actor)
