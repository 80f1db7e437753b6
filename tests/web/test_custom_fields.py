"""A field an administrator makes is at once on every surface: one test a surface, run for every kind there is."""

import io
import re
from html import unescape

import pytest
from sqlalchemy import select

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.fields import actions as field_actions
from crm.domain.fields.drafts import KINDS, ONCE_ONLY
from crm.infra.db import db
from crm.jobs import bulk as bulk_jobs
from crm.jobs.imports import sweep
from crm.kernel.access import unscoped
from crm.kernel.errors import Invalid
from crm.kernel.kinds import FieldKind
from tests.domain.fields.making import SAMPLES, made

each_kind = pytest.mark.parametrize("kind", KINDS, ids=str)
SORTED = [kind for kind in KINDS if SAMPLES[kind].lesser]


def test_every_kind_has_its_sample():
    assert set(SAMPLES) == set(KINDS)


@pytest.fixture
def other(cast):
    """What a link leads to."""
    made_ = actions.create(cast.administrator.actor, {"name": "Nachtigall 贸易", "owner": cast.rep.id})
    db.session.commit()
    return made_


def customer(name="Acme"):
    with unscoped("a test looks at everything"):
        return db.session.scalars(select(Customer).where(Customer.name == name)).one()


def stored(kind, cast, other):
    value = SAMPLES[kind].stored
    return {"rep": cast.rep.id, "other": other}.get(value, value) if isinstance(value, str) else value


def typed(kind):
    text = SAMPLES[kind].typed
    return text.split(",") if kind is FieldKind.MULTI_CHOICE else text


def page(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200, f"{address} answers {answer.status_code}"
    return answer.get_data(as_text=True)


def saved(as_, field, kind, name="Acme", text=None):
    answer = as_.rep.post("/customers/", {"name": name, "type": "company", field.key: text or typed(kind)})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return customer(name)


@each_kind
def test_form_page_list_filter_and_timeline(as_, cast, other, kind):
    sample, field = SAMPLES[kind], made(cast.administrator.actor, kind)
    assert "Own field" in page(as_.rep, "/customers/new")
    one = saved(as_, field, kind)
    assert one.custom == {field.key: stored(kind, cast, other)}
    shown = page(as_.rep, f"/customers/{one.id}")
    assert "Own field" in shown
    assert sample.shown in shown
    listed = page(as_.rep, f"/customers/?cols={field.key}&{field.key}__{sample.filter}")
    assert f'/customers/{one.id}"' in listed
    assert "Own field" in listed
    assert f'/customers/{one.id}"' not in page(as_.rep, f"/customers/?{field.key}__empty=1")
    form = page(as_.rep, f"/customers/{one.id}/sections/belonging/edit")
    before = re.search(f'name="before-{field.key}" value="([^"]*)"', form)
    emptied = {field.key: "", f"before-{field.key}": unescape(before.group(1))}
    assert as_.rep.post(f"/customers/{one.id}/sections/belonging", emptied).status_code == 303
    assert customer().custom == {}
    told = page(as_.rep, f"/customers/{one.id}/timeline")
    assert re.search(f"Own field: <del>[^<]*{re.escape(sample.logged or sample.shown)}", told)


@each_kind
def test_what_stands_in_the_form_is_read_back_to_the_same_value(as_, cast, other, kind):
    field = made(cast.administrator.actor, kind)
    one = saved(as_, field, kind)
    form = page(as_.rep, f"/customers/{one.id}/sections/belonging/edit")
    kept = unescape(re.search(f'name="before-{field.key}" value="([^"]*)"', form).group(1))
    again = {field.key: kept.split(",") if kind is FieldKind.MULTI_CHOICE else kept}  # none of what was there before
    assert as_.rep.post(f"/customers/{one.id}/sections/belonging", again).status_code == 303
    assert customer().custom == {field.key: stored(kind, cast, other)}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if SAMPLES[kind].wrong], ids=str)
def test_what_does_not_fit_is_refused_beside_the_field(as_, cast, kind):
    field = made(cast.administrator.actor, kind)
    wrong = SAMPLES[kind].wrong
    answer = as_.rep.post("/customers/", {"name": "Acme", "type": "company", field.key: wrong})
    assert answer.status_code == 422
    assert "Own field: " in answer.get_data(as_text=True)


@each_kind
def test_an_import_fills_it(as_, cast, other, kind):
    field, text = made(cast.administrator.actor, kind), SAMPLES[kind].typed.replace("\n", " ")
    rows = f'公司名称,自定义 Own field\nAcme,"{text}"\n'
    place = as_.rep.post("/imports/", {"file": (io.BytesIO(rows.encode()), "a.csv")}).location
    sweep()
    assert f'value="{field.key}" selected' in page(as_.rep, f"{place}/mapping")
    as_.rep.post(f"{place}/mapping", {"column-0": "name", "column-1": field.key})
    sweep()
    as_.rep.post(f"{place}/run", {"duplicates": "create"})
    sweep()
    wanted = stored(kind, cast, other)
    assert customer().custom == {field.key: text if kind is FieldKind.LONG_TEXT else wanted}


