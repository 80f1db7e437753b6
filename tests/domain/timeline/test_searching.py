"""Follow-ups found by what was written in them."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, text

from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.search import follow_ups as searching
from crm.domain.search.excerpts import excerpt
from crm.domain.timeline import actions
from crm.domain.timeline.models import FollowUp
from crm.domain.timeline.renewal import renew
from crm.domain.timeline.searching import SEARCHED
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import NOBODY, FieldRight, unscoped
from crm.kernel.sharing import Share


def said(actor, customer, body, **more):
    return actions.add_follow_up(actor, customer, {"kind": "call", "body": body, **more})


@pytest.fixture
def customer(cast):
    id_ = customers.create(cast.rep.actor, {"name": "Nachtigall"})
    return db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == id_)).one()


def found(actor, asked, size=10):
    return [hit.id for hit in searching.follow_ups(actor, asked, size).hits]


@pytest.mark.parametrize(
    "asked",
    [
        "报价",
        "報價",
        "报价单",
        "warranty",
        "WARRAN",
        "ｗａｒｒａｎｔｙ",
        "13800138000",
        "send samples",
        "样品",
        "饼干",
        "餅乾",
    ],
)
def test_body_result_and_next_step_are_searched_by_the_recipe_of_records(cast, customer, asked):
    body = "已发报价单，等回复。Warranty asked for, call 138 0013 8000"
    one = said(cast.rep.actor, customer, body, result="要求寄餅乾样品", next_step="Send samples")
    said(cast.rep.actor, customer, "Nothing of it")
    assert found(cast.rep.actor, asked) == [one.id]


def test_characters_must_stand_together_as_they_were_typed(cast, customer):
    said(cast.rep.actor, customer, "人工报价，工智不清，智能设备")
    one = said(cast.rep.actor, customer, "看了人工智能方案")
    assert found(cast.rep.actor, "人工智能") == [one.id]


@pytest.mark.parametrize("near", [0, 3_000])
def test_the_newest_comes_first_whether_it_is_near_or_found_by_the_index(cast, customer, monkeypatch, near):
    monkeypatch.setattr(searching, "NEAR", near)
    ids = [said(cast.rep.actor, customer, f"Contract {n}").id for n in range(4)]
    assert found(cast.rep.actor, "contract") == ids[::-1]
    answer = searching.follow_ups(cast.rep.actor, "contract", 3)
    assert ([hit.id for hit in answer.hits], answer.more) == (ids[:0:-1], True)


def test_what_is_changed_is_found_anew_and_what_is_deleted_no_more(cast, customer):
    one = said(cast.rep.actor, customer, "About apples")
    actions.change_follow_up(cast.rep.actor, customer, one, {"body": "About pears"})
    db.session.flush()
    assert (found(cast.rep.actor, "apples"), found(cast.rep.actor, "pears")) == ([], [one.id])
    actions.delete_follow_up(cast.rep.actor, customer, one)
    db.session.flush()
    assert found(cast.rep.actor, "pears") == []


def test_what_is_written_in_bulk_is_found_too(cast, customer):
    values = {"kind": "visit", "body": "Besuch in Görlitz", "next_step": "Angebot"}
    dealing = actions.Dealing(customer.id, cast.rep.id, clock.now(), values)
    ids = actions.add_follow_ups(cast.rep.actor, Customer, [dealing])
    assert found(cast.rep.actor, "gorlitz") == found(cast.rep.actor, "angebot") == ids


def test_of_a_record_in_the_bin_nothing_is_found(cast, customer):
    one = said(cast.rep.actor, customer, "About apples")
    customers.delete(cast.rep.actor, customer)
    db.session.flush()
    assert found(cast.rep.actor, "apples") == []
    customers.restore(cast.rep.actor, customer)
    db.session.flush()
    assert found(cast.rep.actor, "apples") == [one.id]


def test_of_a_shared_record_they_are_found_once(cast, customer):
    one = said(cast.rep.actor, customer, "About apples")
    assert found(cast.other_rep.actor, "apples") == []
    db.session.add(Share(subject_type="customers", subject_id=customer.id, person_id=cast.other_rep.id))
    db.session.add(Share(subject_type="customers", subject_id=customer.id, person_id=cast.manager.id))
    db.session.flush()
    assert found(cast.other_rep.actor, "apples") == [one.id]
    assert found(cast.manager.actor, "apples") == [one.id]


@pytest.mark.parametrize("key", SEARCHED)
@pytest.mark.parametrize("right", [FieldRight.HIDDEN, FieldRight.MASKED])
def test_nobody_searches_by_what_they_may_not_read(cast, customer, key, right):
    said(cast.rep.actor, customer, "About apples", result="pears", next_step="plums")
    less = replace(cast.rep.actor, fields={"follow_ups": {key: right}})
    assert searching.readable(less) == [] and searching.readable(NOBODY) == []
    assert searching.readable(cast.rep.actor) != []


def test_a_question_that_takes_too_long_shows_what_is_near_and_that_there_may_be_more(cast, customer, monkeypatch):
    monkeypatch.setattr(searching, "NEAR", 1)
    for n in range(3):
        said(cast.rep.actor, customer, f"Contract {n}")
    monkeypatch.setattr(searching, "INDEX_MS", 1)
    monkeypatch.setattr(searching, "_all", lambda *_: text_sleeping())
    answer = searching.follow_ups(cast.rep.actor, "contract", 10)
    assert (len(answer.hits), answer.more) == (1, True)
    assert db.session.scalar(text("SELECT 1")) == 1


def text_sleeping():
    return select(func.pg_sleep(5))


_MANY = """
    INSERT INTO follow_ups (subject_type, subject_id, kind, body, search)
    SELECT 'customers', :id, 'call', 'said ' || n, CAST('said w' || n AS tsvector) FROM generate_series(1, 5000) AS n"""


def test_an_index_finds_them(cast, customer):
    db.session.execute(text(_MANY), {"id": customer.id})
    db.session.execute(text("ANALYZE follow_ups"))
    plan = "EXPLAIN SELECT id FROM follow_ups WHERE deleted_at IS NULL AND search @@ CAST('w77' AS tsquery)"
    assert "ix_follow_ups_search" in "\n".join(db.session.scalars(text(plan)))


def test_what_an_older_release_wrote_is_found_after_the_renewal(cast, customer):
    one = said(cast.rep.actor, customer, "About apples", result="餅乾")
    db.session.execute(text("UPDATE follow_ups SET search = ''"))
    assert found(cast.rep.actor, "apples") == []
    with unscoped("a test looks at everything"):
        assert renew(db.session.connection(), "乾") == 1
    assert found(cast.rep.actor, "apples") == found(cast.rep.actor, "饼干") == [one.id]
    assert renew(db.session.connection(), "nothing of it") == 0
    assert renew(db.session.connection()) == db.session.query(FollowUp).count()


@pytest.mark.parametrize(
    ("texts", "asked", "shown"),
    [
        (["Short and whole"], "whole", "Short and whole"),
        (["First", "the second holds it"], "second", "the second holds it"),
        (["x" * 40 + " needle " + "y" * 100], "needle", "…" + "x" * 19 + " needle " + "y" * 53 + "…"),
        (["两行\n餅乾 与茶"], "饼干", "两行 餅乾 与茶"),
        (["call 138 0013 8000"], "13800138000", "call 138 0013 8000"),
        ([], "x", ""),
    ],
)
def test_an_excerpt_is_the_piece_in_which_something_was_found(texts, asked, shown):
    assert excerpt(texts, asked) == shown
