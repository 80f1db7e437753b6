"""The table of exports: each recognised as what it is, and nothing in it that nothing here reads."""

import pytest

from crm.domain.imports.converting import Treatment
from crm.domain.imports.headings import OF_ANOTHER_THING
from crm.domain.imports.plan import Plan
from crm.domain.imports.recipe_shape import SYSTEMS
from crm.domain.imports.recipe_table import RECIPES
from crm.domain.imports.recipes import fallbacks, id_column, meanings, recognised
from crm.domain.imports.targets import TARGETS
from crm.domain.imports.translating import readable
from crm.domain.opportunities import shaping
from crm.infra.db import db

SALES = ("customers", "contacts", "opportunities")


def test_no_marks_of_a_system_are_all_in_another_ones(cast):
    found = [(each, marks) for each in RECIPES for marks in each.marks]
    for one, marks in found:
        assert len(marks) > 1
        for other, others in found:
            if one.record_type == other.record_type and one.system != other.system:
                assert not marks <= others, (one.system, other.system, marks)
    for system in SYSTEMS:
        assert {each.record_type for each in RECIPES if each.system == system} >= set(SALES)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda each: f"{each.system}-{each.record_type}")
def test_whatever_a_recipe_says_is_read_here(cast, recipe):
    actor = cast.administrator.actor
    target = TARGETS[recipe.record_type].open_to(actor)
    fields = target.by_key()
    assert set(recipe.columns.values()) <= {key for key, each in fields.items() if each.writable_by(actor)}
    for key, texts in recipe.meanings.items():
        if key in fields:
            assert set(filter(None, texts.values())) <= readable(actor, fields[key], list(texts.values())), key
    assert recipe.kept <= OF_ANOTHER_THING and not recipe.unread & (recipe.kept | recipe.columns.keys())
    for key in recipe.fallbacks:
        assert fallbacks(recipe, actor, target, {fields[key].shown_if.field}) == {key: recipe.fallbacks[key]}
    assert fallbacks(recipe, actor, target, set()) == {}


def test_files_are_known_by_their_headings_however_these_are_written():
    salesforce = recognised(["ID", "ACCOUNT_ID", "StageName", "close date", "More"], "opportunities")
    assert (salesforce.system, id_column(salesforce, ["More", "ID"])) == ("Salesforce", 1)
    contacts = ["Record ID", "First Name", "Last Name", "Email", "Contact owner"]
    assert recognised(contacts, "contacts") is None  # HubSpot's or Zoho's: nobody can tell
    assert recognised([*contacts, "Create Date"], "contacts").system == "HubSpot"
    assert recognised([*contacts, "Account Name"], "contacts").system == "Zoho"
    assert recognised([*contacts, "Create Date"], "customers").record_type == "contacts"
    assert recognised(["客户名称", "电话"], "customers") is None


@pytest.mark.parametrize(
    ("headings", "record_type", "system"),
    [
        ("Record ID,Lead Name,Lead pipeline stage,Lead owner", "leads", "HubSpot"),
        ("Record ID,Lead Name,Lead Owner,Company", "leads", "Zoho"),
        ("Lead,Contact Name,Email,Phone,Salesperson,Sales Team", "leads", "Odoo"),
        ("Number,Subject,Helpdesk Team,Assigned to,Customer,Stage", "tickets", "Odoo"),
        ("id,name,partner_id/id,stage_id,ticket_type_id", "tickets", "Odoo"),
        ("Title,Project,Assignees,Deadline,Stage", "tasks", "Odoo"),
        ("Name,Status,Priority,Date Due,Assigned User", "tasks", "EspoCRM"),
    ],
)
def test_other_ways_to_export_the_same_are_known_too(headings, record_type, system):
    found = recognised(headings.split(","), record_type)
    assert (found.system, found.record_type) == (system, record_type)


def test_what_the_company_calls_so_itself_is_not_reinterpreted(cast):
    actor = cast.administrator.actor
    (recipe,) = [each for each in RECIPES if (each.system, each.record_type) == ("Salesforce", "opportunities")]
    assert meanings(recipe, actor, TARGETS["opportunities"].open_to(actor))["stage"]["qualification"] == "contacted"
    shaping.make_stage(actor, shaping.all_pipelines()[0], shaping.StageDraft({"en": "Qualification"}))
    db.session.commit()
    actor = cast.administrator.actor
    assert "qualification" not in meanings(recipe, actor, TARGETS["opportunities"].open_to(actor))["stage"]


def test_a_value_for_empty_cells_stands_only_where_its_field_has_a_place(cast):
    fields = TARGETS["opportunities"].open_to(cast.administrator.actor).by_key()
    some = [fields["lost_reason"], fields["stage"]]
    plan = Plan(some, {0: "stage", 1: "lost_reason"}, ["Stage", "Why"], Treatment(fallbacks={"lost_reason": "other"}))
    rows = [["Won", ""], ["Closed Lost", ""], ["lost", "Price"], ["", ""], ["Proposal", ""]]
    assert [plan.texts(each)["lost_reason"] for each in rows] == ["", "other", "Price", "", ""]


@pytest.mark.parametrize(
    ("headings", "cells", "text"),
    [
        (["Fax"], ["1"], "Fax: 1"),
        (["Info"], ["1"], "1"),
        (["Fax", "Description"], ["", "x"], "x"),
        (["Fax", "Description"], ["1", ""], "Fax: 1"),
        (["Fax", "Description"], ["1", "x"], "Fax: 1\nDescription: x"),
    ],
)
def test_what_is_kept_in_the_remarks_says_what_it_is(cast, headings, cells, text):
    remarks = TARGETS["customers"].by_key()["remarks"]
    assert Plan([remarks], dict.fromkeys(range(len(headings)), "remarks"), headings).texts(cells) == {"remarks": text}
