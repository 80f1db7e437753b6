"""Duplicates in the browser, without a script: the hint, the offer when saving, merging, separating, the workbench."""

import re

import pytest
from sqlalchemy import func, select, text

from crm.blueprints.duplicates import routes
from crm.domain.access.models import AccessRequest
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.duplicates.models import DuplicatePair, Merge
from crm.domain.leads import actions as leads
from crm.domain.leads.converting import Chosen, convert
from crm.domain.leads.models import Lead
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.infra.db import db
from crm.jobs.duplicates import sweep
from crm.kernel.access import FieldRight, Reach, unscoped
from crm.kernel.contact import Phone
from crm.kernel.permissions import Permission

NAME = "深圳市云海计算机系统有限公司"
LIKE = "雲海計算機系統（深圳）股份有限公司"
# Its tail is part of no number that a day gives a record: CUST202611280001 says 8000.
PHONE = Phone("+8613800130987", "138 0013 0987")


@pytest.fixture
def make(cast):
    def make(who, name, **values):
        id_ = customers.create(who.actor, {"name": name} | values)
        db.session.commit()
        return id_

    return make


def row(id_):
    with unscoped("a test looks at everything"):
        return db.session.get(Customer, id_, populate_existing=True)


def how_many():
    with unscoped("a test looks at everything"):
        return db.session.scalar(select(func.count(Customer.id)))


def text_of(answer):
    return answer.get_data(as_text=True)


def hint(browser, **typed):
    return text_of(
        browser.get(
            "/duplicates/customers/hint", query_string=typed, headers={"HX-Request": "true", "HX-Target": "alike"}
        )
    )


def test_while_typing_they_are_told_who_is_there(as_, cast, make):
    id_ = make(cast.rep, NAME, phone=PHONE)
    for typed in ({"name": LIKE}, {"name": "", "phone": "138-0013-0987"}):
        words = hint(as_.rep, **typed)
        assert "<html" not in words and f'href="/customers/{id_}"' in words and NAME in words
        assert len(words) < 2_000
    assert "same phone" in words
    assert hint(as_.rep, name="恒通贸易", phone="nonsense").strip() == ""
    form = text_of(as_.rep.get("/customers/new"))
    assert 'hx-get="/duplicates/customers/hint"' in form and "from:#name" in form and "from:#email" in form


def test_what_they_may_not_see_is_told_by_its_department_alone(as_, cast, make):
    """One line for a department, however many it has, and not a character of what stands in the record."""
    id_ = make(cast.other_rep, NAME, phone=PHONE, email="li.lei@yunhai.cn", remarks="Rival")
    number = row(id_).number
    words = hint(as_.rep, name=LIKE, phone=PHONE.original)
    assert "South" in words and words.count("<li") == 1 and "Ask for access" in words
    for secret in (NAME, number, f"/{id_}", "Mia", "li.lei", "0987", "Rival", "same", "score"):
        assert secret not in words, secret
    make(cast.other_rep, LIKE)
    assert hint(as_.rep, name=LIKE, phone=PHONE.original) == words
    assert hint(as_.rep, name="云海").strip() == ""


def test_saving_asks_first_and_a_second_time_saves(as_, cast, make):
    id_ = make(cast.rep, NAME)
    before = how_many()
    page = text_of(asked := as_.rep.post("/customers/", {"name": LIKE, "type": "company", "remarks": "Kept"}))
    assert asked.status_code == 422 and "already-there" in page and f'href="/customers/{id_}"' in page
    assert "Nothing is saved yet" in page and "Kept" in page and how_many() == before
    saved = as_.rep.post("/customers/", {"name": LIKE, "type": "company", "anyway": "1"})
    assert saved.status_code == 303 and how_many() == before + 1
    assert as_.rep.post("/customers/", {"name": "东方汽车", "type": "company"}).status_code == 303


def test_enter_saves_and_never_asks_for_access(as_, cast, make):
    make(cast.other_rep, NAME)
    page = text_of(as_.rep.post("/customers/", {"name": NAME, "type": "company"}))
    form = page[page.index('id="record-form"') :]
    first = re.search(r"<button[^>]*>", form)[0]
    assert "formaction" not in first and "name=" not in first


