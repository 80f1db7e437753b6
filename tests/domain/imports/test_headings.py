"""Exports of other systems, as we know how they are headed: matched without a click, and nothing matched wrong."""

import pytest

from crm.config import LANGUAGES
from crm.domain.imports.headings import whole_name
from crm.domain.imports.mapping import SIMILAR, suggest
from crm.domain.imports.plan import Plan
from crm.domain.imports.targets import TARGETS
from crm.kernel.access import Actor
from crm.kernel.fields import Context
from crm.web.i18n import delivered

# System and type → {heading: our field, or "" for what we have no place for}. Our own words, not anybody's file.
KNOWN = {
    ("Salesforce", "contacts"): {
        "Salutation": "gender",
        "First Name": "name",
        "Last Name": "name",
        "Account Name": "customer",
        "Title": "position",
        "Email": "email",
        "Mobile": "phone",
        "Mailing City": "",
        "Created Date": "",
        "Contact ID": "",
    },
    ("HubSpot", "contacts"): {
        "Record ID": "",
        "First Name": "name",
        "Last Name": "name",
        "Email": "email",
        "Phone Number": "phone",
        "Contact owner": "owner",
        "Associated Company": "customer",
        "Create Date": "",
    },
    ("Zoho", "leads"): {
        "Last Name": "name",
        "First Name": "name",
        "Company": "company",
        "Lead Source": "source",
        "Lead Status": "status",
        "Lead Owner": "owner",
        "Email": "email",
        "Created Time": "",
    },
    ("Odoo", "customers"): {
        "Name": "name",
        "Is a company": "",
        "Related Company": "parent",
        "Street": "address",
        "City": "region",
        "Email": "email",
        "ZIP": "",
    },
    ("EspoCRM", "opportunities"): {
        "Name": "name",
        "Amount": "amount",
        "Account": "customer",
        "Stage": "stage",
        "Close Date": "closes_on",
        "Assigned User": "owner",
        "Amount (converted)": "",
        "Last Stage": "",
        "Modified At": "",
    },
    ("WuKong", "follow_ups"): {"客户名称": "about", "回访时间": "happened_at", "回访人": "author", "回访形式": "kind"},
    ("WuKong", "orders"): {"合同编号": "external_number", "合同名称": "name", "合同金额": "amount", "合同类型": ""},
}


def suggested(type_, headings, sample=()):
    fields = [each for each in TARGETS[type_].fields if each.editable]
    labels = {each.key: {delivered(language, each.label) for language in LANGUAGES} for each in fields}
    return suggest(fields, headings, sample, Context(Actor(None)), labels)


@pytest.mark.parametrize(("system", "type_"), KNOWN)
def test_every_column_is_matched_or_left_out_as_it_must_be(system, type_):
    known = KNOWN[system, type_]
    found = suggested(type_, list(known))
    taken = {heading: found[at].key if at in found and found[at].is_taken else "" for at, heading in enumerate(known)}
    assert taken == known


def test_the_parts_of_a_name_become_one(cast):
    headings = ["姓", "名", "First Name", "Last Name"]
    (name,) = [each for each in TARGETS["contacts"].fields if each.core and each.editable]
    chinese, western = Plan([name], {0: "name", 1: "name"}, headings), Plan([name], {2: "name", 3: "name"}, headings)
    assert chinese.texts(["欧阳", "小明", "", ""]) == {"name": "欧阳小明"}
    assert western.texts(["", "", "Ada", "Lovelace"]) == {"name": "Ada Lovelace"}
    assert western.texts(["", "", "小明", "王"]) == {"name": "王小明"}
    assert western.texts(["", "", "", "Lovelace"]) == {"name": "Lovelace"}
    assert whole_name([("Last Name", "Wang"), ("Middle Name", "Lei"), ("First Name", "Li")]) == "Li Lei Wang"


def test_a_whole_name_is_preferred_to_its_parts():
    found = suggested("leads", ["First Name", "Last Name", "Full Name"])
    assert {at: each.key for at, each in found.items()} == {2: "name"}


def test_what_is_only_called_alike_is_not_taken_without_proof(cast):
    """“Customer Levels” may be anything; where its cells are levels, it is the level."""
    without = suggested("customers", ["Customer Levels"])[0]
    assert without.reason == SIMILAR and not without.is_taken
    with_cells = suggested("customers", ["Customer Levels"], [["A"], ["B"]])[0]
    assert with_cells.is_taken
    against = suggested("customers", ["Customer Levels"], [["17"], ["23"]])[0]
    assert not against.is_taken
