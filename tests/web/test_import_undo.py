"""Taking an import back through its doors: look, undo, see what stayed, make it again; links and forms alone."""

import re

from crm.domain.customers import actions as customers_
from crm.domain.customers.actions import create_many
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.undoing.actions import latest
from crm.infra.db import db
from crm.jobs.imports import sweep as sweep_imports
from crm.jobs.undoing import sweep
from crm.kernel.access import FieldRight, Reach
from crm.kernel.permissions import Permission
from tests.domain.undoing.test_undoing import one
from tests.web.test_imports import checked, text_of, the_import

FILE = """客户名称,客户等级,手机,备注
新公司,A级,138 0013 8000,来自文件
老公司,B,13900139000,来自文件
"""


def done(as_, browser):
    url = checked(browser, FILE)
    browser.post(url + "/run", {"duplicates": "update"})
    sweep_imports()
    return url


def said(page):
    return " ".join(re.sub(r"<[^>]+>", " ", text_of(page)).split())


def test_look_undo_see_what_stayed_and_make_it_again(as_, cast):
    (old,) = create_many(cast.rep.actor, [{"name": "老公司", "phone": "+8613900139000", "remarks": "原有"}])
    db.session.commit()
    url = done(as_, as_.rep)
    assert "Undo the import" in text_of(as_.rep.get(url + "/report"))
    page = as_.rep.get(url + "/undo")
    assert "Look what it would do" in text_of(page) and "/undo/preview" in text_of(page)
    assert as_.rep.post(url + "/undo/preview").status_code == 303
    assert "Looking at what undoing would do" in text_of(as_.rep.get(url + "/undo"))
    progress = latest(the_import().id, preview=True)
    fragment = as_.rep.get(f"{url}/undo/{progress.id}/progress")
    assert "every 2s" in text_of(fragment) and len(fragment.get_data()) < 4096
    sweep()
    page = as_.rep.get(url + "/undo")
    assert "1 removed" in said(page) and "1 put back" in said(page) and "Nothing has been changed" in said(page)
    customers_.change(cast.manager.actor, one("老公司"), {"level": "c"})
    db.session.commit()
    as_.rep.post(url + "/undo")
    sweep()
    page = as_.rep.get(url + "/undo")
    assert "The import is undone" in said(page) and "1 records keep something" in said(page)
    rows = as_.rep.get(url + f"/undo/{latest(the_import().id).id}/rows/partly")
    assert "it was changed since and stays" in said(rows) and f'href="/customers/{old}"' in text_of(rows)
    assert one("老公司").remarks == "原有" and one("新公司").deleted_at
    assert "undone" in said(as_.rep.get("/imports/")) and "This import was undone" in said(as_.rep.get(url + "/report"))
    as_.rep.post(url + "/redo")
    sweep()
    assert "The import is made again" in said(as_.rep.get(url + "/undo")) and not one("新公司").deleted_at
    timeline = said(as_.rep.get(f"/customers/{old}"))
    assert f"put back what import {the_import().id} had changed" in timeline


def test_whose_import_it_is_not_finds_nothing_and_hidden_fields_stay_unnamed(as_, cast):
    create_many(cast.rep.actor, [{"name": "老公司", "phone": "+8613900139000", "remarks": "原有"}])
    db.session.commit()
    url = done(as_, as_.rep)
    for address in ("/undo", "/undo/preview", "/redo"):
        assert as_.manager.post(url + address).status_code == 404
    customers_.change(cast.rep.actor, one("老公司"), {"remarks": "newer"})
    db.session.commit()
    as_.rep.post(url + "/undo")
    sweep()
    role = granting.create_role(SYSTEM, name="Curious")
    fields = {"customers": {"remarks": FieldRight.HIDDEN}}
    granting.change_role(SYSTEM, role, name="", reach={each: Reach.ALL for each in Permission}, fields=fields)
    granting.give_roles(SYSTEM, cast.outsider, [role])
    db.session.commit()
    place = f"{url}/undo/{latest(the_import().id).id}/rows/partly"
    assert "Remarks" in said(as_.rep.get(place))
    told = said(as_.outsider.get(place))
    assert "Remarks" not in told and "A field you may not see keeps what it has." in told