def test_they_ask_for_access_and_the_owner_answers_on_its_page(as_, cast, make):
    id_ = make(cast.other_rep, NAME)
    page = text_of(as_.rep.post("/customers/", {"name": LIKE, "type": "company"}))
    wanted = re.search(r'formaction="([^"]+)" name="department" value="(\d+)"', page)
    typed = {"name": LIKE, "type": "company", "department": wanted[2]}
    answer = as_.rep.post(wanted[1], typed)
    assert answer.status_code == 303 and answer.location == "/customers/"
    assert as_.rep.post(wanted[1], typed | {"name": "Nobody like that"}).status_code == 409
    assert as_.rep.get(f"/customers/{id_}").status_code == 404
    (asked,) = db.session.scalars(select(AccessRequest)).all()
    assert "asks to see" in text_of(as_.other_rep.get("/notifications/"))
    assert f"{cast.rep.name} asks to see this" in text_of(as_.other_rep.get(f"/customers/{id_}"))
    assert "asks to see this" not in text_of(as_.agent.get(f"/customers/{id_}"))
    assert as_.rep.post(f"/access/{asked.id}/answer", {"answer": "yes"}).status_code == 404
    assert as_.other_rep.post(f"/access/{asked.id}/answer", {"answer": "yes"}).status_code == 303
    assert as_.rep.get(f"/customers/{id_}").status_code == 200


def test_two_are_merged_field_by_field_and_separated_again(as_, cast, make):
    one = make(cast.rep, NAME, level="b", phone=PHONE)
    other = make(cast.rep, LIKE, level="a", remarks="Theirs")
    found = text_of(as_.rep.get(f"/duplicates/customers/{one}"))
    assert LIKE in found and f"second={other}" in found
    page = text_of(as_.rep.get(f"/duplicates/customers/merge?first={one}&second={other}"))
    chosen = re.findall(r'name="(keep|field-\w+)" value="(\w+)" checked', page)
    assert dict(chosen)["field-remarks"] == "other" and dict(chosen)["field-phone"] == "one"
    picked = {"first": one, "second": other, "keep": "one", "field-level": "other", "field-remarks": "other"}
    merged = as_.rep.post("/duplicates/customers/merge", picked | {"field-name": "one"})
    assert merged.location == f"/customers/{one}"
    now = row(one)
    assert (now.name, now.level, now.remarks, now.phone) == (NAME, "a", "Theirs", PHONE.e164)
    moved = as_.rep.get(f"/customers/{other}")
    assert (moved.status_code, moved.location) == (303, f"/customers/{one}")
    for address in ("/customers/", "/customers/bin", "/search/?q=雲海"):
        assert row(other).number not in text_of(as_.rep.get(address))
    page = text_of(as_.rep.get(f"/customers/{one}"))
    kept = db.session.scalars(select(Merge)).one()
    assert "Separate again" in page and f"/duplicates/merges/{kept.id}/undoing" in page and "merged “" in page
    assert as_.other_rep.get(f"/customers/{other}").status_code == 404
    assert as_.other_rep.post(f"/duplicates/merges/{kept.id}/undoing").status_code == 404
    undone = as_.rep.post(f"/duplicates/merges/{kept.id}/undoing")
    assert undone.location == f"/customers/{other}"
    assert (row(one).level, row(one).remarks, row(other).level) == ("b", None, "a")
    assert as_.rep.get(f"/customers/{other}").status_code == 200


