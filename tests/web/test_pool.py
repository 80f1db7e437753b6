"""The pool of customers in the browser, without a script: claimed, put back, protected, and its rules."""

import datetime as dt
import re

import pytest

from crm.domain.customers import actions as customers
from crm.domain.customers.pool_rules import read
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.bulk import sweep
from crm.kernel.access import FieldRight, Reach
from crm.kernel.company import company
from crm.kernel.events import because
from crm.kernel.permissions import Permission
from crm.web.formats import day
from tests.domain.pool.conftest import Pool
from tests.web.test_tags import ALL, text_of


@pytest.fixture
def pool(cast):
    return Pool(cast)


@pytest.fixture
def free(pool, cast):
    one = pool.customer(cast.rep, name="Free one")
    with because("Nobody has time"):
        customers.change(cast.administrator.actor, one, {"owner": None})
    db.session.commit()
    return one


def quiet(cast, days=100, name="Quiet"):
    with clock.frozen(clock.now() - dt.timedelta(days=days)):
        id_ = customers.create(cast.rep.actor, {"name": name})
    db.session.commit()
    return id_


def test_everybody_finds_the_pools_that_are_theirs_to_see(as_, cast, free):
    seen = {who: getattr(as_, who).get(f"/customers/{free.id}").status_code for who in ALL}
    assert seen == dict.fromkeys(ALL, 200) | {"other_rep": 404, "outsider": 404}
    assert "Free one" in text_of(as_.rep.get("/customers/?owner__empty=1"))
    assert "Free one" not in text_of(as_.other_rep.get("/customers/?owner__empty=1"))
    assert 'href="/customers/?owner__empty=1"' in text_of(as_.rep.get("/customers/"))


def test_a_rep_claims_and_who_comes_second_is_told(as_, cast, pool, free):
    page = text_of(as_.rep.get(f"/customers/{free.id}"))
    assert "Claim customer" in page and "Put into the public pool" not in page
    assert as_.rep.post(f"/customers/{free.id}/sections/basics", {"name": "Mine"}).status_code == 409
    assert as_.agent.post(f"/customers/{free.id}/claim").status_code == 403
    assert as_.other_rep.post(f"/customers/{free.id}/claim").status_code == 404
    assert as_.rep.post(f"/customers/{free.id}/claim").location == f"/customers/{free.id}"
    second = as_.manager.post(f"/customers/{free.id}/claim")
    assert second.status_code == 409 and "Somebody else was quicker" in text_of(second)
    assert pool.one(free.id).owner_id == cast.rep.id
    assert "claimed this customer from the public pool" in text_of(as_.rep.get(f"/customers/{free.id}"))


def test_a_rep_ticks_what_they_claim(as_, cast, pool, free):
    page = text_of(as_.rep.get("/customers/?owner__empty=1"))
    assert f'name="id" value="{free.id}"' in page and 'value="claim"' in page
    assert 'value="claim"' not in text_of(as_.rep.get("/customers/"))
    assert "Claim" in text_of(as_.rep.get(f"/bulk/customers/new?id={free.id}&what=claim"))
    assert as_.rep.post("/bulk/customers", {"id": str(free.id), "what": "claim"}).status_code == 303
    sweep()
    assert pool.one(free.id).owner_id == cast.rep.id
    assert as_.agent.get(f"/bulk/customers/new?id={free.id}&what=claim").status_code == 403


def test_a_manager_puts_one_back_with_a_reason(as_, cast, pool):
    one = pool.customer(cast.rep)
    page = text_of(as_.manager.get(f"/customers/{one.id}"))
    assert "Put into the public pool" in page and "Put into the public pool" not in text_of(
        as_.rep.get(f"/customers/{one.id}")
    )
    assert as_.rep.post(f"/customers/{one.id}/release", {"reason": "x"}).status_code in (403, 409)
    refused = as_.manager.post(f"/customers/{one.id}/release", {"reason": " "})
    assert refused.status_code == 422 and "Say why" in text_of(refused)
    assert pool.one(one.id).owner_id == cast.rep.id
    assert as_.manager.post(f"/customers/{one.id}/release", {"reason": "Nobody has time"}).status_code == 303
    page = text_of(as_.rep.get(f"/customers/{one.id}"))
    assert "put this customer into the public pool" in page and "Reason: Nobody has time" in page


