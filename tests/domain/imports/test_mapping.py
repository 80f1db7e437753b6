"""Which heading means which field."""

import csv

import pytest

from crm.domain.customers.record_type import CUSTOMER
from crm.domain.imports.mapping import CELLS, EXACT, KNOWN, SIMILAR, check_mapping, heading_key, suggest
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context
from crm.web.i18n import catalogue

# What the collector of the headings calls our fields; the others have no counterpart among a customer's fields.
COUNTERPART = {
    "company_name": "name",
    "phone": "phone",
    "mobile": "phone",
    "email": "email",
    "website": "website",
    "industry": "industry",
    "level": "level",
    "source": "source",
    "remark": "remarks",
    "address": "address",
    "region": "region",
    "province": "region",
    "city": "region",
    "owner": "owner",
    "customer_type": "type",
}


def labels():
    return {each.key: {each.label, catalogue("zh_CN").get(each.label, each.label)} for each in CUSTOMER.fields}


def taken(actor, headings, sample=()):
    found = suggest(CUSTOMER.writable(actor), headings, sample, Context(actor), labels())
    return {headings[column] or column: each.key for column, each in found.items() if each.is_taken}


@pytest.mark.parametrize(
    "heading",
    ["客户名称", "* 客户名称（必填）", "Account_Name", "accountName", "ACCOUNT NAME", "公司名称*", "Name", "Full name"],
)
def test_a_heading_is_known_however_it_is_dressed(cast, heading):
    assert taken(cast.administrator.actor, [heading]) == {heading: "name"}


def test_each_suggestion_says_how_sure_it_is_and_why(cast):
    found = suggest(
        CUSTOMER.fields, ["Full name", "Account Owner", "客户等级别", ""], [["A", "", "", "a@b.com"]],
        Context(cast.administrator.actor), labels(),
    )  # fmt: skip
    assert [(found[n].key, found[n].reason) for n in range(4)] == [
        ("name", EXACT), ("owner", KNOWN), ("level", SIMILAR), ("email", CELLS),
    ]  # fmt: skip
    assert found[0].confidence == 100 > found[1].confidence > found[2].confidence > found[3].confidence


def test_a_field_is_filled_by_one_column(cast):
    assert taken(cast.administrator.actor, ["手机", "移动电话", "客户名称"]) == {"手机": "phone", "客户名称": "name"}


def test_a_region_may_stand_in_several_columns(cast):
    headings = ["省份", "城市", "区县", "客户名称"]
    assert taken(cast.administrator.actor, headings) == dict.fromkeys(headings[:3], "region") | {"客户名称": "name"}


def test_a_column_whose_cells_do_not_fit_is_left_to_the_person(cast):
    found = suggest(
        CUSTOMER.fields, ["Account Type"], [["Prospect"], ["Investor"], ["Company"]],
        Context(cast.administrator.actor), labels(),
    )  # fmt: skip
    assert (found[0].key, found[0].is_taken) == ("type", False)


def test_a_person_is_offered_only_what_they_may_fill_in(cast):
    assert taken(cast.rep.actor, ["Account Name", "Account Owner"]) == {"Account Name": "name"}


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({0: "phone"}, "No column fills"),
        ({0: "name", 1: "name"}, "Two columns"),
        ({0: "name", 1: "owner"}, "may not fill"),
        ({0: "name", 1: "number"}, "may not fill"),
        ({0: "name", 1: "nonsense"}, "may not fill"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_with_a_sentence(cast, mapping, words):
    with pytest.raises(Invalid, match=words):
        check_mapping(CUSTOMER, cast.rep.actor, mapping)


def test_a_required_field_with_a_default_need_not_be_in_the_file(cast):
    check_mapping(CUSTOMER, cast.rep.actor, {0: "name"})


def test_headings_of_other_systems_map_without_a_click(cast, shared_data):
    with (shared_data / "import_headings" / "headings.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["object"].split(" (")[0] == "account"]
    hits, misses = 0, []
    for system in {row["system"] + row["object"] for row in rows}:
        own = [row for row in rows if row["system"] + row["object"] == system]
        found = taken(cast.administrator.actor, [row["heading"] for row in own])
        wanted: dict[str, list[str]] = {}
        for row in own:
            if key := COUNTERPART.get(row["canonical_guess"]):
                wanted.setdefault(key, []).append(row["heading"])
        for key, headings in wanted.items():  # of mobile and phone one column is all a field takes
            good = any(found.get(heading) == key for heading in headings)
            hits += good
            misses += [] if good else [(system, key, headings)]
    assert hits >= 20
    assert hits / (hits + len(misses)) >= 0.95, misses


def test_nothing_else_of_other_systems_is_taken_for_a_field(cast, shared_data):
    """A wrong suggestion costs more than none: nobody looks at what seems to be right."""
    with (shared_data / "import_headings" / "headings.csv").open(encoding="utf-8-sig") as file:
        rows = [
            row for row in csv.DictReader(file) if row["object"].split(" (")[0] == "account" and row["canonical_guess"]
        ]
    wrong = set()
    for row in rows:
        found = taken(cast.administrator.actor, [row["heading"]])
        if found and found[row["heading"]] != COUNTERPART.get(row["canonical_guess"]):
            wrong.add((row["heading"], found[row["heading"]], row["canonical_guess"]))
    assert not wrong


def test_a_business_register_maps_by_itself(cast, shared_data):
    with (shared_data / "cn_companies" / "cn_companies_2000_utf8bom_crlf.csv").open(encoding="utf-8-sig") as file:
        headings, *rows = list(csv.reader(file))
    assert taken(cast.administrator.actor, headings, rows[:50]) == {
        "企业名称": "name", "所在省份": "region", "地区": "region", "注册地址": "address", "经营范围": "remarks",
    }  # fmt: skip


def test_the_reason_column_of_failed_rows_is_left_out_when_it_comes_back(cast):
    assert taken(cast.rep.actor, ["未导入原因", "Why this row was not imported", "客户名称"]) == {"客户名称": "name"}


def test_heading_keys_ignore_dress():
    assert heading_key("* E-Mail Address (required)") == heading_key("email_address") == "emailaddress"
