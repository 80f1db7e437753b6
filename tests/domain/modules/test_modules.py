import pytest
from sqlalchemy import select

from crm.domain.modules.actions import switch_module
from crm.domain.people.models import Department
from crm.infra.db import db
from crm.kernel import modules
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event
from crm.kernel.modules import Module, Where, forbidden, switched_on
from crm.kernel.permissions import Permission

FOUR = {
    each.key: each
    for each in (
        Module("customers", "Customers", "", always=True),
        Module("opportunities", "Opportunities", "", ("customers",)),
        Module("orders", "Orders", "", ("opportunities",), frozenset({Permission.IMPORTS_READ})),
        Module("tickets", "Tickets", ""),
    )
}


@pytest.fixture
def four(monkeypatch):
    """A product with more modules than today's, one needing another."""
    monkeypatch.setattr(modules, "MODULES", FOUR)
    monkeypatch.setattr("crm.domain.modules.actions.MODULES", FOUR)


def id_of(name):
    return db.session.scalar(select(Department.id).where(Department.name == name))


def test_everything_is_on_until_somebody_switches_it_off(four):
    assert switched_on({}, ()) == set(FOUR)


def test_what_needs_something_that_is_off_is_off(four):
    off = {"opportunities": Where(False)}
    assert switched_on(off, ()) == {"customers", "tickets"}
    assert forbidden(switched_on(off, ())) == {Permission.IMPORTS_READ}


def test_a_module_for_a_department_is_on_in_those_below_it(cast):
    switch_module(cast.administrator.actor, "imports", everyone=False, departments=[id_of("North")])
    db.session.commit()
    on = {name: "imports" in getattr(cast, name).actor.modules for name in ("manager", "rep", "other_rep", "outsider")}
    assert on == {"manager": True, "rep": True, "other_rep": False, "outsider": False}
    assert cast.rep.actor.may(Permission.CUSTOMERS_IMPORT)
    assert not cast.other_rep.actor.may(Permission.CUSTOMERS_IMPORT)


def test_dependencies_are_explained(four, cast):
    ada, north = cast.administrator.actor, id_of("North")
    with pytest.raises(RuleBroken, match="“Customers” is always on"):
        switch_module(ada, "customers", everyone=False)
    with pytest.raises(RuleBroken, match="“Orders” needs “Opportunities”: switch that off"):
        switch_module(ada, "opportunities", everyone=False, departments=[north])
    switch_module(ada, "orders", everyone=False)
    switch_module(ada, "opportunities", everyone=False, departments=[north])
    with pytest.raises(RuleBroken, match="“Orders” needs “Opportunities”: switch that on"):
        switch_module(ada, "orders", everyone=True)
    switch_module(ada, "orders", everyone=False, departments=[north])


def test_every_switch_stands_in_the_log_with_names(cast):
    ada = cast.administrator.actor
    switch_module(ada, "imports", everyone=False, departments=[id_of("South"), id_of("North")])
    switch_module(ada, "imports", everyone=False, departments=[id_of("South"), id_of("North")])  # nothing to do
    (event,) = db.session.scalars(select(Event).where(Event.name == "module.switched")).all()
    assert event.payload == {
        "module": "imports",
        "changes": {"everyone": [True, False], "departments": [[], ["North", "South"]]},
    }
    with pytest.raises(Invalid, match="does not exist"):
        switch_module(ada, "imports", everyone=False, departments=[10**9])
