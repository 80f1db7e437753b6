"""Three hundred fields of the company's own: list, record, forms and administration stay within the budgets of the
face (docs/STYLE.md), in bytes as they go over the wire."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.demo import customers as demo
from crm.demo.follow_ups import dealings
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.fields import actions
from crm.domain.fields.drafts import ChoiceDraft, Draft
from crm.domain.timeline import actions as timeline
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.kinds import FieldKind as K

KB = 1024
KINDS = (K.TEXT, K.NUMBER, K.MONEY, K.DATE, K.CHOICE, K.MULTI_CHOICE, K.YES_NO, K.PERSON, K.PHONE, K.LONG_TEXT)
WORDS = ("contract", "delivery", "annual", "regional", "technical", "payment", "insurance", "discount", "quality")
ZH = ("合同", "交付", "年度", "区域", "技术", "付款", "保险", "折扣", "质量")


@pytest.fixture
def fields(cast):
    """As different from each other as the fields of a real company."""
    for at in range(actions.MOST_FIELDS):
        kind = KINDS[at % len(KINDS)]
        label = {
            "en": f"{WORDS[at % 9].capitalize()} {WORDS[at * 7 % 8]} {at}",
            "zh_CN": f"{ZH[at % 9]}{ZH[at * 7 % 8]}{at}",
        }
        choices = [ChoiceDraft({"en": f"{WORDS[(at + n) % 9]} {n}"}, tone="ok" if n else "") for n in range(4)]
        given = {"choices": choices} if kind in (K.CHOICE, K.MULTI_CHOICE) else {}
        section = ("basics", "reach", "belonging")[at % 3]
        actions.make(cast.administrator.actor, "customers", Draft(label, kind, section, **given))
    db.session.commit()


@pytest.fixture
def record(cast, fields):
    """One of 25 customers, with most of its fields filled in and twenty things in its timeline."""
    own = CUSTOMER.open_to(cast.rep.actor).fields
    filled = {each.key: VALUES[each.kind](at) for at, each in enumerate(own) if each.custom and each.kind in VALUES}
    rows = [each.values for each in demo.customers(7, 25)]
    rows[0] = rows[0] | filled
    (first, *_) = customers.create_many(cast.rep.actor, rows)
    one = db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == first)).one()
    sketches, now = list(demo.customers(7, 220)), clock.now()
    found = dealings(7, sketches, [now - dt.timedelta(days=100)] * len(sketches), now, "Asia/Shanghai")
    for each in found[:20]:
        timeline.add_follow_up(cast.rep.actor, one, each.values)
    db.session.commit()
    return first


def weight(browser, address, target=""):
    headers = {"Accept-Encoding": "br"} | ({"HX-Request": "true", "HX-Target": target} if target else {})
    answer = browser.get(address, headers=headers)
    assert answer.status_code == 200 and answer.headers["Content-Encoding"] == "br", address
    print(f"{address} {target}: {len(answer.data) / KB:.1f} KB")
    return len(answer.data)


VALUES = {
    K.TEXT: lambda at: f"{ZH[at % 9]}说明 {at * 37 % 1000}",
    K.NUMBER: lambda at: Decimal(at * 7919 % 100_000),
    K.MONEY: lambda at: Decimal(at * 104_729 % 10_000_000),
    K.DATE: lambda at: dt.date(2026, 1, 1) + dt.timedelta(days=at),
    K.CHOICE: lambda at: f"{WORDS[(at + 1) % 9]}_1",
    K.YES_NO: lambda at: at % 3 == 0,
    K.LONG_TEXT: lambda at: f"{ZH[at % 9]}与{ZH[at * 5 % 9]}的约定，第 {at} 条。",
}


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_lists_records_and_forms_keep_their_budgets(as_, cast, record, language):
    """A list shows the columns that are chosen; a form in place holds at most fifty fields of its section."""
    as_.rep.client.set_cookie("language", language)
    assert weight(as_.rep, "/customers/") <= 12 * KB
    assert weight(as_.rep, "/customers/?sort=name", "section#list-results") <= 4 * KB
    assert weight(as_.rep, f"/customers/{record}") <= 14 * KB
    assert weight(as_.rep, "/customers/new") <= 12 * KB
    own = CUSTOMER.open_to(cast.rep.actor).sections
    assert len(own) > 3 and sum(len(each.fields) for each in own) > 300
    for each in own:
        address = f"/customers/{record}/sections/{each.key}"
        assert weight(as_.rep, f"{address}/edit", f"section#section-{each.key}") <= 4 * KB
        assert weight(as_.rep, address, f"section#section-{each.key}") <= 4 * KB


def test_every_field_is_on_the_new_form_and_a_part_of_a_section_is_saved_alone(as_, cast, record):
    words = as_.rep.get("/customers/new").get_data(as_text=True)
    own = CUSTOMER.open_to(cast.rep.actor)
    assert all(f'name="{each.key}"' in words for each in own.form(cast.rep.actor))
    part = own.section("basics-part-2")
    field = next(each for each in part.fields if each.kind is K.TEXT)
    answer = as_.rep.post(f"/customers/{record}/sections/{part.key}", {field.key: "neu"})
    assert answer.status_code == 303
    assert "neu" in as_.rep.get(f"/customers/{record}").get_data(as_text=True)


def test_the_administration_keeps_its_budgets(as_, fields):
    for address in ("/admin/fields", "/admin/fields/of/customers/new", "/admin/roles/3", "/filters/customers"):
        assert weight(as_.administrator, address) <= 12 * KB
    place = as_.administrator.post("/admin/layouts/of/customers", {"name": "Reps"}).location
    assert weight(as_.administrator, place) <= 12 * KB
    assert weight(as_.administrator, place, "section#layout-board") <= 4 * KB
    done = as_.administrator.post(f"{place}/arrangement", {"do": "up", "field": ["phone", "email"]})
    assert "ticked=phone" in done.location, "What was ticked stays so, to be moved once more."


def test_of_very_many_fields_those_shown_or_asked_for_have_a_control(as_, cast, fields):
    own = [each for each in CUSTOMER.open_to(cast.rep.actor).fields if each.custom and each.kind is K.YES_NO]
    plain = as_.rep.get("/customers/").get_data(as_text=True)
    assert f'name="{own[0].key}__is"' not in plain and 'name="level__is"' in plain
    asked = as_.rep.get(f"/customers/?{own[0].key}__is=yes&cols={own[1].key}").get_data(as_text=True)
    assert all(f'id="filter-{each.key}__is"' in asked for each in own[:2])
    assert f'id="filter-{own[2].key}__is"' not in asked
    assert f'value="{own[2].key}"' in as_.rep.get("/filters/customers").get_data(as_text=True)
