import pytest
from sqlalchemy import select

from crm.domain.customers import actions
from crm.domain.customers.matching import match_key, matches
from crm.domain.customers.models import Customer
from crm.infra.db import db
from crm.kernel.contact import parse_phone
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event


def made(actor, *rows):
    ids = actions.create_many(actor, rows)
    found = db.session.scalars(Customer.visible_to(actor).where(Customer.id.in_(ids)).order_by(Customer.id))
    return list(found)


def events(customer):
    return db.session.scalars(
        select(Event).filter_by(subject_type="customers", subject_id=customer.id).order_by(Event.id)
    ).all()


def test_a_new_customer_belongs_to_whoever_made_it_and_to_their_department(cast):
    (one,) = made(cast.rep.actor, {"name": "Acme", "phone": parse_phone("13800138000")})
    assert (one.owner_id, one.department_id, one.type) == (cast.rep.id, cast.rep.department_id, "company")
    (event,) = events(one)
    assert event.payload == {"values": {"name": "Acme", "phone": "+8613800138000"}}


def test_an_import_leaves_its_id_and_line_on_every_event(cast):
    ids = actions.create_many(cast.rep.actor, [{"name": "A"}, {"name": "B"}], import_id=7, lines=[3, 5])
    rows = db.session.scalars(select(Event).filter_by(name="customer.imported").order_by(Event.id)).all()
    assert [(row.subject_id, row.payload["import_id"], row.payload["line"]) for row in rows] == list(
        zip(ids, [7, 7], [3, 5], strict=True)
    )


def test_a_change_is_found_by_its_new_name_and_told_with_the_old(cast):
    (one,) = made(cast.rep.actor, {"name": "Acme"})
    assert actions.change(cast.rep.actor, one, {"name": "北京智远", "remarks": None})
    db.session.flush()
    assert (one.name_key, one.version) == ("北京智远", 2)
    assert events(one)[-1].payload == {"changes": {"name": ["Acme", "北京智远"]}}
    assert not actions.change(cast.rep.actor, one, {"name": "北京智远"})


def test_many_changes_keep_what_is_empty_and_pass_over_what_is_not_theirs(cast):
    mine, other = made(cast.rep.actor, {"name": "A", "level": "a"}, {"name": "B"})
    (foreign,) = made(cast.other_rep.actor, {"name": "C"})
    kept = actions.change_many(
        cast.rep.actor,
        [(mine.id, {"level": None, "source": "wecom"}), (foreign.id, {"level": "c"}), (other.id, {})],
        import_id=1,
        lines=[2, 3, 4],
    )
    assert kept == [mine.id, other.id]
    assert (mine.level, mine.source, foreign.level) == ("a", "wecom", None)
    assert events(mine)[-1].payload == {"changes": {"source": [None, "wecom"]}, "import_id": 1, "line": 2}


def test_nobody_gives_customers_away_without_the_right(cast):
    with pytest.raises(RuleBroken):
        actions.create(cast.rep.actor, {"name": "Gift", "owner": cast.other_rep.id})
    (gift,) = made(cast.administrator.actor, {"name": "Gift", "owner": cast.other_rep.id})
    assert (gift.owner_id, gift.department_id) == (cast.other_rep.id, cast.other_rep.department_id)
    with pytest.raises(RuleBroken):
        actions.change(cast.other_rep.actor, gift, {"owner": cast.rep.id})


def test_a_company_is_not_its_own_ancestor(cast):
    top, middle, bottom = made(cast.rep.actor, {"name": "Top"}, {"name": "Middle"}, {"name": "Bottom"})
    actions.change(cast.rep.actor, middle, {"parent": top.id})
    actions.change(cast.rep.actor, bottom, {"parent": middle.id})
    db.session.flush()
    for parent in (top, middle, bottom):
        with pytest.raises(Invalid):
            actions.change(cast.rep.actor, top, {"parent": parent.id})


def test_exact_duplicates_agree_in_name_and_phone_and_are_one_s_own(cast):
    phone = parse_phone("138-0013-8000")
    (one,) = made(cast.rep.actor, {"name": "Acme (Beijing) Ltd.", "phone": phone})
    same = match_key({"name": "ＡＣＭＥ（beijing） ltd", "phone": parse_phone("13800138000")})
    other = match_key({"name": "Acme (Beijing) Ltd.", "phone": parse_phone("13800138001")})
    assert matches(cast.rep.actor, {same, other}) == {same: one.id}
    assert matches(cast.other_rep.actor, {same}) == {}
    assert match_key({"name": None}) is None
