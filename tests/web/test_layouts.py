"""Layouts in the browser, without a script: made, arranged, given to roles; and every surface that obeys them."""

import re

import pytest

from crm import create_app
from crm.domain.layouts.queries import layouts
from crm.domain.people.queries import ready_made
from crm.infra.db import db
from tests.cast import sign_in
from tests.web.test_custom_fields import page


@pytest.fixture
def place(as_):
    """The address of a layout for reps."""
    address = as_.administrator.post("/admin/layouts/of/customers", {"name": "Reps"}).location
    role = str(ready_made("sales_rep").id)
    assert as_.administrator.post(address, {"name": "Reps", "role": [role]}).status_code == 303
    return address


def do(as_, place, what, **more):
    return as_.administrator.post(f"{place}/arrangement", {"do": what} | more)


def order(browser, address="/customers/new"):
    """(section ids and names of controls as they stand on the page)"""
    return re.findall(r'id="section-([\w-]+)"|<(?:input|select|textarea)[^>]* name="(?!csrf|idem|before)(\w+)"',
                      page(browser, address).partition("<main")[2])  # fmt: skip


def names(browser, address="/customers/new"):
    return [name for _, name in order(browser, address) if name]


def test_only_an_administrator_gets_there(as_, place):
    for address in ("/admin/layouts", place):
        assert as_.rep.get(address).status_code == 403
        assert as_.administrator.get(address).status_code == 200
    assert as_.rep.post(f"{place}/arrangement", {"do": "up phone"}).status_code == 403


def test_buttons_arrange_the_form_of_the_next_request(as_, place):
    before, others = names(as_.rep), names(as_.manager)
    assert do(as_, place, "up phone").location.endswith("#tile-phone")
    assert names(as_.rep).index("phone") == before.index("phone")
    section = page(as_.rep, "/customers/new").partition('id="section-reach"')[0]
    assert 'name="phone"' in section, "Up from the top of its section it is the last of the one before."
    do(as_, place, "wide phone")
    assert re.search(r'class="field wide">\s*<label for="phone"', page(as_.rep, "/customers/new"))
    do(as_, place, "half remarks")
    assert not re.search(r'class="field wide">\s*<label for="remarks"', page(as_.rep, "/customers/new"))
    do(as_, place, "section-up belonging")
    assert [key for key, _ in order(as_.rep) if key] == ["basics", "belonging", "reach"]
    assert names(as_.manager) == others, "Others have what they had."


def test_ticked_fields_go_together_and_what_is_dragged_goes_before(as_, place):
    do(as_, place, "put", field=["remarks", "level"], to="reach")
    assert (
        names(as_.rep)[-7:]
        == ["email", "website", "region", "address", "level", "remarks", "parent", "competitor"][-7:]
    )
    do(as_, place, "drop remarks reach phone")
    assert names(as_.rep)[names(as_.rep).index("phone") - 1] == "remarks"
    do(as_, place, "out", field=["competitor"])
    assert "competitor" not in names(as_.rep)
    assert "Left out" in page(as_.administrator, place)


def test_what_cannot_be_is_said(as_, place):
    for asked, words in (
        ({"do": "out", "field": ["name"]}, "must be filled in: it stays on the form"),
        ({"do": "out"}, "Tick the fields first."),
        ({"do": ""}, "Choose what to do with the ticked fields."),
        ({"do": "put", "field": ["name"], "to": "cellar"}, "This section is not there any more."),
    ):
        answer = as_.administrator.post(f"{place}/arrangement", asked)
        assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    assert as_.administrator.post(f"{place}/arrangement", {"do": "dance name"}).status_code == 400
    assert as_.administrator.post(f"{place}/arrangement", {"do": "drop name"}).status_code == 400
    assert as_.administrator.get("/admin/layouts/999").status_code == 404
    assert as_.administrator.get(f"{place}/sections/cellar").status_code == 404
    answer = as_.administrator.post("/admin/layouts/of/customers", {"name": "Reps"})
    assert answer.status_code == 422 and "There is a layout called" in answer.get_data(as_text=True)


def test_the_board_alone_is_swapped_and_says_where_the_field_is(as_, place):
    answer = as_.administrator.post(f"{place}/arrangement", {"do": "down phone"}, htmx="section#layout-board")
    words = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "<h1" not in words
    assert "“Phone” is number 2 of 5 in “How to reach them”." in words
    assert len(answer.data) > 0 and 'id="down-phone"' in words


