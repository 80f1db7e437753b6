"""A cell of a list edited in place: every kind of field, whoever asks, whatever happened meanwhile."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.customers.queries import CUSTOMERS
from crm.domain.fields.drafts import KINDS
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.queries import ready_made
from crm.infra.db import db
from crm.kernel.access import FieldRight, Reach
from crm.kernel.events import Event
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Permission
from tests.domain.fields.making import SAMPLES, made

IN_LIST = {"HX-Request": "true", "HX-Target": "td"}
STANDARD = {
    "name": ("Beta", "Beta"),
    "type": ("person", "Person"),
    "industry": ("6513", "6513 应用软件开发"),
    "level": ("c", "C"),
    "lifecycle_stage": ("at_risk", "At risk"),
    "source": ("referral", "Referral"),
    "tags": ("甲, 乙", "甲"),
    "phone": ("021-62345678", "021 6234 5678"),
    "email": ("x@example.com", "x@example.com"),
    "website": ("example.com", "example.com"),
    "region": ("深圳南山", "南山区"),
    "address": ("Stillgasse 9", "Stillgasse 9"),
    "competitor": ("Rival", "Rival"),
    "remarks": ("one\ntwo", "one"),
}


@pytest.fixture
def acme(cast):
    return actions.create(cast.rep.actor, {"name": "Acme", "level": "a"})


def customer(id_):
    db.session.expire_all()
    return db.session.scalars(select(Customer).execution_options(scoped=True).where(Customer.id == id_)).one()


def url(id_, field):
    return f"/cells/customers/{id_}/{field}"


def words(answer):
    return unescape(answer.get_data(as_text=True))


def filled_in(browser, id_, field, *, list="sort=name"):
    """What the form of the cell sends when nothing is touched."""
    form = words(browser.get(f"{url(id_, field)}/edit", query_string={"list": list}, headers=IN_LIST))
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return {key: value for key, value in hidden.items() if key != "csrf_token"}


def save(browser, id_, field, text, given=None, **more):
    given = filled_in(browser, id_, field, **more) if given is None else given
    return browser.post(url(id_, field), given | {field: text}, htmx="td")


@pytest.mark.parametrize("field", STANDARD)
def test_every_standard_field_is_edited_in_its_cell(as_, acme, field):
    typed, shown = STANDARD[field]
    answer = save(as_.rep, acme, field, typed)
    assert answer.status_code == 200, words(answer)
    assert shown in words(answer)
    assert "<html" not in words(answer) and "<form" not in words(answer) and "<td" not in words(answer)
    assert len(db.session.scalars(select(Event).filter_by(name="customer.changed")).all()) == 1


def test_every_writable_column_of_the_list_has_been_tried(cast):
    written = {each.key for each in CUSTOMERS.fields if each.writable_by(cast.rep.actor)}
    assert written - {"owner", "parent"} == set(STANDARD)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_kind_an_administrator_makes_is_edited_in_its_cell(as_, cast, acme, kind):
    actions.create(cast.rep.actor, {"name": "Nachtigall 贸易"})
    field, sample = made(cast.administrator.actor, kind), SAMPLES[kind]
    listed = words(as_.rep.get(f"/customers/?cols={field.key}"))
    assert f'data-field="{field.key}">' in listed
    answer = save(as_.rep, acme, field.key, sample.typed.split(",") if kind is FieldKind.MULTI_CHOICE else sample.typed)
    assert answer.status_code == 200, words(answer)
    if kind is not FieldKind.DATETIME:  # which a list tells as how long ago
        assert sample.shown in words(answer)
    if sample.wrong:
        answer = save(as_.rep, acme, field.key, sample.wrong)
        assert answer.status_code == 422
        assert 'class="error"' in words(answer)


def test_an_owner_is_given_by_whoever_may_assign_and_the_row_then_leaves(as_, cast, acme):
    other = f"{cast.other_rep.name} ({cast.other_rep.email})"
    assert 'data-field="owner" data-fixed' in words(as_.rep.get("/customers/"))
    assert save(as_.rep, acme, "owner", other, {}).status_code == 409
    north = actions.create(cast.manager.actor, {"name": "North"})
    mine = f"{cast.rep.name} ({cast.rep.email})"
    answer = save(as_.manager, north, "owner", mine, list="owner__is=" + cast.manager.email)
    assert answer.status_code == 200
    assert "Sam 王" in words(answer) and "does not fit the list any more" in words(answer)
    assert customer(north).owner_id == cast.rep.id


def test_a_row_that_still_fits_says_nothing(as_, acme):
    assert "does not fit" not in words(save(as_.rep, acme, "competitor", "Rival", list="level__is=a"))
    assert "does not fit" in words(save(as_.rep, acme, "level", "b", list="level__is=a"))
    assert "does not fit" not in words(save(as_.rep, acme, "level", "a", list="nothing__is=1"))


def test_what_is_wrong_is_said_in_the_cell_and_nothing_typed_is_lost(as_, acme):
    answer = save(as_.rep, acme, "phone", "12")
    assert answer.status_code == 422
    assert 'value="12"' in words(answer) and 'class="error"' in words(answer) and 'aria-invalid="true"' in words(answer)
    assert customer(acme).phone is None
    assert "This is required." in words(save(as_.rep, acme, "name", " "))


def test_whoever_was_slower_sees_both_and_decides(as_, acme):
    given = filled_in(as_.rep, acme, "level")
    assert save(as_.administrator, acme, "level", "b").status_code == 200
    answer = save(as_.rep, acme, "level", "c", given)
    assert answer.status_code == 409
    assert "theirs is “B" in words(answer) and re.search(r'value="c"[^>]*selected', words(answer))
    assert customer(acme).level == "b"
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', words(answer)))
    again.pop("csrf_token")
    assert save(as_.rep, acme, "level", "c", again).status_code == 200
    assert customer(acme).level == "c"


def test_what_nobody_touched_is_not_written(as_, acme):
    given = filled_in(as_.rep, acme, "level")
    save(as_.administrator, acme, "level", "b")
    assert save(as_.rep, acme, "level", "a", given).status_code == 200
    assert customer(acme).level == "b"


def test_who_only_sees_the_record_cannot_edit_its_cells(as_, cast, acme):
    listed = words(as_.agent.get("/customers/"))
    assert "Acme" in listed and "data-cells" not in listed
    answer = as_.agent.get(f"{url(acme, 'level')}/edit", headers=IN_LIST)
    assert answer.status_code == 409
    assert save(as_.agent, acme, "level", "c", {}).status_code == 409
    assert customer(acme).level == "a"


def test_a_row_out_of_reach_is_marked_and_one_in_reach_is_not(as_, cast, acme):
    role = granting.create_role(SYSTEM, name="Sees all, edits own")
    reach = {Permission.CUSTOMERS_READ: Reach.ALL, Permission.CUSTOMERS_EDIT: Reach.OWN}
    granting.change_role(SYSTEM, role, name="", reach=reach, fields={})
    granting.give_roles(SYSTEM, cast.other_rep, [role])
    actions.create(cast.other_rep.actor, {"name": "Hers"})
    db.session.commit()
    rows = re.findall(
        r"<tr( data-fixed)?>\s*(?:<td class=\"check\">.*?</td>)?\s*<td class=\"main\"><a [^>]*>(\w+)<",
        words(as_.other_rep.get("/customers/")),
    )
    assert dict((name, bool(fixed)) for fixed, name in rows) == {"Acme": True, "Hers": False}
    assert save(as_.other_rep, acme, "level", "c", {}).status_code == 409


@pytest.mark.parametrize("right", [FieldRight.HIDDEN, FieldRight.MASKED, FieldRight.READ])
def test_a_field_one_may_not_write_has_no_form(as_, cast, acme, right):
    reach = {each: Reach.OWN for each in Permission if each.type == "customers"}
    granting.change_role(SYSTEM, ready_made("sales_rep"), name="", reach=reach, fields={"customers": {"level": right}})
    db.session.commit()
    assert 'data-field="level">' not in words(as_.rep.get("/customers/"))
    wanted = 404 if right is FieldRight.HIDDEN else 409
    assert as_.rep.get(f"{url(acme, 'level')}/edit", headers=IN_LIST).status_code == wanted
    assert save(as_.rep, acme, "level", "c", {}).status_code == wanted
    assert customer(acme).level == "a"


@pytest.mark.parametrize("who", ["other_rep", "outsider"])
def test_someone_elses_record_has_no_cells(as_, acme, who):
    browser = getattr(as_, who)
    assert browser.get(url(acme, "level")).status_code == 404
    assert browser.get(f"{url(acme, 'level')}/edit").status_code == 404
    assert browser.post(url(acme, "level"), {"level": "c"}).status_code == 404
    assert as_.rep.get(url(acme, "nothing")).status_code == 404
    assert as_.rep.get(f"/cells/nothing/{acme}/level").status_code == 404


def test_without_the_script_cells_are_links_and_saving_leads_back_to_the_list(as_, acme):
    asked = "/customers/?level__is=a&sort=name&edit=1"
    page = words(as_.rep.get(asked))
    address = next(each for each in re.findall(r'href="([^"]+)"', page) if "/level/edit?" in each)
    form = words(as_.rep.get(address))
    assert "<html" in form and "hx-post" not in form.partition('<form class="cell-form')[2].partition(">")[0]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.partition("cell-form")[2]))
    hidden.pop("csrf_token")
    answer = as_.rep.post(url(acme, "level"), hidden | {"level": "b"})
    assert answer.status_code == 303
    assert answer.location == asked
    assert customer(acme).level == "b"
    assert "“Acme” is saved." in words(as_.rep.get(asked))
    assert "/level/edit?" not in words(as_.rep.get("/customers/"))


def test_a_list_in_the_address_leads_nowhere_else(as_, acme):
    form = {"list": "https://elsewhere.example/?x=1&next=//elsewhere.example", "level": "b", "before-level": "a"}
    answer = as_.rep.post(url(acme, "level"), form)
    assert answer.location == "/customers/?view=all"
