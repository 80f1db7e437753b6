"""Columns and widths of a list: kept for the person, beneath what an address asks for."""

import re

import pytest

from crm.domain.customers import actions
from crm.domain.fields import actions as field_actions
from crm.infra.db import db
from crm.kernel.kinds import FieldKind
from crm.web.columns import STEPS, step
from tests.domain.fields.making import made


@pytest.fixture(autouse=True)
def acme(cast):
    id_ = actions.create(cast.rep.actor, {"name": "Acme", "level": "a"})
    db.session.commit()
    return id_


def page(browser, address="/customers/"):
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def heads(browser, address="/customers/"):
    """The columns behind the name: key → class."""
    found = re.findall(
        r'<th scope="col" data-field="(\w+)"(?: data-fixed)?(?: class="([^"]*)")?', page(browser, address)
    )
    return {key: classes for key, classes in found if key != "name"}


def keep(browser, **form):
    return browser.post("/columns/customers", form)


def test_chosen_columns_and_widths_are_there_the_next_time_and_for_nobody_else(as_):
    delivered = heads(as_.rep)
    answer = keep(as_.rep, cols=["email", "level"], list="level__is=a&cols=phone", **{"width-level": "5"})
    assert (answer.status_code, answer.location) == (303, "/customers/?level__is=a")
    assert heads(as_.rep) == {"email": "", "level": "w-5"}
    assert heads(as_.rep, "/customers/?level__is=a&sort=name") == {"email": "", "level": "w-5"}
    assert 'class="list sized"' in page(as_.rep)
    assert heads(as_.administrator) == delivered
    assert 'class="list sized"' not in page(as_.administrator)


def test_the_address_wins(as_):
    keep(as_.rep, cols=["email"])
    assert list(heads(as_.rep, "/customers/?cols=phone,owner")) == ["phone", "owner"]
    assert '<input type="hidden" name="cols" value="phone,owner">' in page(as_.rep, "/customers/?cols=phone,owner")


def test_what_is_drawn_is_kept_beside_the_columns(as_):
    keep(as_.rep, cols=["email", "level"], **{"width-level": "5"})
    answer = as_.rep.post("/columns/customers/widths", {"widths": "email:4,level:99,nothing:3,phone:x,owner:0"})
    assert answer.status_code == 204
    assert heads(as_.rep) == {"email": "w-4", "level": f"w-{STEPS}"}
    assert "as it was drawn" in page(as_.rep, "/columns/customers")
    assert [step(each) for each in ("", "-1", "1.5", "0", "7", "40", "99999")] == [
        None,
        None,
        None,
        1,
        STEPS,
        STEPS,
        None,
    ]


def test_reset_gives_the_delivered_columns_again(as_):
    delivered = heads(as_.rep)
    keep(as_.rep, cols=["email"], **{"width-email": "3"})
    assert heads(as_.rep) != delivered
    keep(as_.rep, do="reset")
    assert heads(as_.rep) == delivered


def test_a_column_that_is_gone_is_passed_over(as_, cast):
    field = made(cast.administrator.actor, FieldKind.TEXT)
    keep(as_.rep, cols=[field.key, "level"])
    assert list(heads(as_.rep)) == [field.key, "level"]
    field_actions.retire(cast.administrator.actor, field)
    db.session.commit()
    assert list(heads(as_.rep)) == ["level"]
    keep(as_.rep, cols=["nothing"])
    assert "phone" in heads(as_.rep)


def test_a_hidden_field_is_neither_offered_nor_kept(as_):
    assert "cols" in page(as_.marketer, "/columns/customers")
    assert 'value="phone"' not in page(as_.marketer, "/columns/customers")
    keep(as_.marketer, cols=["phone", "level"])
    assert list(heads(as_.marketer)) == ["level"]


def test_the_recycle_bin_has_its_own(as_, acme):
    keep(as_.rep, cols=["email"], **{"width-owner": "5"})
    as_.rep.post(f"/customers/{acme}/deletion")
    shown = page(as_.rep, "/customers/bin")
    assert "data-widths" not in shown and "Deleted" in shown and "sized" not in shown


def test_there_is_no_such_list(as_):
    assert as_.rep.get("/columns/nothing").status_code == 404
    assert as_.rep.post("/columns/nothing/widths", {"widths": "a:1"}).status_code == 404