def test_what_is_moved_is_held_before_the_two_are(as_, cast, make, monkeypatch):
    """What comes of it is shown by real connections (tests/jobs/test_merge_faults.py)."""
    one, other = make(cast.rep, NAME), make(cast.rep, LIKE)
    held = []
    monkeypatch.setattr(routes, "hold", lambda *of: held.append(of))
    monkeypatch.setattr(routes, "hold_moved", lambda kept: held.append(kept.id))
    there_still = routes._there_still

    def there(type_, id_, *, lock=True):
        held.extend([id_] * lock)
        return there_still(type_, id_, lock=lock)

    monkeypatch.setattr(routes, "_there_still", there)
    picked = {"first": one, "second": other, "keep": "other"}
    assert as_.rep.post("/duplicates/customers/merge", picked).location == f"/customers/{other}"
    assert held == [("customers", other, one), *sorted((one, other))]
    kept = db.session.scalars(select(Merge)).one()
    calm = list(held)
    assert as_.other_rep.post(f"/duplicates/merges/{kept.id}/undoing").status_code == 404
    assert as_.other_rep.post("/duplicates/customers/merge", picked).status_code == 404
    assert held == calm  # nobody makes others wait by what they may not see
    as_.rep.post(f"/duplicates/merges/{kept.id}/undoing")
    assert held[-1] == kept.id


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "Nothing was changed. Try again"), ("zh_CN", "数据没有变化。请几秒后重试。")]
)
def test_whoever_the_database_ends_of_two_that_wait_for_each_other_is_told(
    as_, cast, make, monkeypatch, language, sentence
):
    def ended(*_):
        db.session.execute(text("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$"))  # deadlock detected

    one, other = make(cast.rep, NAME), make(cast.rep, LIKE)
    cast.rep.language = language
    db.session.commit()
    monkeypatch.setattr(routes.merging, "merge", ended)
    for htmx in (None, "main"):
        told = as_.rep.post("/duplicates/customers/merge", {"first": one, "second": other, "keep": "one"}, htmx=htmx)
        assert (told.status_code, told.headers["Retry-After"]) == (503, "3")
        assert sentence in text_of(told)
    monkeypatch.undo()
    again = as_.rep.post("/duplicates/customers/merge", {"first": one, "second": other, "keep": "one"})
    assert again.location == f"/customers/{one}"


def test_any_other_is_chosen_by_its_number_and_what_is_wrong_is_told(as_, cast, make):
    one, other, mias = make(cast.rep, NAME), make(cast.rep, "恒通贸易"), make(cast.other_rep, "Mias")
    found = as_.rep.get(f"/duplicates/customers/merge?first={one}&other={row(other).number}")
    assert found.location.endswith(f"first={one}&second={other}")
    wrong = as_.rep.get(f"/duplicates/customers/merge?first={one}&other={row(mias).number}")
    assert wrong.status_code == 422 and "error-summary" in text_of(wrong)
    assert as_.rep.get(f"/duplicates/customers/merge?first={one}&second={mias}").status_code == 404
    assert as_.rep.post("/duplicates/customers/merge", {"first": one, "second": mias}).status_code == 404
    same = as_.rep.post("/duplicates/customers/merge", {"first": one, "second": one, "keep": "one"})
    assert same.status_code == 422 and "These are not two" in text_of(same)


def test_the_workbench_finds_shows_merges_and_parts(as_, cast, make):
    one, other = make(cast.rep, NAME), make(cast.rep, LIKE)
    mine, mias = make(cast.rep, "长江重工有限公司"), make(cast.other_rep, "长江重工")
    assert "Nobody has looked for duplicates yet" in text_of(as_.manager.get("/duplicates/customers/"))
    assert "/duplicates/customers/" in text_of(as_.manager.get("/customers/"))
    assert as_.manager.post("/duplicates/customers/search").status_code == 303
    assert "Looking for duplicates" in text_of(as_.manager.get("/duplicates/customers/"))
    assert "progress" in text_of(as_.manager.get("/duplicates/customers/progress"))
    sweep()
    page = text_of(as_.manager.get("/duplicates/customers/"))
    assert NAME in page and LIKE in page and f"first={one}&amp;second={other}" in page
    assert "长江重工" not in page and "Pairs found" not in page, "of the other one is not the manager's to see"
    whole = text_of(as_.administrator.get("/duplicates/customers/"))
    assert f"first={mine}&amp;second={mias}" in whole and "Pairs found: 2" in whole
    assert "It is done" in text_of(as_.manager.get("/duplicates/customers/progress"))
    told = as_.manager.post(f"/duplicates/customers/difference?first={one}&second={other}")
    assert told.status_code == 303
    assert NAME not in text_of(as_.manager.get("/duplicates/customers/"))
    assert as_.manager.post(f"/duplicates/customers/difference?first={mine}&second={mias}").status_code == 404


