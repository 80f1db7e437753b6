"""Why somebody sees a record, or does not: always the same as visible_to answers."""

import pytest

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Department
from crm.domain.people.queries import ready_made
from crm.domain.people.sharing import share
from crm.infra.db import db
from crm.kernel.access import NOBODY, Reach, unscoped
from crm.kernel.permissions import Permission
from crm.kernel.why import Why, sees, why

READ = Permission.CUSTOMERS_READ


@pytest.fixture
def records(cast):
    """Of everybody who can own one, some shared, some in the recycle bin, one of nobody."""
    owners = (cast.manager, cast.rep, cast.other_rep, cast.outsider, cast.administrator)
    ids = [actions.create(owner.actor, {"name": f"{owner.name} {kind}"}) for owner in owners for kind in range(4)]
    db.session.flush()
    with unscoped("a test looks at everything"):
        found = [db.session.get(Customer, id_) for id_ in ids]
    south = db.session.get(Department, cast.other_rep.department_id)
    north_east = db.session.get(Department, cast.rep.department_id)
    admin = cast.administrator.actor
    for at, record in enumerate(found):
        if at % 4 == 1:
            share(admin, record, cast.other_rep)
            share(admin, record, cast.outsider)
        if at % 4 == 2:
            share(admin, record, south)
            share(admin, record, north_east)
        if at % 4 == 3:
            share(admin, record, cast.rep)
            actions.delete(admin, record)
    db.session.flush()
    return found


REACHES = [None, Reach.NONE, Reach.OWN, Reach.DEPARTMENT, Reach.BRANCH, Reach.ALL]


@pytest.mark.parametrize("reach", REACHES, ids=str)
def test_the_reasons_agree_with_what_is_seen(cast, records, reach):
    if reach is not None:
        granting.change_role(SYSTEM, ready_made("sales_rep"), name="", reach={READ: reach}, fields={})
    compared = 0
    for actor in (*(person.actor for person in cast), NOBODY):
        visible = set(db.session.scalars(Customer.visible_to(actor).with_only_columns(Customer.id)))
        in_bin = set(db.session.scalars(Customer.binned_for(actor).with_only_columns(Customer.id)))
        for record in records:
            reasons = why(actor, record)
            assert reasons
            assert sees(reasons) == (record.id in visible), (actor.name, record.name, reasons)
            beyond_the_bin = [each for each in reasons if each is not Why.IN_BIN]
            assert sees(beyond_the_bin) == (record.id in visible | in_bin), (actor.name, record.name, reasons)
            compared += 1
    assert compared == 9 * 20


def test_every_reason_is_named(cast, records):
    found = {each for person in cast for record in records for each in why(person.actor, record)}
    granting.change_role(SYSTEM, ready_made("sales_rep"), name="", reach={READ: Reach.DEPARTMENT}, fields={})
    found |= {each for person in cast for record in records for each in why(person.actor, record)}
    found |= {each for record in records for each in why(NOBODY, record)}
    assert found == set(Why) - {Why.MODULE_OFF, Why.POOL}, "tests/web/test_modules.py, tests/domain/leads"


def test_all_reasons_are_given_not_only_the_first(cast, records):
    own_and_shared = next(each for each in records if each.name == "Mia Rep 1")
    assert why(cast.other_rep.actor, own_and_shared) == [Why.OWN, Why.SHARED]
    assert why(cast.manager.actor, next(each for each in records if each.name == "Max Manager 0")) == [
        Why.BRANCH,
        Why.OWN,
    ]
