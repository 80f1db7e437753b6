import io

import pytest
from sqlalchemy import func, select

from crm import create_app
from crm.domain.customers.models import Customer
from crm.domain.imports.models import Import
from crm.domain.modules.actions import switch_module
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.access import unscoped
from crm.kernel.why import Why, sees, why
from tests.cast import sign_in
from tests.conftest import FreshClient

FILE = "公司名称,电话\n启明软件,13800138000\n"


def post(browser, module, **data):
    return browser.post(f"/admin/modules/{module}", data)


def mapped(browser):
    place = browser.post("/imports/", {"file": (io.BytesIO(FILE.encode()), "a.csv")}).location
    sweep()
    browser.post(f"{place}/mapping", {"column-0": "name", "column-1": "phone"})
    sweep()
    return place


def test_off_is_gone_and_on_again_is_as_it_was(as_, cast):
    place = mapped(as_.rep)
    assert 'href="/imports/"' in as_.rep.get("/customers/").get_data(as_text=True)
    assert post(as_.administrator, "imports", where="nobody").status_code == 303
    for address in ("/imports/", "/imports/new", place, f"{place}/report"):
        assert as_.rep.get(address).status_code == 404, address
        assert as_.administrator.get(address).status_code == 404, address
    assert as_.rep.post(f"{place}/run", {"duplicates": "create"}).status_code == 404
    for browser in (as_.rep, as_.administrator):
        assert "/imports/" not in browser.get("/customers/").get_data(as_text=True)
    post(as_.administrator, "imports", where="everyone")
    assert as_.rep.get(place).status_code in (200, 303)
    assert 'href="/imports/"' in as_.rep.get("/customers/").get_data(as_text=True)


def test_it_holds_in_another_copy_of_the_program_at_its_next_request(as_, cast, settings):
    other = create_app(settings)
    other.test_client_class = FreshClient
    browser = sign_in(other.test_client(), cast.rep)
    assert browser.get("/imports/").status_code == 200
    post(as_.administrator, "imports", where="nobody")
    assert browser.get("/imports/").status_code == 404
    post(as_.administrator, "imports", where="everyone")
    assert browser.get("/imports/").status_code == 200


def test_an_import_under_way_stops_with_a_sentence_and_goes_on_later(as_, cast):
    place = mapped(as_.rep)
    as_.rep.post(f"{place}/run", {"duplicates": "create"})
    switch_module(cast.administrator.actor, "imports", everyone=False)
    db.session.commit()
    sweep()
    with unscoped("a test looks at everything"):
        import_ = db.session.get(Import, int(place.rpartition("/")[2]))
        assert import_.state == "failed" and import_.created == 0
        assert not db.session.scalar(select(func.count()).select_from(Customer))
    post(as_.administrator, "imports", where="everyone")
    assert "switched off for Sam 王" in as_.rep.get(f"{place}/report").get_data(as_text=True)
    as_.rep.post(f"{place}/resumption")
    sweep()
    db.session.expire_all()
    with unscoped("a test looks at everything"):
        assert db.session.get(Import, import_.id).state == "done"


@pytest.mark.parametrize(
    ("module", "data", "status"),
    [
        ("imports", {"where": "some"}, 422),
        ("imports", {"where": "some", "departments": "999999"}, 422),
        ("imports", {"where": "elsewhere"}, 422),
        ("imports", {}, 422),
        ("customers", {"where": "nobody"}, 409),
        ("nothing", {"where": "nobody"}, 404),
    ],
)
def test_what_makes_no_sense_is_refused(as_, module, data, status):
    assert post(as_.administrator, module, **data).status_code == status
    assert as_.rep.get("/imports/").status_code == 200


def test_only_administrators_switch(as_):
    assert as_.manager.get("/admin/modules").status_code == 403
    assert post(as_.manager, "imports", where="nobody").status_code == 403
    html = as_.administrator.get("/admin/modules").get_data(as_text=True)
    assert "always on" in html and "North-east" in html


def test_the_log_of_a_switched_off_audit_is_gone_too(as_):
    post(as_.administrator, "audit", where="nobody")
    assert as_.auditor.get("/audit").status_code == 404
    assert "/audit" not in as_.auditor.get("/customers/").get_data(as_text=True)


def test_effective_rights_say_what_a_switched_off_module_takes_away(as_, cast):
    address = f"/admin/people/{cast.rep.id}/rights"
    said = "this module is switched off for their department"
    assert said not in as_.administrator.get(address).get_data(as_text=True)
    post(as_.administrator, "imports", where="some", departments=cast.other_rep.department_id)
    words = as_.administrator.get(address).get_data(as_text=True)
    line = words[words.index(">Import<") :].partition("</tr>")[0]
    assert '<td class="side">no</td>' in line
    assert "Sales rep: own" in line and f"Imports: {said}" in line
    theirs = as_.administrator.get(f"/admin/people/{cast.other_rep.id}/rights").get_data(as_text=True)
    assert said not in theirs
    post(as_.administrator, "audit", where="nobody")
    auditor = as_.administrator.get(f"/admin/people/{cast.auditor.id}/rights").get_data(as_text=True)
    assert "Read the audit log" in auditor and f"Audit log: {said}" in auditor


def test_a_record_of_a_module_that_is_off_is_not_seen_and_the_reason_is_the_module(as_, cast):
    mapped(as_.rep)
    with unscoped("a test looks at everything"):
        one = db.session.scalars(select(Import)).one()
    assert sees(why(cast.rep.actor, one))
    switch_module(cast.administrator.actor, "imports", everyone=False, departments=[cast.other_rep.department_id])
    db.session.commit()
    assert why(cast.rep.actor, one) == [Why.MODULE_OFF]
    assert why(cast.outsider.actor, one) == [Why.MODULE_OFF]
    assert not db.session.scalars(Import.visible_to(cast.rep.actor)).all()
    assert why(cast.other_rep.actor, one) == [Why.BEYOND]
