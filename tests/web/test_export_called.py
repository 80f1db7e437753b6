"""Ids of other systems in exports: a column for each system, which leads the file back to its records."""

import pytest

from crm.domain.fields import actions as fields
from crm.domain.fields.drafts import Draft
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.kinds import FieldKind
from tests.domain.imports.test_external import brought, contacts, mapped
from tests.domain.imports.work import run
from tests.web.exporting import everything, exported, sentence_of, table, wish
from tests.web.test_import_recipe_forms import Form
from tests.web.test_imports import text_of, the_import, upload

COLUMNS = ("name", "phone", "id_in:salesforce", "id_in:hubspot")


@pytest.fixture
def of_two_systems(cast):
    actor = cast.administrator.actor
    brought(actor, [["001", "Acme", "13800138000"], ["002", "Beta", ""]])
    brought(actor, [["77", "Acme", "13800138000"]], "skip", source="HubSpot")
    brought(cast.other_rep.actor, [["9", "Another's", ""]], source="Salesforce ")


def test_each_system_is_a_column_to_choose_and_says_what_it_calls_them(as_, of_two_systems):
    page = text_of(as_.administrator.get("/exports/customers/new"))
    assert page.index("Id in HubSpot") < page.index("Id in Salesforce") and page.count("Id in ") == 2
    assert "Id in" not in text_of(as_.administrator.get("/exports/contacts/new"))
    heading, rows, _ = table(exported(as_.administrator, listed="sort=name", fields=COLUMNS))
    assert heading[2:] == ["Id in Salesforce", "Id in HubSpot"]
    assert [[row[0], *row[2:]] for row in rows] == [["Acme", "001", "77"], ["Another's", "9", ""], ["Beta", "002", ""]]


def test_a_system_that_has_brought_no_ids_of_the_type_is_none(as_, cast):
    actor = cast.administrator.actor
    mapped(actor, [["1", "Acme", ""]], source="Only looked at")
    brought(actor, [["001", "Acme", ""]])
    run(actor, contacts(actor, [["Ann", "001"]]))  # a file without ids of its own, whose customers have some
    assert "Only looked at" not in as_.administrator.get("/exports/customers/new").text
    assert "Id in" not in text_of(as_.administrator.get("/exports/contacts/new"))


@pytest.mark.parametrize("names", ["labels", "keys"])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_what_was_exported_finds_its_records_whatever_they_are_called_by_then(
    as_, cast, of_two_systems, language, names
):
    cast.administrator.language = language
    content = exported(as_.administrator, listed="sort=name", fields=COLUMNS[:3], names=names)
    renamed = content.decode("utf-8-sig").replace("Beta", "Beta International").replace("Acme", "Acme 2")
    url = upload(as_.administrator, renamed.replace("+86", "").replace("138", "139"))
    sweep()
    page = text_of(as_.administrator.get(url + "/mapping"))
    assert as_.administrator.post(url + "/mapping", Form(page).sent).status_code == 303
    sweep()
    import_ = the_import()
    assert (import_.source, import_.source_column) == ("Salesforce", 2)
    assert (import_.duplicate_stored, import_.valid, import_.invalid) == (3, 0, 0)


@pytest.mark.parametrize("label", ["Id in ERP", "ERP 中的编号"])
def test_what_the_company_has_a_field_for_is_that_field(as_, cast, label):
    field = fields.make(SYSTEM, "customers", Draft({"en": label}, FieldKind.TEXT, "basics"))
    db.session.commit()
    for heading, system in (("Id in Old ERP", "Old ERP"), ("id_in:erp", "erp")):
        url = upload(as_.administrator, f"Name,{label},{heading}\nAcme,77,8\n")
        sweep()
        sent = Form(text_of(as_.administrator.get(url + "/mapping"))).sent
        assert (sent["column-1"], sent["column-2"]) == (field.key, "")
        assert (sent["source"], sent["source_column"]) == (system, "2")


def test_who_may_not_export_a_type_gets_no_ids_of_it(as_, cast, of_two_systems):
    role = granting.create_role(SYSTEM, name="No export")
    granting.change_role(SYSTEM, role, name="", reach=everything("customers"), fields={})
    granting.give_roles(SYSTEM, cast.outsider, [role])
    refused = wish(as_.outsider, fields=("id_in:salesforce",))
    assert refused.status_code in (403, 409)
    unknown = wish(as_.administrator, fields=("id_in:none",))
    assert unknown.status_code == 422 and "There is no field called" in sentence_of(unknown)
