"""The generator alone: the same every time, and everything it says can be read by the product's own fields."""

import re

import phonenumbers
import pytest

from crm.demo.customers import GROUP_EVERY, Sketch, customer, customers
from crm.domain.customers.choices import LEVELS, LIFECYCLE_STAGES, SOURCES, TYPES
from crm.domain.reference.entries import industries, regions
from crm.kernel.contact import parse_email, parse_phone, parse_url

COUNT = 1_500


@pytest.fixture(scope="module")
def sketches() -> list[Sketch]:
    return list(customers(5, COUNT))


def given(sketches: list[Sketch], key: str) -> list:
    return [each.texts[key] for each in sketches if each.texts.get(key)]


def test_equal_seeds_make_equal_customers_and_any_part_can_be_made_alone(sketches):
    assert list(customers(5, COUNT)) == sketches
    assert list(customers(5, 20, start=700)) == sketches[700:720]
    assert customer(5, 41) == sketches[41]
    assert [each.texts["name"] for each in customers(6, 50)] != [each.texts["name"] for each in sketches[:50]]


def test_names_are_bilingual_and_mostly_of_companies(sketches):
    names = given(sketches, "name")
    chinese = sum(re.search("[一-鿿]", name) is not None for name in names)
    assert 0.75 < chinese / COUNT < 0.95
    assert sum("有限公司" in name for name in names) > COUNT / 2
    assert sum("科技" in name for name in names) > COUNT / 10
    assert len(set(names)) > 0.97 * COUNT
    assert 0.08 < sum(each.texts["type"] == "person" for each in sketches) / COUNT < 0.25


def test_every_phone_is_valid_and_every_mobile_is_one_customers_alone(sketches):
    phones = [parse_phone(text) for text in given(sketches, "phone")]
    assert len(phones) > 0.9 * COUNT
    parsed = [phonenumbers.parse(each.e164) for each in phones]
    assert all(phonenumbers.is_valid_number(each) for each in parsed)
    assert {each.country_code for each in parsed} >= {86, 1, 44, 49}
    mobiles = [each.e164 for each in phones if re.fullmatch(r"\+861\d{10}", each.e164)]
    assert len(set(mobiles)) == len(mobiles) > COUNT / 3


def test_foreign_phones_are_of_ranges_kept_for_fiction(sketches):
    kept = re.compile(
        r"\+(?:131255501\d\d|442079460\d{3}|493023125\d{3}|3319900\d{4}|6125550\d{4}|463139006\d{2}|86\d+(?:;ext=\d+)?)"
    )
    assert [text for text in given(sketches, "phone") if not kept.fullmatch(parse_phone(text).e164)] == []


def test_mail_and_web_stand_in_domains_kept_for_examples(sketches):
    emails, sites = given(sketches, "email"), given(sketches, "website")
    assert min(len(emails), len(sites)) > COUNT / 3
    assert all(re.search(r"[@.]example\.(?:com|net|org)$", parse_email(text)) for text in emails)
    assert all(re.fullmatch(r"https://www\.[a-z0-9]+\.example\.(?:com|net|org)", parse_url(text)) for text in sites)


def test_codes_and_choices_are_the_products_own(sketches):
    assert set(given(sketches, "region")) <= set(regions())
    assert not any(regions()[code].hidden for code in given(sketches, "region"))
    assert set(given(sketches, "industry")) <= set(industries())
    for key, known in (("type", TYPES), ("level", LEVELS), ("lifecycle_stage", LIFECYCLE_STAGES), ("source", SOURCES)):
        assert set(given(sketches, key)) == {choice.key for choice in known}


def test_a_parent_is_a_group_made_before_and_lends_its_brand(sketches):
    children = [each for each in sketches if each.parent is not None]
    assert len(children) > COUNT / 60
    for child in children:
        parent = sketches[child.parent]
        assert parent.index < child.index and parent.index % GROUP_EVERY == 0
        assert "集团" in parent.texts["name"]
        brand = parent.texts["name"].removeprefix(parent.place.city).partition("控股")[0].partition("集团")[0]
        assert brand in child.texts["name"]
