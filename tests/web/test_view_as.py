"""An administrator sees what somebody else sees, changes nothing by it, and both its ends are on record."""

import pytest
from sqlalchemy import select

from crm.domain.customers import actions
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.queries import ready_made
from crm.infra.db import db
from crm.kernel.events import Event
from crm.web.blueprint import END_VIEWING
from tests.cast import sign_in

BAR = "You see the system as Sam 王 does."


def words(answer):
    return answer.get_data(as_text=True)


@pytest.fixture
def customers(cast):
    ids = [actions.create(who.actor, {"name": f"Of {who.name}"}) for who in (cast.rep, cast.other_rep)]
    db.session.commit()
    return ids


@pytest.fixture
def viewing(as_, cast, customers):
    """The administrator's browser, looking through the rep's eyes."""
    answer = as_.administrator.post(f"/admin/people/{cast.rep.id}/view")
    assert answer.status_code == 303
    return as_.administrator


def test_they_see_what_the_person_sees_and_a_bar(viewing, customers):
    page = words(viewing.get("/customers/"))
    assert BAR in page
    assert "Of Sam 王" in page
    assert "Of Mia Rep" not in page
    assert viewing.get(f"/customers/{customers[1]}").status_code == 404
    assert BAR in words(viewing.get(f"/customers/{customers[1]}")), "on a page that says no, too"
    assert viewing.get("/admin/").status_code == 403


def test_nothing_can_be_changed(app, viewing, cast, customers):
    events = len(db.session.scalars(select(Event)).all())
    ids = {"section": "basics", "type_key": "customers", "which": "types", "suffix": "csv", "record_id": customers[0]}
    refused = 0
    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods or rule.endpoint in END_VIEWING or str(rule).startswith("/api/"):
            continue
        _, address = rule.build({key: ids.get(key, 1) for key in rule.arguments}, append_unknown=False)
        answer = viewing.post(address, {"name": "Changed"})
        assert answer.status_code == 403, address
        assert "Nothing was changed: you are looking through somebody else" in words(answer)
        refused += 1
    assert refused > 20
    assert len(db.session.scalars(select(Event)).all()) == events
    assert viewing.get("/customers/").status_code == 200


def test_both_ends_are_events_of_the_administrator(viewing, cast):
    assert viewing.post("/admin/view-end").location == f"/admin/people/{cast.rep.id}"
    assert BAR not in words(viewing.get("/customers/"))
    assert "Of Mia Rep" in words(viewing.get("/customers/"))
    told = select(Event).where(Event.name.startswith("person.viewing")).order_by(Event.id)
    told = [(each.name, each.actor_id, each.subject_id) for each in db.session.scalars(told)]
    ada, sam = cast.administrator.id, cast.rep.id
    assert told == [("person.viewing_begun", ada, sam), ("person.viewing_ended", ada, sam)]
    assert viewing.post("/admin/view-end").status_code == 303, "twice harms nothing"


def test_signing_out_ends_it_too(viewing, cast):
    assert viewing.post("/sign-out").location == "/sign-in"
    told = db.session.scalars(select(Event.name).where(Event.name.startswith("person.viewing")).order_by(Event.id))
    assert told.all() == ["person.viewing_begun", "person.viewing_ended"]


def test_it_ends_with_the_right_to_it_and_with_the_account(viewing, cast):
    granting.give_roles(SYSTEM, cast.manager, [ready_made("administrator")])
    cast.rep.active = False
    db.session.commit()
    assert BAR not in words(viewing.get("/customers/"))
    assert "Of Mia Rep" in words(viewing.get("/customers/"))


def test_whoever_signs_in_next_in_this_browser_does_not_inherit_it(viewing, cast):
    granting.give_roles(SYSTEM, cast.manager, [ready_made("administrator")])
    sign_in(viewing.client, cast.manager)
    assert BAR not in words(viewing.get("/customers/"))


def test_it_cannot_be_begun_by_others_or_upon_oneself(as_, cast):
    for who in ("manager", "rep", "auditor"):
        assert getattr(as_, who).post(f"/admin/people/{cast.agent.id}/view").status_code == 403
    assert as_.administrator.post(f"/admin/people/{cast.administrator.id}/view").status_code == 409
    cast.rep.active = False
    db.session.commit()
    assert as_.administrator.post(f"/admin/people/{cast.rep.id}/view").status_code == 409
