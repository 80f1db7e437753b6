"""Ticking rows, choosing what becomes of them, reading what did: as a browser without scripts does it."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from crm.domain.bulk.models import BulkChange
from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.infra.db import db
from crm.jobs.bulk import sweep
from crm.kernel.access import unscoped


@pytest.fixture
def ids(cast):
    found = actions.create_many(cast.rep.actor, [{"name": f"Firma {n}", "level": "b"} for n in range(3)])
    db.session.commit()
    return found


def levels(ids):
    with unscoped("a test looks at everything"):
        rows = db.session.execute(select(Customer.id, Customer.level).where(Customer.id.in_(ids)))
        return [level for _, level in sorted(map(tuple, rows))]


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_the_list_has_boxes_for_whoever_may(as_, ids):
    page = as_.rep.get("/customers/").get_data(as_text=True)
    assert page.count('name="id"') == 3
    assert 'action="/bulk/customers/new"' in page
    assert 'name="id"' not in as_.agent.get("/customers/").get_data(as_text=True)


def test_ticked_rows_are_changed_and_the_account_is_shown_and_taken_back(as_, ids):
    asked = f"id={ids[0]}&id={ids[2]}&what=edit:level"
    page = as_.rep.get(f"/bulk/customers/new?{asked}")
    assert "2 records are meant" in text(page)
    assert page.get_data(as_text=True).count('type="hidden" name="id"') == 4  # of both forms
    form = {"id": [str(ids[0]), str(ids[2])], "what": "edit:level", "level": "a", "idempotency_key": "k"}
    place = as_.rep.post("/bulk/customers", form).location
    assert as_.rep.post("/bulk/customers", form).location == place  # sent twice is one
    assert "Waiting for its turn" in text(as_.rep.get(place))
    sweep()
    assert levels(ids) == ["a", "b", "a"]
    page = as_.rep.get(place)
    assert "Level becomes A" in text(page)
    assert "Firma 2" in text(as_.rep.get(f"{place}/records/changed"))
    back = as_.rep.post(f"{place}/undoing").location
    sweep()
    assert levels(ids) == ["b", "b", "b"]
    assert "This was taken back" in text(as_.rep.get(place))
    assert as_.rep.post(f"{place}/undoing").status_code == 409
    assert as_.rep.get(back).status_code == 200


def test_all_that_match_are_meant_and_named(as_, ids, cast):
    actions.create(cast.rep.actor, {"name": "Other", "level": "c"})
    db.session.commit()
    page = as_.rep.get("/customers/?level__is=b&sort=name").get_data(as_text=True)
    listed = re.search(r'name="list" value="([^"]*)"', page).group(1)
    assert listed == "level__is=b&amp;sort=name"
    listed = unescape(listed)
    page = as_.rep.get("/bulk/customers/new", query_string={"all": "1", "list": listed, "what": "delete"})
    assert "3 records are meant" in text(page)
    assert "Level is B" in text(page)
    as_.rep.post("/bulk/customers", {"all": "1", "list": listed, "what": "delete"})
    sweep()
    assert db.session.scalars(Customer.visible_to(cast.rep.actor)).one().name == "Other"
    page = as_.rep.get("/customers/bin").get_data(as_text=True)
    assert page.count('name="id"') == 3
    as_.rep.post("/bulk/customers", {"all": "1", "bin": "1", "list": "", "what": "restore"})
    sweep()
    assert len(db.session.scalars(Customer.visible_to(cast.rep.actor)).all()) == 4


def test_a_value_that_does_not_fit_is_told_beside_its_field(as_, ids):
    form = {"id": str(ids[0]), "what": "edit:phone", "phone": "12"}
    answer = as_.rep.post("/bulk/customers", form)
    assert answer.status_code == 422
    assert 'value="12"' in answer.get_data(as_text=True)
    assert db.session.scalars(select(BulkChange)).all() == []


@pytest.mark.parametrize(
    "form", [{"what": "edit:level", "level": "a"}, {"id": "1", "what": ""}, {"id": "1", "what": "restore"}]
)
def test_nothing_happens_by_half(as_, ids, form):
    assert as_.rep.post("/bulk/customers", form).status_code == 422
    assert db.session.scalars(select(BulkChange)).all() == []


def test_what_may_not_be_done_is_not_offered(as_, ids):
    assert as_.agent.get(f"/bulk/customers/new?id={ids[0]}").status_code == 403
    assert as_.agent.post("/bulk/customers", {"id": str(ids[0]), "what": "delete"}).status_code == 403
    page = as_.rep.get(f"/bulk/customers/new?id={ids[0]}").get_data(as_text=True)
    assert 'value="edit:level"' in page
    assert 'value="edit:owner"' not in page
    assert 'value="edit:owner"' in as_.manager.get(f"/bulk/customers/new?id={ids[0]}").get_data(as_text=True)
    assert as_.rep.get("/bulk/unknown/new").status_code == 404


def test_an_owner_is_given_by_whoever_may_assign(as_, ids, cast):
    form = {"id": [str(each) for each in ids], "what": "edit:owner", "owner": "max@example.com"}
    place = as_.manager.post("/bulk/customers", form).location
    sweep()
    assert "Owner becomes Max Manager" in text(as_.manager.get(place))
    assert {each.owner_id for each in db.session.scalars(Customer.visible_to(cast.manager.actor))} == {cast.manager.id}


def test_it_is_stopped_and_goes_on(as_, ids):
    place = as_.rep.post("/bulk/customers", {"id": str(ids[0]), "what": "edit:level", "level": "a"}).location
    as_.rep.post(f"{place}/cancellation")
    sweep()
    assert levels(ids) == ["b", "b", "b"]
    as_.rep.post(f"{place}/resumption")
    sweep()
    assert levels(ids) == ["a", "b", "b"]
    assert "Level becomes A" in text(as_.rep.get("/bulk/"))


def test_progress_is_small(as_, ids):
    place = as_.rep.post("/bulk/customers", {"id": str(ids[0]), "what": "edit:level", "level": "a"}).location
    part = as_.rep.get(f"{place}/progress").get_data()
    assert b"Waiting for its turn" in part
    assert len(part) < 4096
    sweep()
    assert b"It is done" in as_.rep.get(f"{place}/progress").get_data()


def test_the_overview_is_in_the_menu_of_whoever_may(as_):
    assert 'href="/bulk/"' in as_.rep.get("/customers/").get_data(as_text=True)
    assert 'href="/bulk/"' not in as_.auditor.get("/customers/").get_data(as_text=True)
