"""Leads in the browser, without a script and with htmx: the pool, the status, conversion, and the rules about them."""

import re

import pytest
from sqlalchemy import select

from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.leads import actions
from crm.domain.leads.models import Lead
from crm.domain.leads.rule_models import AssignmentRule, ScoreRule
from crm.domain.timeline.actions import add_follow_up
from crm.infra.db import db
from crm.kernel.access import unscoped


@pytest.fixture
def make(cast):
    def make(who, **values):
        id_ = actions.create(who.actor, {"name": "陈志远", "company": "云海科技有限公司"} | values)
        db.session.commit()
        return id_

    return make


def lead(id_):
    with unscoped("a test looks at everything"):
        return db.session.scalars(select(Lead).where(Lead.id == id_).execution_options(populate_existing=True)).one()


def text_of(answer):
    return answer.get_data(as_text=True)


def keyed(page, address):
    """The key of the form that posts there."""
    form = re.search(rf'action="{re.escape(address)}".*?name="idempotency_key" value="([^"]+)"', page, re.S)
    assert form, f"no form posts to {address}"
    return form.group(1)


def test_everybody_finds_what_is_theirs_to_see(as_, cast, make):
    mine, norths = make(cast.rep), make(cast.manager, name="Of the north")
    answers = {
        who: (
            getattr(as_, who).get(f"/leads/{mine}").status_code,
            getattr(as_, who).get(f"/leads/{norths}").status_code,
        )
        for who in ("administrator", "manager", "rep", "other_rep", "agent", "marketer", "auditor", "outsider")
    }
    for_all = (200, 200)
    assert answers == dict.fromkeys(("administrator", "manager", "rep", "agent", "marketer", "auditor"), for_all) | {
        "other_rep": (404, 404),
        "outsider": (404, 404),
    }
    assert "Of the north" in text_of(as_.rep.get("/leads/?owner__empty=1"))
    assert "Of the north" not in text_of(as_.outsider.get("/leads/?owner__empty=1"))
    assert as_.stranger.get(f"/leads/{mine}").status_code == 303


def test_a_rep_claims_from_the_pool_and_who_comes_second_is_told(as_, cast, make):
    id_ = make(cast.administrator)
    page = text_of(as_.rep.get(f"/leads/{id_}"))
    assert "Claim lead" in page and "Convert lead" not in page
    assert as_.rep.post(f"/leads/{id_}/status", {"status": "contacted"}).status_code == 409  # seen, not theirs
    assert as_.agent.post(f"/leads/{id_}/claim").status_code == 403
    assert as_.rep.post(f"/leads/{id_}/claim").location == f"/leads/{id_}"
    second = as_.other_rep.post(f"/leads/{id_}/claim")
    assert second.status_code == 409 and "Somebody else was quicker" in text_of(second)
    assert lead(id_).owner_id == cast.rep.id
    assert "Convert lead" in text_of(as_.rep.get(f"/leads/{id_}"))


def test_what_was_never_in_the_pool_cannot_be_claimed(as_, cast, make):
    assert as_.other_rep.post(f"/leads/{make(cast.rep)}/claim").status_code == 404


def test_the_status_is_moved_and_giving_up_asks_for_the_reason(as_, cast, make):
    id_ = make(cast.rep)
    assert as_.rep.post(f"/leads/{id_}/status", {"status": "contacted"}).status_code == 303
    refused = as_.rep.post(f"/leads/{id_}/status", {"status": "discarded", "discard_text": "They moved away"})
    assert refused.status_code == 422
    assert "must be filled in" in text_of(refused) and "They moved away" in text_of(refused)
    as_.rep.post(f"/leads/{id_}/status", {"status": "discarded", "discard_reason": "no_need"})
    assert (lead(id_).status, lead(id_).discard_reason) == ("discarded", "no_need")
    assert "No need" in text_of(as_.rep.get(f"/leads/{id_}"))
    as_.rep.post(f"/leads/{id_}/status", {"status": "qualified"})
    assert (lead(id_).status, lead(id_).discard_reason) == ("qualified", None)
    assert as_.rep.post(f"/leads/{id_}/status", {"status": "won"}).status_code == 422
    assert as_.rep.post(f"/leads/{id_}/status", {"status": "nonsense"}).status_code == 422