def test_who_may_do_none_of_it_finds_none_of_it(as_, cast, make):
    id_ = make(cast.rep, NAME)
    for address in ("/duplicates/customers/", f"/duplicates/customers/{id_}", "/duplicates/customers/hint?name=x"):
        assert as_.auditor.get(address).status_code == 403
        assert as_.stranger.get(address).status_code == 303
    assert as_.administrator.get("/duplicates/orders/").status_code == 404
    assert as_.administrator.get("/duplicates/nonsense/").status_code == 404
    assert "/duplicates/" not in text_of(as_.auditor.get("/customers/"))
    assert 'id="doubles"' not in text_of(as_.auditor.get(f"/customers/{id_}"))


def test_who_may_not_read_a_field_sees_nothing_of_it_in_pairs_and_merges(as_, app, cast, make):
    """A role that may do everything but read phones."""
    one, other = make(cast.rep, "云海甲", phone=PHONE), make(cast.rep, "云海乙", phone=PHONE)
    role = granting.create_role(SYSTEM, name="Without phones")
    reach = {each: Reach.ALL for each in Permission}
    granting.change_role(SYSTEM, role, name="", reach=reach, fields={"customers": {"phone": FieldRight.MASKED}})
    granting.give_roles(SYSTEM, cast.outsider, [role])
    db.session.add(DuplicatePair(record_type="customers", first_id=one, second_id=other, score=0.9, search_id=1))
    db.session.commit()
    assert "same phone" in text_of(as_.administrator.get("/duplicates/customers/"))
    pair = text_of(as_.outsider.get("/duplicates/customers/"))
    assert "云海甲" not in pair and "same phone" not in pair, "alike only by what they may not read: no pair to them"
    page = text_of(as_.outsider.get(f"/duplicates/customers/merge?first={one}&second={other}"))
    assert "field-name" in page and "field-phone" not in page and "0987" not in page
    assert "same phone" not in hint(as_.outsider, name="", phone=PHONE.original)
    kept = as_.outsider.post(
        "/duplicates/customers/merge", {"first": one, "second": other, "keep": "one", "field-phone": "other"}
    )
    assert kept.status_code == 303 and row(one).phone == PHONE.e164


def test_what_somebody_else_has_done_meanwhile_is_told_and_nothing_is_merged_over_it(as_, cast, make):
    one, other, third = make(cast.rep, NAME), make(cast.rep, LIKE), make(cast.rep, "云海")
    address = "/duplicates/customers/merge"
    page = text_of(as_.rep.get(f"{address}?first={one}&second={other}"))
    sent = {"first": one, "second": other, "keep": "one"}
    sent |= dict(re.findall(r'name="(version-\w+)" value="(\d+)"', page))
    assert {"version-one", "version-other"} <= sent.keys()
    customers.change(cast.rep.actor, row(other), {"remarks": "Newer"})
    db.session.commit()
    stale = as_.rep.post(address, sent)
    assert stale.status_code == 409 and "Somebody has changed one of the two meanwhile" in text_of(stale)
    assert "Newer" in text_of(stale) and row(other).deleted_at is None
    fresh = dict(re.findall(r'name="(version-\w+)" value="(\d+)"', text_of(stale)))
    assert as_.rep.post(address, sent | fresh).status_code == 303
    for first, second in ((third, other), (other, third)):
        late = as_.manager.post(address, {"first": first, "second": second, "keep": "one"})
        assert late.status_code == 409 and "Somebody else has merged or deleted" in text_of(late)
    customers.delete(cast.rep.actor, row(third))
    db.session.commit()
    assert as_.rep.post(address, {"first": one, "second": third}).status_code == 409
    assert as_.other_rep.post(address, {"first": one, "second": third}).status_code == 404