def test_sections_are_named_in_each_language_and_removed(as_, cast, place):
    as_.administrator.post(f"{place}/sections", {"label-en": "Money", "label-zh_CN": "财务"})
    do(as_, place, "put", field=["level"], to="section-1")
    assert ">Money<" in page(as_.rep, "/customers/new")
    as_.rep.client.set_cookie("language", "zh_CN")
    assert ">财务<" in page(as_.rep, "/customers/new")
    assert 'value="财务"' in page(as_.administrator, f"{place}/sections/section-1")
    as_.administrator.post(f"{place}/sections/section-1", {"label-en": "Cash", "label-zh_CN": ""})
    assert ">Cash<" in page(as_.rep, "/customers/new")
    as_.administrator.post(f"{place}/sections/section-1/deletion")
    assert ">Cash<" not in page(as_.rep, "/customers/new") and "level" in names(as_.rep)


def test_page_and_its_sections_obey(as_, place):
    made = as_.rep.post("/customers/", {"name": "Nachtigall", "type": "company", "phone": "13800138765"}).location
    do(as_, place, "drop phone basics name")
    facts = page(as_.rep, f"{made}/sections/basics")
    assert re.findall(r"<dt>(.*?)</dt>", facts.partition('id="section-reach"')[0])[:2] == ["Phone", "Full name"]
    assert names(as_.rep, f"{made}/sections/basics/edit")[:2] == ["phone", "name"]
    as_.rep.post(f"{made}/sections/basics", {"name": "Nachtigall", "type": "company", "phone": "13900139000"})
    assert "139 0013 9000" in page(as_.rep, made)
    do(as_, place, "out phone")
    assert (
        "139 0013 9000"
        not in re.sub(r"(?s)<section class=\"first-on-phone\".*", "", page(as_.rep, made)).partition('id="section-')[2]
    )
    do(as_, place, "put", field=["phone", "email", "website", "region", "address"], to="basics")
    assert as_.rep.get(f"{made}/sections/reach").status_code == 404, "A section without fields is not there."


def test_a_layout_of_somebody_does_not_touch_what_they_leave_alone(as_, place):
    """A field that is left out keeps its value when the rest is saved."""
    made = as_.rep.post("/customers/", {"name": "Kept", "type": "company", "competitor": "Rival"}).location
    do(as_, place, "out competitor")
    as_.rep.post(f"{made}/sections/belonging", {"remarks": "new"})
    do(as_, place, "put", field=["competitor"], to="belonging")
    assert "Rival" in page(as_.rep, made)


def test_another_process_obeys_with_its_next_request(as_, settings, migrated, cast, place):
    browser = sign_in(create_app(settings).test_client(), cast.rep)
    db.session.commit()
    assert 'name="competitor"' in browser.get("/customers/new").get_data(as_text=True)
    do(as_, place, "out competitor")
    assert 'name="competitor"' not in browser.get("/customers/new").get_data(as_text=True)


def test_layouts_are_put_in_order_removed_and_brought_back(as_, place):
    second = as_.administrator.post("/admin/layouts/of/customers", {"name": "Second"}).location
    as_.administrator.post(f"{second}/place", {"way": "up"})
    assert [each.name for each in layouts("customers")] == ["Second", "Reps"]
    do(as_, place, "out competitor")
    as_.administrator.post(f"{place}/retirement")
    assert "competitor" in names(as_.rep)
    assert "Removed layouts" in page(as_.administrator, "/admin/layouts")
    as_.administrator.post(f"{place}/return")
    assert "competitor" not in names(as_.rep)


def test_the_log_tells_it_in_words(as_, place):
    do(as_, place, "down phone")
    words = page(as_.auditor, "/audit")
    assert "changed the layout “Reps”" in words and "phone, email" in words


def test_a_board_and_its_swaps_are_light(as_, place):
    """Bytes over the wire: see the budgets of the face."""
    headers = {"Accept-Encoding": "br"}
    whole = as_.administrator.get(place, headers=headers)
    assert whole.headers["Content-Encoding"] == "br" and len(whole.data) <= 12 * 1024
    part = as_.administrator.get(place, headers=headers | {"HX-Request": "true", "HX-Target": "section#layout-board"})
    assert part.headers["Content-Encoding"] == "br" and len(part.data) <= 4 * 1024