def test_with_the_script_a_move_swaps_section_head_and_newest(as_, cast, make):
    id_ = make(cast.rep)
    answer = as_.rep.post(f"/leads/{id_}/status", {"status": "contacted"}, htmx="section#section-status")
    words = text_of(answer)
    assert answer.status_code == 200 and "<html" not in words
    assert 'id="section-status"' in words and 'id="record-head"' in words and 'id="score"' in words
    assert len(answer.get_data()) < 16_000


def test_a_lead_is_converted_once_however_often_it_is_sent(as_, cast, make):
    id_ = make(cast.rep, expected_amount=48_000)
    with unscoped("a test looks at everything"):
        add_follow_up(cast.rep.actor, lead(id_), {"kind": "call", "body": "They want a trial"})
    page = text_of(as_.rep.get(f"/leads/{id_}/conversion"))
    assert "Make the customer “云海科技有限公司”" in page and "Make the contact “陈志远”" in page
    assert 'value="48000"' in page
    sent = {"customer": "new", "contact": "new", "deal": "1", "deal-name": "云海", "deal-amount": "48,000"}
    sent["idempotency_key"] = keyed(page, f"/leads/{id_}/conversion")
    first, again = (as_.rep.post(f"/leads/{id_}/conversion", sent) for _ in range(2))
    later = as_.rep.post(f"/leads/{id_}/conversion", sent | {"idempotency_key": "another"})
    customer = lead(id_).customer_id
    assert first.location == again.location == f"/customers/{customer}"
    assert later.location == f"/leads/{id_}"
    found = db.session.scalars(Customer.visible_to(cast.rep.actor)).all()
    assert [each.name for each in found] == ["云海科技有限公司"]
    page = text_of(as_.rep.get(f"/customers/{customer}"))
    assert "They want a trial" in page and f"/leads/{id_}" in page and "陈志远" in page
    assert "云海科技有限公司" in text_of(as_.rep.get(f"/leads/{id_}"))


def test_what_is_there_is_offered_first_and_attached_to(as_, cast, make):
    there = customers.create(cast.rep.actor, {"name": "云海科技 有限公司"})
    id_ = make(cast.rep)
    page = text_of(as_.rep.get(f"/leads/{id_}/conversion"))
    assert "It is there already" in page and "same name" in page
    assert re.search(rf'value="{there}" checked', page)
    as_.rep.post(f"/leads/{id_}/conversion", {"customer": str(there), "contact": "none"})
    assert (lead(id_).customer_id, lead(id_).contact_id) == (there, None)


def test_another_one_is_named_and_what_is_wrong_is_said(as_, cast, make):
    other = customers.create(cast.rep.actor, {"name": "Somebody else"})
    id_ = make(cast.rep)
    for sent in ({"other": "Nobody called so"}, {"customer": "x"}, {"customer": "987654321"}, {}):
        answer = as_.rep.post(f"/leads/{id_}/conversion", {"contact": "none"} | sent)
        assert answer.status_code == 422, sent
    wrong = {"customer": "new", "contact": "new", "deal": "1", "deal-amount": "much"}
    answer = as_.rep.post(f"/leads/{id_}/conversion", wrong)
    assert answer.status_code == 422 and "is not a number" in text_of(answer)
    as_.rep.post(f"/leads/{id_}/conversion", {"contact": "none", "other": "Somebody else"})
    assert lead(id_).customer_id == other


def test_a_conversion_is_undone_and_what_stays_is_named(as_, cast, make):
    id_ = make(cast.rep)
    as_.rep.post(f"/leads/{id_}/conversion", {"customer": "new", "contact": "new"})
    contact = lead(id_).contact_id
    as_.rep.post(f"/contacts/{contact}/follow-ups", {"kind": "call", "body": "At work already"})
    assert "Undo conversion" in text_of(as_.rep.get(f"/leads/{id_}"))
    assert as_.rep.post(f"/leads/{id_}/conversion/undoing").status_code == 303
    said = text_of(as_.rep.get(f"/leads/{id_}"))
    assert "The contact “陈志远” stays: somebody has worked on it since." in said
    assert "The customer “云海科技有限公司” stays: something else belongs to it." in said
    assert lead(id_).status == "new"
    assert as_.rep.post(f"/leads/{id_}/conversion/undoing").status_code == 409


