"""Templates and meanings through their doors: zero clicks for the second file, unknown people said once."""

import re

from sqlalchemy import select

from crm.domain.imports.template import ImportTemplate
from crm.infra.db import db
from crm.jobs.imports import sweep
from tests.web.test_import_samples import said
from tests.web.test_imports import mapped, stored, text_of, the_import, upload

FILE = "Firma,客户等级,负责人姓名\n甲公司,老客户,老王\n乙公司,老客户,老王\n丙公司,A级,\n"


def test_the_second_file_is_matched_and_understood_by_itself(as_, cast):
    browser = as_.administrator
    url = upload(browser, FILE)
    sent = {
        "column-0": "name",
        "column-1": "level",
        "column-2": "owner",
        "template_name": "旧系统",
        "template_shared": "1",
    }
    assert mapped(browser, url, **sent).status_code == 303
    page = browser.get(url + "/check")
    assert "Some texts mean nothing here yet" in said(page) and "Such as “老客户” in 2 rows" in said(page)
    page = text_of(browser.get(url + "/values"))
    assert re.findall(r'name="said-\d+" value="([^"]+)"', page) == ["老客户", "老王"]
    form = {"key-0": "level", "said-0": "老客户", "means-0": "a", "key-1": "owner", "said-1": "老王"}
    wrong = browser.post(url + "/values", form | {"means-1": "nobody@example.com"})
    assert wrong.status_code == 422 and "“老王”: Nobody here is called" in said(wrong)
    assert 'value="nobody@example.com"' in text_of(wrong)
    assert browser.post(url + "/values", form | {"means-1": cast.rep.email}).status_code == 303
    sweep()
    assert (the_import().valid, the_import().invalid) == (3, 0)

    second = upload(browser, FILE.replace("公司", "集团"), "again.csv")
    sweep()
    page = browser.get(second + "/mapping")
    assert "Matched as in the template “旧系统”" in said(page) and "From the template" in said(page)
    assert "Matched as in the template" not in said(browser.get(second + "/mapping?plain=1"))
    template = db.session.scalars(select(ImportTemplate)).one()
    assert mapped(browser, second, template=str(template.id)).status_code == 303
    assert the_import().valid == 3
    browser.post(second + "/run", {"duplicates": "skip"})
    sweep()
    assert [each.owner_id for each in stored()] == [cast.rep.id, cast.rep.id, cast.administrator.id]


def test_templates_are_listed_renamed_and_removed_by_whoever_made_them(as_):
    url = upload(as_.rep, "Firma\nAcme\n")
    mapped(as_.rep, url, **{"column-0": "name", "template_name": "Mine"})
    page = text_of(as_.rep.get("/imports/templates"))
    address = re.search(r'action="(/imports/templates/\d+)"', page).group(1)
    assert "Mine" in page and "Mine" not in text_of(as_.manager.get("/imports/templates"))
    assert as_.manager.post(address, {"name": "Theirs", "version": "1"}).status_code == 404
    assert as_.rep.post(address, {"name": "", "version": "1"}).status_code == 422
    assert as_.rep.post(address, {"name": "Shared", "shared": "1", "version": "1"}).status_code == 303
    assert as_.rep.post(address, {"name": "Late", "version": "1"}).status_code == 409
    assert "Shared" in text_of(as_.manager.get("/imports/templates"))
    assert as_.agent.get("/imports/templates").status_code == 403
    as_.rep.post(address + "/removal")
    assert "No templates yet" in text_of(as_.rep.get("/imports/templates"))


def test_a_name_for_a_template_that_is_too_long_changes_nothing(as_):
    url = upload(as_.rep, "Firma\nAcme\n")
    answer = mapped(as_.rep, url, **{"column-0": "name", "template_name": "x" * 101})
    assert answer.status_code == 422 and the_import().state == "mapping"
    assert "at most 100 characters" in said(answer)
