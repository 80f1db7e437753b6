"""An administrator shapes the fields in the browser, without a script."""

import pytest
from sqlalchemy import select

from crm import create_app
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.fields import actions
from crm.domain.fields.indexes import BUILDING, READY, enter
from crm.domain.fields.models import FieldDefinition
from crm.domain.fields.queries import overrides
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.kinds import FieldKind
from tests.cast import sign_in
from tests.domain.fields.making import draft, made
from tests.web.test_custom_fields import page

NEW = {"label-en": "Contract ends", "label-zh_CN": "合同到期", "kind": "date", "section": "belonging"}


def definition(key):
    return db.session.scalars(select(FieldDefinition).where(FieldDefinition.key == key)).first()


def choice_rows(*rows):
    names = ("key", "en", "zh_CN", "tone", "order", "state")
    return {f"choice-{name}": [row[at] for row in rows] for at, name in enumerate(names)}


def test_only_an_administrator_gets_there(as_):
    assert as_.rep.get("/admin/fields").status_code == 403
    assert as_.administrator.get("/admin/fields").status_code == 200


def test_a_field_made_in_the_browser_is_on_the_form_of_the_next_request(as_):
    assert "Contract ends" not in page(as_.rep, "/customers/new")
    assert page(as_.administrator, "/admin/fields/of/customers/new")
    assert as_.administrator.post("/admin/fields/of/customers", NEW).location.endswith("/admin/fields")
    assert definition("x_contract_ends").kind == "date"
    assert "Contract ends" in page(as_.administrator, "/admin/fields")
    assert 'name="x_contract_ends"' in page(as_.rep, "/customers/new")


def test_another_process_obeys_with_its_next_request(as_, settings, migrated, cast):
    """A second program around the same database, which has answered before the field was made."""
    second = create_app(settings)
    browser = sign_in(second.test_client(), cast.rep)
    db.session.commit()
    assert "Contract ends" not in browser.get("/customers/new").get_data(as_text=True)
    as_.administrator.post("/admin/fields/of/customers", NEW)
    assert "Contract ends" in browser.get("/customers/new").get_data(as_text=True)


@pytest.mark.parametrize(
    ("but", "words"),
    [
        ({"label-en": " ", "label-zh_CN": ""}, "A field needs a name."),
        ({"kind": "dream"}, "Choose what kind"),
        ({"kind": "choice"}, "at least one choice"),
        ({"kind": "link"}, "Choose what the field links to"),
        ({"section": "cellar"}, "Choose where it stands."),
        ({"default_text": "whenever"}, "cannot be what a new record begins with"),
        ({"label-en": "x" * 81}, "at most 80"),
        ({"kind": "money", "unit": "¥"}, "three letters"),
    ],
)
def test_what_cannot_work_is_said_and_what_was_typed_stays(as_, but, words):
    answer = as_.administrator.post("/admin/fields/of/customers", NEW | but)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert 'value="合同到期"' in answer.get_data(as_text=True) or "label-zh_CN" in but
    assert definition("x_contract_ends") is None


def test_two_fields_of_one_name_are_one_too_many(as_):
    as_.administrator.post("/admin/fields/of/customers", NEW)
    answer = as_.administrator.post("/admin/fields/of/customers", NEW | {"label-en": "Contract end"})
    assert "There is a field called “合同到期” already." in answer.get_data(as_text=True)


def test_choices_are_renamed_ordered_and_retired_but_never_lost(as_, cast):
    grade = NEW | {"label-en": "Grade", "kind": "choice"}
    rows = choice_rows(("", "Gold", "金", "ok", "1", ""), ("", "Tin", "", "", "2", ""))
    as_.administrator.post("/admin/fields/of/customers", grade | rows)
    one = definition("x_grade")
    assert [each["key"] for each in one.choices] == ["gold", "tin"]
    customer = customers.create(cast.rep.actor, {"name": "Acme", "x_grade": "tin"})
    db.session.commit()
    rows = choice_rows(("gold", "Golden", "", "ok", "5", ""), ("tin", "Tin", "", "", "3", "retired"))
    assert as_.administrator.post(f"/admin/fields/{one.id}", grade | rows).status_code == 303
    assert [(each["key"], each["label"], each["retired"]) for each in definition("x_grade").choices] == [
        ("tin", {"en": "Tin"}, True),
        ("gold", {"en": "Golden"}, False),
    ]
    assert "Tin" in page(as_.rep, f"/customers/{customer}")
    assert "Tin" in page(as_.rep, f"/customers/{customer}/sections/belonging/edit"), "it has it, so it keeps it"
    assert "Tin<" not in page(as_.rep, "/customers/new")
    answer = as_.administrator.post(f"/admin/fields/{one.id}", grade | choice_rows(("gold", "Gold", "", "", "", "")))
    assert "A choice cannot be removed" in answer.get_data(as_text=True)


