"""An administrator keeps departments and people, by forms alone; nobody else gets in."""

import re

import pytest
from sqlalchemy import select

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.handover.running import step, take_next
from crm.domain.people import structure
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Department, Person
from crm.domain.people.queries import by_email, ready_made
from crm.infra.db import db
from crm.jobs.handover import sweep
from crm.kernel.events import Event

OTHERS = ("manager", "rep", "agent", "marketer", "auditor", "outsider")


def words(answer):
    return answer.get_data(as_text=True)


def addresses(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("admin.")]


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_gets_in(app, as_, cast, who):
    ids = {"person_id": cast.rep.id, "department_id": cast.rep.department_id, "role_id": ready_made("sales_rep").id}
    ids |= {"type_key": "customers", "definition_id": 1, "standard": "level"}
    browser = getattr(as_, who)
    for rule in addresses(app):
        _, address = rule.build({key: ids.get(key, 1) for key in rule.arguments}, append_unknown=False)
        if rule.endpoint == "admin.stop_viewing":
            continue
        answer = browser.get(address) if "GET" in rule.methods else browser.post(address)
        assert answer.status_code == 403, address
    assert "/admin/" not in words(browser.get("/keyboard"))


def test_the_way_in(as_):
    assert 'href="/admin/"' in words(as_.administrator.get("/customers/"))
    index = words(as_.administrator.get("/admin/"))
    for address in ("/admin/people", "/admin/departments", "/admin/roles"):
        assert f'href="{address}"' in index


def test_a_department_is_made_renamed_moved_and_closed(as_, cast):
    admin = as_.administrator
    admin.post("/admin/departments", {"name": "West", "parent": ""})
    west = db.session.scalars(select(Department).where(Department.name == "West")).one()
    admin.post("/admin/departments", {"name": "Chengdu", "parent": west.id})
    chengdu = db.session.scalars(select(Department).where(Department.name == "Chengdu")).one()
    assert chengdu.path == f"{west.path}{chengdu.id}/"
    assert words(admin.get("/admin/departments")).index("West") < words(admin.get("/admin/departments")).index(
        "Chengdu"
    )

    form = words(admin.get(f"/admin/departments/{west.id}"))
    assert "North-east" in form
    assert "Chengdu" not in form, "a branch cannot hang from itself"
    refused = admin.post(f"/admin/departments/{west.id}", {"name": "West", "parent": chengdu.id})
    assert (refused.status_code, "cannot be moved below itself" in words(refused)) == (422, True)

    north = cast.manager.department_id
    assert admin.post(f"/admin/departments/{west.id}", {"name": "Far west", "parent": north}).status_code == 303
    assert (west.name, west.parent_id) == ("Far west", north)
    assert chengdu.path == f"/{north}/{west.id}/{chengdu.id}/"

    assert admin.post(f"/admin/departments/{west.id}/closing").status_code == 409
    assert admin.post(f"/admin/departments/{chengdu.id}/closing").status_code == 303
    assert "Chengdu" not in words(admin.get("/admin/departments")).replace("“Chengdu”", "")
    assert admin.get(f"/admin/departments/{chengdu.id}").status_code == 404


def test_a_department_without_a_name_is_refused_and_the_form_comes_back(as_):
    answer = as_.administrator.post("/admin/departments", {"name": " "})
    assert (answer.status_code, "A department needs a name." in words(answer)) == (422, True)


def test_people_are_found(as_, cast):
    admin = as_.administrator

    def names(query=""):
        page = words(admin.get(f"/admin/people{query}"))
        return [each.name for each in cast if f">{each.name}</a>" in page]

    assert len(names()) == 8
    assert names("?q=王") == ["Sam 王"]
    assert names("?q=MIA@ex") == ["Mia Rep"]
    assert names(f"?department={cast.manager.department_id}") == ["Max Manager", "Sam 王"], "and what is below"
    cast.rep.active = False
    db.session.commit()
    assert "Sam 王" not in names()
    assert names("?state=closed") == ["Sam 王"]
    assert "Nobody fits" in words(admin.get("/admin/people?q=nobody+of+that+name"))


def test_someone_gets_an_account_and_signs_in_with_what_is_shown_once(app, as_, cast):
    roles = [ready_made("sales_rep").id, ready_made("marketing").id]
    form = {"name": "Nora 新", "email": "Nora@Example.com", "position": "Buyer", "department": cast.rep.department_id}
    shown = as_.administrator.post("/admin/people", form | {"role": roles})
    assert shown.status_code == 200
    password = re.search(r"<dt>Password</dt><dd>([^<]+)</dd>", words(shown)).group(1)
    nora = by_email("nora@example.com")
    assert (nora.position, nora.department_id) == ("Buyer", cast.rep.department_id)
    assert set(nora.actor.fields) == set(), "a sales rep sees what marketing does not"
    signed_in = as_.stranger.post("/sign-in", {"email": "nora@example.com", "password": password})
    assert signed_in.status_code == 303
    assert password not in words(as_.administrator.get(f"/admin/people/{nora.id}"))


def test_an_account_that_cannot_be_opened_keeps_what_was_typed(as_, cast):
    form = {"name": "Nora", "email": "sam@example.com", "position": "Buyer", "role": ready_made("marketing").id}
    answer = as_.administrator.post("/admin/people", form)
    page = words(answer)
    assert (answer.status_code, "has an account already" in page) == (422, True)
    assert 'value="Buyer"' in page
    assert f'value="{ready_made("marketing").id}" checked' in page
    short = as_.administrator.post("/admin/people", form | {"email": "nora@example.com", "password": "short"})
    assert "at least 12 characters" in words(short)