def test_the_page_of_a_merge_says_what_does_not_come_along_and_the_timeline_keeps_it(as_, cast, make):
    one, other = make(cast.rep, NAME, level="b"), make(cast.rep, LIKE, level="a", phone=PHONE, competitor="Rival")
    role = granting.create_role(SYSTEM, name="Narrow")
    rights = {"level": FieldRight.READ, "phone": FieldRight.MASKED, "competitor": FieldRight.HIDDEN}
    granting.change_role(
        SYSTEM, role, name="", reach=dict.fromkeys(Permission, Reach.ALL), fields={"customers": rights}
    )
    granting.give_roles(SYSTEM, cast.outsider, [role])
    db.session.commit()
    page = text_of(as_.outsider.get(f"/duplicates/customers/merge?first={one}&second={other}"))
    told = re.search(r"These you may not choose.+?</p>", page)[0]
    assert "Level" in told and "Phone" in told and "Competitor" not in told and "0987" not in page
    assert "These you may not choose" not in text_of(
        as_.administrator.get(f"/duplicates/customers/merge?first={one}&second={other}")
    )
    sent = {"first": one, "second": other, "keep": "one"}
    assert as_.outsider.post("/duplicates/customers/merge", sent).status_code == 303
    seen = text_of(as_.rep.get(f"/customers/{one}"))
    assert "left behind what" in seen and "Level: <ins>A" in seen and "Rival" in seen
    narrowed = text_of(as_.outsider.get(f"/customers/{one}"))
    assert "left behind what" in narrowed and "Rival" not in narrowed and "138****0987" in narrowed
    kept = db.session.scalars(select(Merge)).one()
    customers.change(cast.rep.actor, row(one), {"remarks": "Since"})
    db.session.commit()
    assert as_.outsider.post(f"/duplicates/merges/{kept.id}/undoing").status_code == 303
    assert row(other).competitor == "Rival"


def test_of_two_leads_the_converted_one_goes_on_and_is_not_given_up(as_, cast):
    won, other = (
        leads.create(cast.rep.actor, {"name": "陈志远", "company": "云海"} | more)
        for more in ({}, {"phone": PHONE, "remarks": "The fuller one", "position": "CTO"})
    )
    with unscoped("a test looks at everything"):
        convert(cast.rep.actor, db.session.get(Lead, won), Chosen())
    db.session.commit()
    page = text_of(as_.rep.get(f"/duplicates/leads/merge?first={won}&second={other}"))
    assert dict(re.findall(r'name="(keep|field-\w+)" value="(\w+)" checked', page))["keep"] == "one"
    refused = as_.rep.post("/duplicates/leads/merge", {"first": won, "second": other, "keep": "other"})
    assert refused.status_code == 422 and "is converted, and what it has become would be lost" in text_of(refused)


def test_what_could_not_be_put_back_is_told_with_the_reason(as_, cast, make):
    one, other = make(cast.rep, NAME, level="b", remarks="Ours"), make(cast.rep, LIKE, level="a", remarks="Theirs")
    sent = {"first": one, "second": other, "keep": "one", "field-level": "other", "field-remarks": "other"}
    assert as_.rep.post("/duplicates/customers/merge", sent).status_code == 303
    role = granting.create_role(SYSTEM, name="Narrow")
    reach = dict.fromkeys(Permission, Reach.ALL)
    granting.change_role(SYSTEM, role, name="", reach=reach, fields={"customers": {"level": FieldRight.READ}})
    granting.give_roles(SYSTEM, cast.outsider, [role])
    db.session.commit()
    kept = db.session.scalars(select(Merge)).one()
    address = as_.outsider.post(f"/duplicates/merges/{kept.id}/undoing").location
    assert "“Level” was not put back: you may not change it" in text_of(as_.outsider.get(address))
    assert (row(one).level, row(one).remarks) == ("a", "Ours")


def test_while_a_section_is_edited_others_are_told_but_not_itself(as_, cast, make):
    id_ = make(cast.rep, NAME)
    form = text_of(as_.rep.get(f"/customers/{id_}/sections/basics/edit"))
    assert f"besides={id_}" in form
    assert hint(as_.rep, besides=id_, name=LIKE).strip() == ""
    other = make(cast.rep, LIKE)
    words = hint(as_.rep, besides=id_, name=NAME)
    assert f"/customers/{other}" in words and "Ask for access" not in words
    assert as_.other_rep.get(f"/duplicates/customers/hint?besides={id_}&name=x").status_code == 404