def test_an_owner_is_emptied_with_a_reason_that_form_and_cell_ask_for(as_, cast, pool):
    one, two = pool.customer(cast.rep), pool.customer(cast.rep, name="Two")
    section = next(each.key for each in CUSTOMER.sections if any(one.key == "owner" for one in each.fields))
    places = {one.id: f"/customers/{one.id}/sections/{section}", two.id: f"/cells/customers/{two.id}/owner"}
    for id_, address in places.items():
        refused = as_.manager.post(address, {"owner": ""})
        words = text_of(refused)
        assert refused.status_code == 422 and "goes into the public pool, and that takes a reason" in words
        assert 'name="reason"' in words and pool.one(id_).owner_id == cast.rep.id
        assert as_.manager.post(address, {"owner": "", "reason": "Nobody has time"}).status_code == 303
        assert pool.one(id_).owner_id is None


def test_who_has_to_wait_is_told_beside_the_owner(as_, cast, pool, free):
    pool.rule(cooling_days=30)
    refused = as_.manager.post(f"/cells/customers/{free.id}/owner", {"owner": cast.rep.email})
    assert refused.status_code == 422 and f"{cast.rep.name} had this customer before" in text_of(refused)
    assert as_.manager.post(f"/cells/customers/{free.id}/owner", {"owner": cast.manager.email}).status_code == 303
    assert pool.one(free.id).owner_id == cast.manager.id


def test_what_would_be_too_many_stays_in_the_recycle_bin_with_a_sentence(as_, cast, pool):
    one = pool.customer(cast.rep)
    customers.delete(cast.rep.actor, one)
    pool.rule(cast.rep.department_id, most=0)
    refused = as_.rep.post(f"/customers/{one.id}/restoration")
    assert refused.status_code == 409 and "may hold 0 customers and would have 1: give some back" in text_of(refused)
    assert pool.one(one.id).deleted_at is not None


def test_protection_has_a_day_and_a_reason_and_an_end(as_, cast, pool):
    one = quiet(cast)
    pool.rule(warned_days=7)
    assert "Goes back into the public pool on" in text_of(as_.rep.get(f"/customers/{one}"))
    until = (company.today() + dt.timedelta(days=40)).isoformat()
    for sent, said in (
        ({"until": until}, "Say why"),
        ({"until": "2001-01-01", "reason": "x"}, "Choose a day"),
        ({"until": "soon", "reason": "x"}, "is not a date"),
    ):
        refused = as_.manager.post(f"/customers/{one}/protection", sent)
        assert refused.status_code == 422 and said in text_of(refused) and sent["until"] in text_of(refused)
    as_.manager.post(f"/customers/{one}/protection", {"until": until, "reason": "A big chance"})
    page = text_of(as_.rep.get(f"/customers/{one}"))
    assert "Stays out of the public pool until" in page and "Reason: A big chance" in page
    as_.manager.post(f"/customers/{one}/protection", {"until": "", "reason": "It is over"})
    assert "Stays out of the public pool until" not in text_of(as_.rep.get(f"/customers/{one}"))


def test_the_rules_are_for_administrators(as_, cast):
    for address in ("/admin/pool", "/admin/pool/0", f"/admin/pool/{cast.rep.department_id}"):
        answers = {who: getattr(as_, who).get(address).status_code for who in ALL}
        assert answers == dict.fromkeys(ALL, 403) | {"administrator": 200}
    assert as_.manager.post("/admin/pool/0", {"days": "1"}).status_code == 403
    assert as_.administrator.get("/admin/pool/987654").status_code == 404