def test_another_kind_is_tried_on_what_is_stored_before_anything_changes(as_, cast):
    one = made(cast.administrator.actor, FieldKind.TEXT, "Amount")
    ids = customers.create_many(
        cast.rep.actor, [{"name": "A", one.key: "1,200"}, {"name": "B", one.key: "a lot"}, {"name": "C"}]
    )
    db.session.commit()
    form = NEW | {"label-en": "Amount", "kind": "number"}
    answer = as_.administrator.post(f"/admin/fields/{one.id}", form)
    shown = answer.get_data(as_text=True)
    assert (answer.status_code, "a lot" in shown, "1,200" in shown) == (422, True, False)
    assert as_.administrator.post(f"/admin/fields/{one.id}", form | {"seen": "number"}).status_code == 422
    assert definition(one.key).kind == "text"
    with unscoped("a test looks at everything"):
        customers.change(cast.rep.actor, db.session.get(Customer, ids[1]), {one.key: "7"})
    db.session.commit()
    assert "Every value fits" in as_.administrator.post(f"/admin/fields/{one.id}", form).get_data(as_text=True)
    assert as_.administrator.post(f"/admin/fields/{one.id}", form | {"seen": "number"}).status_code == 303
    with unscoped("a test looks at everything"):
        rows = db.session.scalars(select(Customer).order_by(Customer.id)).all()
    assert [each.custom for each in rows] == [{one.key: "1200"}, {one.key: "7"}, {}]
    assert f'/customers/{ids[0]}"' in page(as_.rep, f"/customers/?{one.key}__min=8")
    assert f'/customers/{ids[1]}"' not in page(as_.rep, f"/customers/?{one.key}__min=8")


def test_fields_change_places_are_retired_and_come_back(as_, cast):
    one, two = (made(cast.administrator.actor, FieldKind.TEXT, name) for name in ("Aaa", "Bbb"))
    as_.administrator.post(f"/admin/fields/{two.id}/place", {"way": "up"})
    form = page(as_.rep, "/customers/new")
    assert form.index("Bbb") < form.index("Aaa")
    as_.administrator.post(f"/admin/fields/{one.id}/retirement")
    assert "Aaa" not in page(as_.rep, "/customers/new")
    as_.administrator.post(f"/admin/fields/{one.id}/return")
    assert "Aaa" in page(as_.rep, "/customers/new")


def test_a_standard_field_is_renamed_in_each_language_required_and_hidden(as_, cast):
    standard = "/admin/fields/of/customers/standard/"
    assert page(as_.administrator, standard + "level")
    as_.administrator.post(standard + "level", {"label-en": "Grade", "label-zh_CN": "档次", "required": "1"})
    form = page(as_.rep, "/customers/new")
    assert "Grade" in form and "Level" not in form
    assert "Grade" in page(as_.rep, "/customers/")
    refused = as_.rep.post("/customers/", {"name": "Acme", "type": "company"})
    assert (refused.status_code, "Grade: This is required." in refused.get_data(as_text=True)) == (422, True)
    as_.administrator.post(standard + "level", {"label-en": "Level", "hidden": "1"})
    assert overrides("customers")["level"].label == {}
    for address in ("/customers/new", "/customers/", "/customers/?cols=level"):
        assert "Level" not in page(as_.rep, address), address
    assert "There is no field called" in page(as_.rep, "/customers/?level__is=a")


