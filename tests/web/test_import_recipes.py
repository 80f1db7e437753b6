"""Exports of other systems: uploaded, not touched, checked, run, and every record as it was there."""

import csv
import io
import json
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import select

from crm.domain.contacts.models import Contact
from crm.domain.customers import actions as customers_
from crm.domain.customers.models import Customer
from crm.domain.imports import saying
from crm.domain.imports.recipe_shape import SYSTEMS, WUKONG
from crm.domain.people.models import Person
from crm.domain.records.external import ids_of
from crm.domain.registry import RECORD_TYPES
from crm.domain.timeline.models import FollowUp
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.access import unscoped
from tests.domain.imports.work import xlsx_of
from tests.web.test_import_samples import said
from tests.web.test_imports import text_of, the_import

# The files are as each system writes them, with five rows of our own. What they become: system → [type of record,
# {field: what the records have, in their order}]; links are told by names.
EXPORTS = Path(__file__).parent / "exports"
EXPECTED = json.loads((EXPORTS / "expected.json").read_text("utf-8"))
LINKS = {"customer": ("customer_id", Customer), "contact": ("contact_id", Contact), "owner": ("owner_id", Person)}


class Form(HTMLParser):
    """What a browser sends of the form of the mapping when nobody touches it."""

    def __init__(self, page):
        super().__init__()
        self.sent, self._in, self._select = {}, False, ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self._in = given.get("id") == "columns"
        elif not self._in or "disabled" in given:
            return
        elif tag == "input" and given.get("type") != "checkbox" and given.get("name"):
            self.sent[given["name"]] = given.get("value") or ""
        elif tag == "select":
            self._select = given["name"]
            self.sent[self._select] = ""
        elif tag == "option" and "selected" in given:
            self.sent[self._select] = given["value"] or ""

    def handle_endtag(self, tag):
        if tag == "form":
            self._in = False


