"""The lead exports of other systems are mapped without a click."""

import csv

import pytest

from crm.domain.imports.mapping import suggest
from crm.domain.leads.record_type import LEAD
from crm.kernel.fields import Context, read_rows
from crm.web.i18n import catalogue

# What the collector of the headings calls our fields.
COUNTERPART = {
    "lead_name": "name",
    "last_name": "name",
    "company_name": "company",
    "job_title": "position",
    "phone": "phone",
    "mobile": "phone",
    "email": "email",
    "website": "website",
    "industry": "industry",
    "province": "region",
    "city": "region",
    "owner": "owner",
    "remark": "remarks",
    "source": "source",
    "status": "status",
}
MADE = {
    "salesforce": "Last Name,Company / Account,Title,Email,Mobile,Lead Status,Lead Source,Lead Owner",
    "hubspot": "Full Name,Company Name,Job Title,Email,Phone Number,Lead Status,Original Source,Contact owner",
    "ruoyi": "线索名称,公司名称,职位,邮箱,手机,跟进状态,线索来源,负责人",
}


def taken(actor, headings):
    labels = {each.key: {each.label, catalogue("zh_CN").get(each.label, each.label)} for each in LEAD.fields}
    found = suggest(LEAD.writable(actor), headings, (), Context(actor), labels)
    return {headings[column]: each.key for column, each in found.items() if each.is_taken}


@pytest.mark.parametrize("system", MADE)
def test_what_others_export_is_known(cast, system):
    headings = MADE[system].split(",")
    found = taken(cast.administrator.actor, headings)
    assert [found.get(each) for each in headings] == [
        "name",
        "company",
        "position",
        "email",
        "phone",
        "status",
        "source",
        "owner",
    ]


def test_every_heading_that_was_collected_is_known(cast, shared_data):
    with (shared_data / "import_headings" / "headings.csv").open(encoding="utf-8-sig") as file:
        rows = [
            row for row in csv.DictReader(file) if row["object"] == "lead" and row["canonical_guess"] in COUNTERPART
        ]
    missed = []
    for row in rows:
        found = taken(cast.administrator.actor, [row["heading"]]).get(row["heading"])
        if found != COUNTERPART[row["canonical_guess"]]:
            missed.append((row["system"], row["heading"], found))
    assert len(rows) > 15 and not missed


def test_their_words_for_a_status_are_known(cast):
    words = {"Open - Not Contacted": "new", "Working": "contacted", "跟进中": "contacted", "无效": "discarded"}
    readings = read_rows(LEAD.fields, [{"status": each} for each in words], Context(cast.administrator.actor))
    assert [each.values["status"] for each in readings] == list(words.values())