@pytest.mark.parametrize("key", ["name", "type"])
def test_what_records_cannot_do_without_stays(as_, key):
    answer = as_.administrator.post(f"/admin/fields/of/customers/standard/{key}", {"hidden": "1"})
    assert answer.status_code == 422
    assert "it stays" in answer.get_data(as_text=True)


def test_an_index_is_asked_for_and_its_state_is_shown(as_, cast, monkeypatch):
    one = made(cast.administrator.actor, FieldKind.NUMBER)
    assert as_.administrator.post(f"/admin/fields/{one.id}/index").status_code == 303
    assert "index waits for a worker" in page(as_.administrator, "/admin/fields")
    shown = page(as_.administrator, "/admin/fields")
    assert '<meta http-equiv="refresh"' in shown and 'hx-trigger="every 3s"' in shown
    part = as_.administrator.get("/admin/fields", headers={"HX-Request": "true", "HX-Target": "section#all-fields"})
    assert "index waits for a worker" in part.get_data(as_text=True) and "<html" not in part.get_data(as_text=True)
    enter(one, BUILDING)
    monkeypatch.setattr("crm.blueprints.admin.fields.percent_built", lambda each: 42)
    db.session.commit()
    assert "index is being built · 42 %" in page(as_.administrator, "/admin/fields")
    enter(one, READY)
    db.session.commit()
    monkeypatch.undo()
    assert "refresh" not in page(as_.administrator, "/admin/fields")
    link = made(cast.administrator.actor, FieldKind.LINK, "Link")
    assert as_.administrator.post(f"/admin/fields/{link.id}/index").status_code == 409


def test_a_field_becomes_unique_only_when_its_values_are(as_, cast):
    one = made(cast.administrator.actor, FieldKind.TEXT, "Code")
    values = ["7", "7", "7", "8", "8", "9", None]
    customers.create_many(cast.rep.actor, [{"name": "A", one.key: value} for value in values])
    db.session.commit()
    form = NEW | {"label-en": "Code", "kind": "text", "is_unique": "1"}
    answer = as_.administrator.post(f"/admin/fields/{one.id}", form)
    said = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "2 values are in several records" in said
    assert "<b>7</b> (3)" in said and "<b>8</b> (2)" in said and "<b>9</b>" not in said
    assert definition(one.key).is_unique is False
    with pytest.raises(RuleBroken, match="2 values are in several records, such as “7”"):
        actions.change(cast.administrator.actor, one, draft(FieldKind.TEXT, "Code", is_unique=True))


def test_a_field_is_required_only_from_a_stage_on(as_, cast):
    stages = ["lifecycle_stage:active", "lifecycle_stage:loyal"]
    as_.administrator.post("/admin/fields/of/customers", NEW | {"required_from": stages})
    one = definition("x_contract_ends")
    assert one.required_from == {"field": "lifecycle_stage", "values": ["active", "loyal"]}
    form = page(as_.administrator, f"/admin/fields/{one.id}")
    assert 'value="lifecycle_stage:active" checked' in form and 'value="lifecycle_stage:lost" checked' not in form
    customer = {"name": "Acme", "type": "company", "lifecycle_stage": "active"}
    refused = as_.rep.post("/customers/", customer)
    assert (refused.status_code, "must be filled in from here on" in refused.get_data(as_text=True)) == (422, True)
    place = as_.rep.post("/customers/", customer | {"lifecycle_stage": "potential"}).location
    basics = {"name": "Acme", "type": "company", "before-name": "Acme", "before-type": "company"}
    moved = basics | {"lifecycle_stage": "loyal", "before-lifecycle_stage": "potential"}
    assert as_.rep.post(f"{place}/sections/basics", moved).status_code == 422
    as_.rep.post(f"{place}/sections/belonging", {"x_contract_ends": "2027-01-31", "before-x_contract_ends": ""})
    assert as_.rep.post(f"{place}/sections/basics", moved).status_code == 303
    emptied = {"x_contract_ends": "", "before-x_contract_ends": "2027-01-31"}
    assert as_.rep.post(f"{place}/sections/belonging", emptied).status_code == 422
    mixed = NEW | {"label-en": "Other", "label-zh_CN": "", "required_from": ["lifecycle_stage:active", "level:a"]}
    assert as_.administrator.post("/admin/fields/of/customers", mixed).status_code == 422