def rows_of(system, type_):
    with (EXPORTS / system.partition(" ")[0].lower() / f"{type_}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def uploaded(browser, system, type_, as_type=""):
    """WuKong writes workbooks, the others text."""
    path = EXPORTS / system.partition(" ")[0].lower() / f"{type_}.csv"
    content, name = path.read_bytes(), path.name
    if system == WUKONG:
        headings, *rows = rows_of(system, type_)
        content, name = xlsx_of(rows, headings), "export.xlsx"
    url = browser.post("/imports/", {"record_type": as_type or type_, "file": (io.BytesIO(content), name)}).location
    sweep()
    return url, browser.get(url + "/mapping")


def untouched(browser, url, page, duplicates="skip"):
    """Nothing but “Check the rows” and “Import the rows”."""
    answer = browser.post(url + "/mapping", Form(text_of(page)).sent)
    assert answer.status_code == 303, said(answer)
    sweep()
    checked = said(browser.get(url + "/check"))
    assert (the_import().rows, the_import().invalid) == (5, 0), checked
    browser.post(url + "/run", {"duplicates": duplicates})
    sweep()
    return the_import()


def shown(record, key):
    if key in LINKS:
        column, entity = LINKS[key]
        id_ = getattr(record, column)
        return db.session.get(entity, id_).name if id_ else None
    value = getattr(record, key)
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value if value is None or isinstance(value, list) else str(value)


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_export_comes_in_without_a_click(as_, cast, system):
    for type_, expected in EXPECTED[system]:
        url, page = uploaded(as_.administrator, system, type_)
        assert f"This looks like an export of {system}" in said(page)
        import_ = untouched(as_.administrator, url, page)
        assert (import_.created, import_.failed) == (5, 0), said(as_.administrator.get(url + "/report"))
        entity = FollowUp if type_ == "follow_ups" else RECORD_TYPES[type_].entity
        with unscoped("a test looks at everything"):
            records = db.session.scalars(select(entity).order_by(entity.id)).all()
            for key, values in expected.items():
                assert [shown(each, key) for each in records] == values, (type_, key)
        if system == WUKONG:  # whose files have no ids
            assert not import_.source
        else:
            assert ids_of(type_, records[0].id) == [(system, rows_of(system, type_)[1][import_.source_column])]


def test_the_next_export_of_the_system_changes_the_same_records(as_, cast):
    for type_ in ("customers", "contacts"):
        untouched(as_.administrator, *uploaded(as_.administrator, "Salesforce", type_))
    with unscoped("a test looks at everything"):
        acme = db.session.scalars(select(Customer).where(Customer.name == "Acme Ltd")).one()
    customers_.change(cast.administrator.actor, acme, {"name": "Acme Holding"})
    db.session.commit()
    import_ = untouched(as_.administrator, *uploaded(as_.administrator, "Salesforce", "contacts"), "update")
    assert (import_.created, import_.updated) == (0, 5)  # each found its customer again by the id
    with unscoped("a test looks at everything"):
        ada = db.session.scalars(select(Contact).where(Contact.name == "Ada Lovelace")).one()
        assert ada.customer_id == acme.id


def test_of_another_type_it_is_said_and_without_the_recipe_nothing_is_filled_in(as_, cast):
    url, page = uploaded(as_.administrator, "HubSpot", "contacts", "customers")
    assert "an export of HubSpot, contacts, but its rows are to become customers. Upload it as that" in said(page)
    assert "/imports/new?type=contacts" in text_of(page) and Form(text_of(page)).sent["source"] == ""
    assert "recipe" not in Form(text_of(page)).sent
    url, page = uploaded(as_.administrator, "HubSpot", "contacts")
    assert "6 of 12 columns are matched, the others are left out unless you" in said(page)
    assert "Hardly any record that “Customer” names is here" in said(page)
    assert "The ids of HubSpot are kept" in said(page)
    without = as_.administrator.get(url + "/mapping?recipe=0")
    assert "looks like" not in said(without) and Form(text_of(without)).sent["source"] == ""
    answer = as_.administrator.post(url + "/mapping", Form(text_of(without)).sent | {"column-1": "", "column-2": ""})
    assert answer.status_code == 422 and "looks like" not in said(answer)
    assert "looks like" not in said(as_.manager.get(url + "/mapping"))
    assert not the_import().translations
    as_.administrator.post(url + "/mapping", Form(text_of(page)).sent)
    assert the_import().translations == {
        "gender": {"dr.": "", "dr": "", "prof.": "", "prof": "", "mx.": "", "mx": ""}
    } | {"owner": {"no owner": "", "unassigned": ""}}


def test_what_the_guide_for_moving_promises(as_, cast):
    """Parents come with the second run; owners that are ids are asked about once, and all rows go in."""
    untouched(as_.administrator, *uploaded(as_.administrator, "Odoo", "customers"))
    import_ = untouched(as_.administrator, *uploaded(as_.administrator, "Odoo", "customers"), "update")
    assert (import_.created, import_.failed) == (0, 0)
    with unscoped("a test looks at everything"):
        branch = db.session.scalars(select(Customer).where(Customer.name == "Beta Branch")).one()
        assert db.session.get(Customer, branch.parent_id).name == "Beta GmbH"
    url, page = uploaded(as_.administrator, "Salesforce", "leads")
    column = rows_of("Salesforce", "leads")[0].index("OwnerId")
    as_.administrator.post(url + "/mapping", Form(text_of(page)).sent | {f"column-{column}": "owner"})
    sweep()
    assert (the_import().invalid, "0055g000001aaaaAAA" in said(as_.administrator.get(url + "/values"))) == (5, True)
    saying.translate(cast.administrator.actor, the_import(), {"owner": {"0055g000001aaaaAAA": "Sam 王"}})
    db.session.commit()
    sweep()
    assert (the_import().invalid, the_import().valid) == (0, 5)
