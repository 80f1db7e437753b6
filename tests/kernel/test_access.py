import pytest
from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import aliased

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.timeline.models import FollowUp
from crm.infra.db import db
from crm.kernel.access import Actor, Reach, UnscopedQuery, unscoped
from crm.kernel.permissions import Permission


@pytest.fixture
def customers(cast):
    for person, count in ((cast.rep, 3), (cast.other_rep, 2)):
        actions.create_many(person.actor, [{"name": f"{person.name} {n}"} for n in range(count)])


def seen(actor):
    return len(db.session.scalars(Customer.visible_to(actor)).all())


def test_everyone_sees_what_their_role_reaches(cast, customers):
    assert [seen(person.actor) for person in cast] == [5, 3, 3, 2, 5, 5, 5, 0]
    assert seen(Actor(cast.rep.id)) == 0, "Without a reach nothing exists."
    assert seen(Actor(None, reach={Permission.CUSTOMERS_READ: Reach.OWN})) == 0


def test_counting_a_scoped_query_is_scoped(cast, customers):
    statement = Customer.visible_to(cast.rep.actor)
    assert db.session.scalar(statement.with_only_columns(func.count())) == 3
    assert db.session.scalar(select(func.count()).select_from(statement.subquery())) == 3


@pytest.mark.parametrize(
    "statement",
    [
        select(Customer),
        select(Customer.name),
        select(func.count()).select_from(Customer),
        select(func.count()).select_from(select(Customer).subquery()),
        select(Customer.__table__.c.name),
        update(Customer).values(name="x"),
        delete(Customer),
        Customer.visible_to(Actor(1)).where(Customer.id.in_(select(Customer.id))),
        select(FollowUp).join(Customer, Customer.id == FollowUp.subject_id),
        select(FollowUp).where(exists().where(Customer.id == FollowUp.subject_id)),
        select(FollowUp.id).union(select(Customer.id)),
        select(aliased(Customer)),
    ],
    ids=str,
)
def test_unscoped_statements_are_refused(session, statement):
    with pytest.raises(UnscopedQuery, match="Customer.visible_to"):
        session.execute(statement)


def test_a_statement_made_once_is_refused_each_time(session):
    statement = select(Customer.id)
    with unscoped("what was allowed here is not remembered"):
        session.execute(statement)
    for _ in range(2):
        with pytest.raises(UnscopedQuery):
            session.execute(statement)


def test_get_by_primary_key_is_refused(session):
    with pytest.raises(UnscopedQuery):
        session.get(Customer, 1)


def test_saying_why_is_allowed(session):
    with unscoped("counting all of them in a test"):
        assert session.scalar(select(func.count()).select_from(Customer)) == 0


def test_the_recycle_bin_is_another_door(cast, customers):
    mine = db.session.scalars(Customer.visible_to(cast.rep.actor)).first()
    actions.delete(cast.rep.actor, mine)
    db.session.flush()
    assert seen(cast.rep.actor) == 2
    assert db.session.scalars(Customer.binned_for(cast.rep.actor)).all() == [mine]
    assert db.session.scalars(Customer.binned_for(cast.other_rep.actor)).all() == []