def test_a_rule_shows_what_it_would_do_before_it_is_kept(as_, cast, pool):
    one = quiet(cast)
    quiet(cast, 10, "Called lately")
    north_east = f"/admin/pool/{cast.rep.department_id}"
    sent = {"days": "30", "warned_days": "0", "deals": "1", "orders": "1", "most-a": "5", "spares_levels": ["b"]}
    shown = as_.administrator.post(north_east, sent | {"do": "preview"})
    page = text_of(shown)
    assert shown.status_code == 200 and "at night: 1<" in page and f"/customers/{one}" in page
    assert "Called lately" not in page and re.search(r'name="most-a" value="5"', page)
    assert not read().own, "nothing is kept"
    warned = text_of(as_.administrator.post(north_east, sent | {"warned_days": "7", "do": "preview"}))
    assert "at night: 0<" in warned and "Owners warned: 1" in warned
    for wrong, said in (({"days": "soon"}, "not a whole number"), ({"warned_days": "30"}, "fewer days")):
        refused = as_.administrator.post(north_east, sent | wrong)
        assert refused.status_code == 422 and said in text_of(refused)
    assert as_.administrator.post(north_east, sent).status_code == 303
    rule = read().of(cast.rep.department_id)
    assert (rule.days, rule.most_of_level, rule.spares_levels, rule.spares_deals) == (30, {"a": 5}, ("b",), False)
    page = text_of(as_.administrator.get("/admin/pool"))
    assert "goes back after 30 days" in page and "at night: 1<" in page
    as_.administrator.post(f"{north_east}/removal")
    assert not read().own


def test_too_many_are_not_given_through_the_form_and_what_was_typed_stays(as_, cast, pool):
    mine, norths = pool.customer(cast.rep), pool.customer(cast.manager, name="Norths")
    pool.rule(cast.rep.department_id, most=1)
    edit = text_of(as_.manager.get(f"/customers/{norths.id}/sections/belonging/edit"))
    before = dict(re.findall(r'name="(before-[^"]+)" value="([^"]*)"', edit))
    sent = before | {"owner": "sam@example.com", "competitor": "Rival"}
    for _ in range(2):  # sent again, it is refused again
        refused = as_.manager.post(f"/customers/{norths.id}/sections/belonging", sent)
        assert refused.status_code == 422 and "may hold 1 customers and would have 2" in text_of(refused)
        again = dict(re.findall(r'name="(before-[^"]+)" value="([^"]*)"', text_of(refused)))
        assert again == before
    assert pool.one(norths.id).owner_id == cast.manager.id and mine.owner_id == cast.rep.id
    answer = as_.rep.post("/customers/", {"name": "One too many", "type": "company"})
    assert answer.status_code == 422 and "One too many" in text_of(answer)


def test_when_it_goes_back_is_told_to_whoever_has_it_or_may_give_it(as_, cast, pool):
    """It tells of the last contact, of deals and of orders: whoever only sees the customer may not know these."""
    one = quiet(cast)
    pool.rule()
    told = "Goes back into the public pool on"
    seen = {who: told in text_of(getattr(as_, who).get(f"/customers/{one}")) for who in ALL}
    assert seen == dict.fromkeys(ALL, False) | {"administrator": True, "manager": True, "rep": True}


def test_the_preview_names_owner_and_last_contact_to_whoever_may_read_these(as_, cast, pool):
    one = quiet(cast)
    pool.rule()
    role = granting.create_role(SYSTEM, name="Narrow")
    hidden = {"owner": FieldRight.HIDDEN, "last_follow_up": FieldRight.HIDDEN}
    reach = dict.fromkeys(Permission, Reach.ALL)
    granting.change_role(SYSTEM, role, name="", reach=reach, fields={"customers": hidden})
    granting.give_roles(SYSTEM, cast.outsider, [role])
    db.session.commit()
    heard = day(clock.now() - dt.timedelta(days=100))
    for who, knows in ((as_.administrator, True), (as_.outsider, False)):
        row = re.search(rf'<tr>(?:(?!</tr>).)*/customers/{one}".*?</tr>', text_of(who.get("/admin/pool")), re.DOTALL)[0]
        assert "Quiet" in row and (cast.rep.name in row, heard in row) == (knows, knows)
