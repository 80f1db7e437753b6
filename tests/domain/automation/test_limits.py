"""A rule has the rights it needs and no more, never more than whoever switched it on, and ends at its department."""

from typing import Any

import pytest

from crm.domain.automation import ruling
from crm.domain.automation.acting import actor_for
from crm.domain.automation.drafts import Draft
from crm.domain.automation.rules import known, version_now
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.notifications.models import Notification
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.queries import ready_made
from crm.infra.db import db
from crm.kernel.access import FieldRight, Reach
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.permissions import Permission
from tests.domain.automation.making import decisions, made, runs, worked
from tests.domain.automation.test_reacting import customer

CREATED = {"kind": "created"}
NOTIFY = {"do": "notify", "whom": "owner"}


@pytest.fixture
def admin(cast: Any) -> Any:
    return cast.administrator.actor


def acting(rule: Any) -> Any:
    version = version_now()
    return actor_for(known(version).by_id[rule.id], version)


def test_it_may_what_it_needs(cast: Any, admin: Any) -> None:
    rule = made(admin, CREATED, {"do": "task", "title": "T", "days": "1", "whom": "owner"}, NOTIFY)
    actor = acting(rule)
    assert (actor.id, actor.name) == (None, "Regel")
    assert {each.value: reach for each, reach in actor.reach.items()} == {
        "customers:read": Reach.ALL,
        "tasks:create": Reach.ALL,
        "tasks:assign": Reach.ALL,
    }


def test_a_rule_of_a_department_neither_sees_nor_touches_what_lies_beyond(cast: Any, admin: Any) -> None:
    north = made(
        admin, CREATED, {"do": "set", "field": "level", "value": "a"}, NOTIFY, department=cast.manager.department_id
    )
    customers = [customer(each) for each in (cast.rep, cast.other_rep, cast.manager, cast.administrator)]
    worked()
    assert [run.subject_id for run in runs(north)] == [customers[0].id, customers[2].id]
    assert {each.person_id for each in db.session.query(Notification)} == {cast.rep.id, cast.manager.id}
    for each in customers:
        db.session.refresh(each)
    assert [each.level for each in customers] == ["a", None, "a", None]


def test_it_gives_nothing_to_people_beyond_its_department(cast: Any, admin: Any) -> None:
    action = {"do": "assign", "whom": f"person:{cast.other_rep.id}"}
    rule = made(admin, CREATED, action, department=cast.manager.department_id)
    one = customer(cast.rep)
    worked()
    db.session.refresh(one)
    assert (decisions(rule), one.owner_id) == (["failed"], cast.rep.id)


def test_whoever_has_less_gives_less(cast: Any, admin: Any) -> None:
    """A manager who may make rules: of their department, with what they may themselves."""
    manager = ready_made("sales_manager")
    reach = {Permission(key): Reach[far] for key, far in manager.reach.items()} | {
        Permission.SYSTEM_AUTOMATE: Reach.ALL
    }
    del reach[Permission.TASKS_ASSIGN]
    hidden = {"customers": {"level": FieldRight.HIDDEN}}
    granting.change_role(SYSTEM, manager, name="", reach=reach, fields=hidden)
    actor = cast.manager.actor
    with pytest.raises(RuleBroken, match="reaches further"):
        made(actor, CREATED, NOTIFY)
    with pytest.raises(Invalid):  # what one may not see one cannot have a rule write
        made(actor, CREATED, {"do": "set", "field": "level", "value": "a"}, department=actor.department_id)
    with pytest.raises(RuleBroken, match="You lack"):
        action = {"do": "task", "title": "x", "days": "0", "whom": "owner"}
        made(actor, CREATED, action, department=actor.department_id)
    written = made(admin, CREATED, {"do": "set", "field": "level", "value": "a"}, on=False)
    written.department_id = actor.department_id
    ruling.switch(actor, written, on=True)  # made by somebody with more, switched on by somebody with less
    one = customer(cast.rep)
    worked()
    db.session.refresh(one)
    assert (decisions(written), one.level) == (["denied"], None)
    draft = Draft("Regel", "customers", actor.department_id, CREATED, (), [NOTIFY])
    with pytest.raises(RuleBroken, match="may not see"):  # the form has nothing of it, so it must not be lost
        ruling.change(actor, written, draft)
    (run,) = runs(written)
    assert (run.retry_at, run.problem["params"]) == (None, {"field": "level"})


def test_another_version_goes_with_the_rights_of_whoever_made_it(cast: Any, admin: Any) -> None:
    rule = made(admin, CREATED, NOTIFY)
    before = rule.rights
    draft = Draft("Regel", "customers", None, CREATED, (), [{"do": "set", "field": "level", "value": "a"}])
    assert ruling.change(admin, rule, draft) and rule.active
    assert (rule.version, "customers:edit" in before["reach"], "customers:edit" in rule.rights["reach"]) == (
        2,
        False,
        True,
    )
    assert [each.version for each in ruling.versions_of(rule)] == [2, 1]
    assert ruling.version_of(rule.id, 1).definition["actions"] == [NOTIFY]  # type: ignore[union-attr]
    assert not ruling.change(admin, rule, draft)
    one = customer(cast.rep)
    worked()
    db.session.refresh(one)
    assert (one.level, runs(rule)[0].version) == ("a", 2)


def test_those_in_charge_are_of_the_nearest_department_that_has_some(cast: Any, admin: Any) -> None:
    made(admin, {"kind": "created"}, {"do": "notify", "whom": "managers"})
    customer(cast.rep)  # of the north-east, where nobody is in charge
    customer(cast.other_rep)  # nobody is in charge of the south
    worked()
    assert [each.person_id for each in db.session.query(Notification)] == [cast.manager.id]


def test_whom_a_task_names_by_its_title_is_for_whoever_may_see_the_record(cast: Any, admin: Any) -> None:
    from crm.domain.tasks.models import Task
    from tests.domain.automation.test_reacting import all_of

    for person in (cast.manager, cast.other_rep):
        action = {"do": "task", "title": "Call {name} {number}", "days": "0", "whom": f"person:{person.id}"}
        made(admin, CREATED, action)
    one = customer(cast.rep)
    worked()
    assert [each.name for each in all_of(Task)] == [f"Call 华东精工 {one.number}", "Call … …"]


def test_a_sensitive_field_waits_for_a_second_person(cast: Any, admin: Any) -> None:
    from crm.domain.fields.actions import change_standard

    level = CUSTOMER.verbs.open_fields(admin)["level"]
    change_standard(admin, "customers", level, label={}, hidden=False, required=False, sensitive=True)
    rule = made(admin, CREATED, {"do": "set", "field": "level", "value": "a"})
    one = customer(cast.rep)
    worked()
    db.session.refresh(one)
    assert (decisions(rule), one.level) == (["done"], None)
    assert runs(rule)[0].effects == [{"do": "set", "field": "level", "changed": False, "waiting": True}]
