"""Fields that hang on others, on form and page: without the script they stand there with a hint."""

import re

import pytest

from crm.domain.fields.models import FieldDefinition
from crm.infra.db import db
from crm.kernel.kinds import FieldKind as K
from tests.domain.fields.making import made
from tests.web.test_custom_fields import page

NEW = {"name": "One", "type": "company"}


@pytest.fixture
def key(cast):
    one = made(cast.administrator.actor, K.TEXT, "Legal form", shown_if=("type", ("company",)), section="basics")
    return one.key


def customer(as_, **values):
    return as_.rep.post("/customers/", NEW | values).location


def test_it_is_made_in_the_browser(as_, cast):
    form = {"label-en": "Legal form", "kind": "text", "section": "basics"}
    as_.administrator.post("/admin/fields/of/customers", form | {"shown_if": ["type:company", "type:*"]})
    one = db.session.query(FieldDefinition).one()
    assert one.shown_if == {"field": "type", "values": ["company", "*"]}
    words = page(as_.administrator, f"/admin/fields/{one.id}")
    assert re.search(r'name="shown_if" value="type:company" checked', words)
    answer = as_.administrator.post("/admin/fields/of/customers", form | {"shown_if": ["type:company", "level:a"]})
    assert answer.status_code == 422 and "Tick the values of one field only." in answer.get_data(as_text=True)


def test_the_form_has_it_with_a_hint_and_says_to_a_script_when(as_, key):
    words = page(as_.rep, "/customers/new")
    box = re.search(
        rf'<div class="conditional([^"]*)" data-shown-if="type" data-shown-values="company" data-name="{key}">', words
    )
    assert box and box[1] == " shown", "A new customer is a company."
    assert "Only if “Type” is: Company." in words
    assert f'name="unseen-{key}" value="1" disabled' in words


def test_what_was_written_where_there_is_no_place_is_not_dropped_without_a_word(as_, key):
    answer = as_.rep.post("/customers/", NEW | {"type": "person", key: "GmbH"})
    words = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "“Legal form” has no place here: that depends on “Type”." in words
    assert 'value="GmbH"' in words
    unseen = as_.rep.post("/customers/", NEW | {"type": "person", key: "GmbH", f"unseen-{key}": "1"})
    assert unseen.status_code == 303 and "GmbH" not in page(as_.rep, unseen.location)


def test_unseen_is_believed_only_where_it_is(as_, key):
    assert "GmbH" in page(as_.rep, customer(as_, **{key: "GmbH", f"unseen-{key}": "1"}))


def test_the_page_shows_it_where_it_belongs_and_keeps_it_where_not(as_, key):
    place = customer(as_, **{key: "GmbH"})
    as_.rep.post(f"{place}/sections/basics", {"name": "One", "type": "person", key: "GmbH", f"before-{key}": "GmbH"})
    facts = page(as_.rep, place).partition('id="timeline"')[0]
    assert "Person" in facts and "Legal form" not in facts
    as_.rep.post(f"{place}/sections/basics", {"name": "One", "type": "company", key: "GmbH", f"before-{key}": "GmbH"})
    assert re.search(r"Legal form</dt><dd>GmbH", page(as_.rep, place))


def test_in_another_section_it_is_asked_only_where_it_is_shown(as_, cast):
    other = made(cast.administrator.actor, K.TEXT, "Elsewhere", shown_if=("type", ("company",))).key
    firm, human = customer(as_), customer(as_, type="person")
    assert f'name="{other}"' in page(as_.rep, f"{firm}/sections/belonging/edit")
    assert "conditional" not in page(as_.rep, f"{firm}/sections/belonging/edit").partition("<main")[2]
    assert f'name="{other}"' not in page(as_.rep, f"{human}/sections/belonging/edit")


def test_what_must_be_filled_in_says_so_beside_the_field(as_, cast):
    must = made(cast.administrator.actor, K.TEXT, "Must", shown_if=("type", ("company",)), required=True).key
    answer = as_.rep.post("/customers/", NEW)
    assert answer.status_code == 422
    assert re.search(rf'id="{must}-error"[^>]*>.*?must be filled in', answer.get_data(as_text=True), re.S)
    assert as_.rep.post("/customers/", NEW | {"type": "person"}).status_code == 303