def test_points_are_given_by_rules_and_explained(as_, cast, make):
    admin, address = as_.administrator, "/admin/leads/scores"
    assert as_.manager.get(address).status_code == 403
    chosen = text_of(admin.post(address, {"f0": "source", "do": "more"}))
    assert 'name="o0"' in chosen and 'value="referral"' in chosen
    refused = admin.post(address, {"f0": "source", "o0": "in", "v0": "referral", "points": "many"})
    assert refused.status_code == 422 and "whole number" in text_of(refused)
    assert admin.post(address, {"f0": "source", "o0": "in", "v0": "referral", "points": "+25"}).status_code == 303
    page = text_of(admin.get(address))
    assert "Source is Referral" in page and "+25" in page and 'http-equiv="refresh"' in page
    id_ = make(cast.rep, source="referral")
    page = text_of(as_.rep.get(f"/leads/{id_}"))
    assert "Source is Referral" in page and "+25" in page
    assert "所有线索" in text_of(as_.administrator.get(address, headers={"Accept-Language": "zh"}))
    rule = db.session.scalars(select(ScoreRule)).one()
    admin.post(f"{address}/{rule.id}/removal")
    assert db.session.scalars(select(ScoreRule)).all() == []


def test_rules_of_assignment_are_made_put_in_order_and_removed(as_, cast, make):
    admin, address = as_.administrator, "/admin/leads/assignment"
    assert as_.rep.get(address).status_code == 403
    sent = {"name": "North", "way": "turns", "f0": "source", "o0": "in", "v0": "website", "p0": cast.rep.email}
    more = text_of(admin.post(address, sent | {"do": "more"}))
    assert 'name="f1"' in more and cast.rep.email in more
    refused = admin.post(address, sent | {"p0": "nobody@example.com"})
    assert refused.status_code == 422 and 'value="North"' in text_of(refused)
    assert admin.post(address, sent).status_code == 303
    admin.post(address, {"name": "The rest", "way": "pool", "department": str(cast.other_rep.department_id)})
    north, rest = db.session.scalars(select(AssignmentRule).order_by(AssignmentRule.position)).all()
    page = text_of(admin.get(address))
    assert "Source is Website" in page and "Sam 王" in page and "South" in page
    assert cast.rep.email in text_of(admin.get(f"{address}/{north.id}"))
    assert lead(make(cast.administrator, source="website")).owner_id == cast.rep.id
    pooled = lead(make(cast.administrator))
    assert (pooled.owner_id, pooled.department_id) == (None, cast.other_rep.department_id)
    told = text_of(as_.administrator.get(f"/leads/{pooled.id}"))
    assert "the rule “The rest” decided whose it is" in told
    admin.post(f"{address}/{rest.id}/place", {"way": "up"})
    assert [each.name for each in db.session.scalars(select(AssignmentRule).order_by(AssignmentRule.position))] == [
        "The rest",
        "North",
    ]
    admin.post(f"{address}/{rest.id}/retirement")
    assert admin.get(f"{address}/{rest.id}").status_code == 404


def test_where_the_module_is_off_it_is_not_there(as_, cast, make):
    from crm.domain.modules.actions import switch_module

    id_ = make(cast.rep)
    switch_module(cast.administrator.actor, "leads", everyone=False)
    for address in ("/leads/", f"/leads/{id_}", "/admin/leads/scores"):
        assert as_.administrator.get(address).status_code == 404


def test_pages_stay_light(as_, cast, make):
    import brotli

    id_ = make(cast.rep, source="referral", remarks="x" * 200)
    for address, most in ((f"/leads/{id_}", 14_000), ("/leads/", 12_000), (f"/leads/{id_}/conversion", 8_000)):
        assert len(brotli.compress(as_.rep.get(address).get_data(), quality=4)) < most, address