def test_a_person_is_changed_and_their_records_go_along(as_, cast):
    mine = actions.create(cast.rep.actor, {"name": "Mine"})
    binned = actions.create(cast.rep.actor, {"name": "Binned"})
    db.session.flush()
    rows = {each.id: each for each in db.session.scalars(Customer.visible_to(cast.administrator.actor))}
    actions.delete(cast.rep.actor, rows[binned])
    db.session.commit()
    south = cast.other_rep.department_id
    form = {"name": "Sam W.", "position": "Lead", "department": south, "role": ready_made("sales_manager").id}
    assert as_.administrator.post(f"/admin/people/{cast.rep.id}", form).status_code == 303
    assert (cast.rep.name, cast.rep.position, cast.rep.department_id) == ("Sam W.", "Lead", south)
    assert (rows[mine].department_id, rows[binned].department_id) == (south, south)
    told = {each.name for each in db.session.scalars(select(Event).filter_by(subject_type="people"))}
    assert {"person.changed", "person.roles_given"} <= told
    assert "Lead" in words(as_.administrator.get(f"/admin/people/{cast.rep.id}"))


def test_whoever_is_in_a_closed_department_stays_there(as_, cast):
    closed = db.session.get(Department, cast.other_rep.department_id)
    cast.other_rep.active = False
    structure.close_department(SYSTEM, closed)
    db.session.commit()
    at = f"/admin/people/{cast.other_rep.id}"
    assert f'<option value="{closed.id}" selected>South (closed)</option>' in words(as_.administrator.get(at))
    form = {"name": "Mia Rep", "role": ready_made("sales_rep").id}
    assert as_.administrator.post(at, form | {"department": closed.id}).status_code == 303
    assert cast.other_rep.department_id == closed.id
    refused = as_.administrator.post(f"/admin/people/{cast.rep.id}", form | {"department": closed.id})
    assert (refused.status_code, "This department is closed" in words(refused)) == (422, True)


def test_the_last_administrator_cannot_give_it_up(as_, cast):
    form = {"name": "Ada Admin", "role": ready_made("sales_rep").id}
    answer = as_.administrator.post(f"/admin/people/{cast.administrator.id}", form)
    assert (answer.status_code, "Somebody must stay administrator." in words(answer)) == (422, True)
    assert as_.administrator.get("/admin/").status_code == 200
    closing = as_.administrator.post(
        f"/admin/people/{cast.administrator.id}/departure", {"receiver": "sam@example.com"}
    )
    assert (closing.status_code, "Somebody must stay administrator." in words(closing)) == (422, True)
    assert db.session.get(Person, cast.administrator.id).active


def test_a_new_password_ends_the_sessions_and_works(as_, cast):
    assert as_.rep.get("/customers/").status_code == 200
    shown = words(as_.administrator.post(f"/admin/people/{cast.rep.id}/password"))
    password = re.search(r"<dt>Password</dt><dd>([^<]+)</dd>", shown).group(1)
    assert as_.rep.get("/customers/").status_code == 303
    assert as_.stranger.post("/sign-in", {"email": cast.rep.email, "password": password}).status_code == 303


def test_somebody_leaves_and_comes_back(as_, cast):
    mine = actions.create(cast.rep.actor, {"name": "Mine"})
    db.session.commit()
    admin, at = as_.administrator, f"/admin/people/{cast.rep.id}"
    assert as_.rep.get("/customers/").status_code == 200
    page = words(admin.get(f"{at}/departure"))
    assert "<dt>Customers</dt><dd>1</dd>" in page
    assert admin.post(f"{at}/departure", {"receiver": ""}).status_code == 422
    assert admin.post(f"{at}/departure", {"receiver": "nobody"}).status_code == 422
    assert admin.post(f"{at}/departure", {"receiver": f"Mia Rep ({cast.other_rep.email})"}).status_code == 303
    assert as_.rep.get("/customers/").status_code == 303
    assert "handed this over" in words(as_.other_rep.get(f"/customers/{mine}"))
    assert "1 records were handed over" in words(admin.get(at))
    assert admin.post(f"{at}/return").status_code == 303
    assert as_.other_rep.get(f"/customers/{mine}").status_code == 404
    assert db.session.get(Person, cast.rep.id).active


def test_while_a_worker_hands_over_the_page_shows_how_far_it_is(as_, cast, monkeypatch):
    monkeypatch.setattr("crm.domain.handover.actions.BATCH", 1)
    monkeypatch.setattr("crm.domain.handover.running.BATCH", 1)
    actions.create_many(cast.rep.actor, [{"name": name} for name in ("A", "B", "C", "D")])
    db.session.commit()
    admin, at = as_.administrator, f"/admin/people/{cast.rep.id}"
    assert admin.post(f"{at}/departure", {"receiver": cast.other_rep.email}).status_code == 303
    page = words(admin.get(at))
    assert "0 of 4 records" in page and '<meta http-equiv="refresh"' in page
    step(take_next())
    db.session.commit()
    part = words(admin.get(at, headers={"HX-Request": "true", "HX-Target": "section#handover"}))
    assert "1 of 4 records" in part and "<html" not in part
    step(take_next())
    db.session.commit()
    assert admin.post(f"{at}/return").status_code == 303
    assert "0 of 2 records" in words(admin.get(at))
    sweep()
    page = words(admin.get(at))
    assert "2 records were given back; 0 stay where they are" in page and "refresh" not in page