@each_kind
def test_many_records_are_given_a_value_and_lose_it_again(as_, cast, other, kind):
    field = made(cast.administrator.actor, kind)
    one = actions.create(cast.rep.actor, {"name": "Acme"})
    db.session.commit()
    place = as_.rep.post("/bulk/customers", {"id": str(one), "what": f"edit:{field.key}", field.key: typed(kind)})
    assert place.status_code == 303, place.get_data(as_text=True)
    bulk_jobs.sweep()
    assert customer().custom == {field.key: stored(kind, cast, other)}
    as_.rep.post(f"{place.location}/undoing")
    bulk_jobs.sweep()
    assert customer().custom == {}


@pytest.mark.parametrize("kind", SORTED, ids=str)
def test_a_list_is_sorted_by_it_once_its_index_stands(as_, cast, kind):
    field = made(cast.administrator.actor, kind)
    assert "cannot be sorted" in page(as_.rep, f"/customers/?sort={field.key}")
    field.index_state = "ready"
    field_actions.reshaped()
    db.session.commit()
    saved(as_, field, kind, "Second")
    saved(as_, field, kind, "First", SAMPLES[kind].lesser)
    as_.rep.post("/customers/", {"name": "Last", "type": "company"})
    for sort, names in ((field.key, ["First", "Second", "Last"]), ("-" + field.key, ["Second", "First", "Last"])):
        listed = page(as_.rep, f"/customers/?sort={sort}&cols={field.key}")
        assert re.findall(r'class="row-link"[^>]*>(\w+)<', listed) == names


def test_it_is_named_in_the_readers_language(as_, cast):
    made(cast.administrator.actor, FieldKind.TEXT)
    as_.rep.client.set_cookie("language", "zh_CN")
    cast.rep.language = "zh_CN"
    db.session.commit()
    assert "自定义 Own field" in page(as_.rep, "/customers/new")


def test_a_retired_field_is_gone_everywhere_and_comes_back_with_its_values(as_, cast):
    field = made(cast.administrator.actor, FieldKind.TEXT)
    one = saved(as_, field, FieldKind.TEXT)
    field_actions.retire(cast.administrator.actor, field)
    db.session.commit()
    for address in ("/customers/new", f"/customers/{one.id}", "/customers/", f"/customers/{one.id}/timeline"):
        assert "Own field" not in page(as_.rep, address), address
    assert "There is no field called" in page(as_.rep, f"/customers/?{field.key}__contains=密语")
    field_actions.bring_back(cast.administrator.actor, field)
    db.session.commit()
    assert "Über 密语" in page(as_.rep, f"/customers/{one.id}")


@pytest.mark.parametrize("kind", sorted(ONCE_ONLY))
def test_a_unique_value_comes_once_in_forms_and_imports(as_, cast, other, kind):
    field = made(cast.administrator.actor, kind, is_unique=True)
    one = saved(as_, field, kind)
    form = {"name": "Second", "type": "company", field.key: SAMPLES[kind].typed}
    answer = (
        as_.other_rep.post("/customers/", form) if kind is not FieldKind.LINK else as_.rep.post("/customers/", form)
    )
    assert answer.status_code == 422
    assert "is in another record already" in answer.get_data(as_text=True)
    again = as_.rep.post(f"/customers/{one.id}/sections/belonging", {field.key: SAMPLES[kind].typed})
    assert again.status_code == 303, "its own value is not another's"
    rows = [{"name": name, field.key: "42"} for name in ("A", "B")]
    if kind is FieldKind.TEXT:
        with pytest.raises(Invalid, match="another record"):
            actions.create_many(cast.rep.actor, rows)


@pytest.mark.parametrize("kind", [FieldKind.NUMBER, FieldKind.MONEY, FieldKind.DATE], ids=str)
def test_what_has_an_order_is_asked_for_from_and_to(as_, cast, kind):
    first, last = ("gte", "lte") if kind is FieldKind.DATE else ("min", "max")
    low, middle, high = ("2026-01-01", "2026-02-02", "2026-03-03") if kind is FieldKind.DATE else ("1", "25.5", "300")
    field = made(cast.administrator.actor, kind)
    for name, text in (("Low", low), ("Middle", middle), ("High", high)):
        assert as_.rep.post("/customers/", {"name": name, "type": "company", field.key: text}).status_code == 303
    panel = as_.rep.get("/customers/").get_data(as_text=True)
    names = [f"{field.key}__{first}", f"{field.key}__{last}"]
    for name, label in zip(names, ("from", "until" if kind is FieldKind.DATE else "to"), strict=True):
        assert f'name="{name}"' in panel
        assert f">Own field {label}<" in panel
    found = as_.rep.get("/customers/", query_string=dict(zip(names, (middle, middle), strict=True))).get_data(
        as_text=True
    )
    rows = re.findall(r'class="row-link" href="[^"]+">(\w+)<', found)
    assert rows == ["Middle"]
    assert f'name="{names[0]}" value="{middle}"' in found
    assert found.count(f'name="{names[0]}"') == 1, "It is not kept a second time."
