"""Saved views: tabs that are questions, shown to whom they were shown, and telling nobody what is hidden from them."""

import re

import pytest
from sqlalchemy import select

from crm.domain.customers import actions as customers
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.people.models import Department, Role
from crm.domain.saved_views import actions
from crm.domain.saved_views.actions import Audience
from crm.domain.saved_views.models import SavedView
from crm.infra.db import db
from crm.kernel.asking import Query
from crm.kernel.contact import Phone
from crm.kernel.errors import Invalid, RuleBroken


@pytest.fixture
def rows(cast):
    customers.create_many(cast.rep.actor, [{"name": "Firma A", "level": "a"}, {"name": "Firma B", "level": "b"}])
    db.session.commit()


def save(person, name="mine", **query):
    view = actions.save(person.actor, CUSTOMER, name=name, query=Query(**query))
    db.session.commit()
    return view


def share(person, view, **audience):
    actions.change(person.actor, view, name=view.name, position=0, audience=Audience(**audience))
    db.session.commit()


def names(answer):
    return re.findall(r'class="row-link" href="[^"]*">([^<]+)<', answer.get_data(as_text=True))


def tabs(answer):
    found = re.search(r'<nav class="tabs".*?</nav>', answer.get_data(as_text=True), re.S)
    return re.findall(r"<a[^>]*>([^<]+?)\s*</a>", found.group()) if found else []


def current(answer):
    below = answer.get_data(as_text=True).partition('class="tabs"')[2]
    return re.findall(r'aria-current="page">([^<]+?)\s*</a>', below)


def test_a_view_is_kept_from_the_list_and_stands_above_it(as_, cast, rows):
    page = as_.rep.get("/customers/?level__is=a&sort=name").get_data(as_text=True)
    place = re.search(r'href="(/views/customers/new[^"]*)"', page).group(1).replace("&amp;", "&")
    assert "Level is A" in as_.rep.get(place).get_data(as_text=True)
    answer = as_.rep.post("/views/customers", {"name": "The best", "list": "level__is=a&sort=name"})
    assert answer.status_code == 303
    page = as_.rep.get(answer.location)
    assert (tabs(page), current(page), names(page)) == (["All", "The best"], ["The best"], ["Firma A"])
    assert current(as_.rep.get("/customers/")) == ["All"]
    assert tabs(as_.other_rep.get("/customers/")) == []


def test_the_list_begins_with_ones_own_view_and_everything_is_one_tab_away(as_, cast, rows):
    as_.rep.post("/views/customers", {"name": "Best", "list": "level__is=a", "first": "1"})
    page = as_.rep.get("/customers/")
    assert (names(page), current(page)) == (["Firma A"], ["Best"])
    assert 'href="/customers/?view=all"' in page.get_data(as_text=True)
    assert len(names(as_.rep.get("/customers/?view=all"))) == 2
    assert names(as_.rep.get("/customers/?level__is=b")) == ["Firma B"]  # an address that asks is answered


def test_columns_are_remembered(as_, cast, rows):
    as_.rep.post("/views/customers", {"name": "Mine", "list": "cols=email,number", "first": "1"})
    heads = re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)', as_.rep.get("/customers/").get_data(as_text=True))
    assert heads == ["Full name", "E-mail", "Number"]


def test_what_a_role_begins_with(as_, cast, rows):
    view = save(cast.administrator, "For reps", filters=(("level", "is", "b"),))
    role = db.session.scalars(select(Role).where(Role.key == "sales_rep")).one()
    with pytest.raises(RuleBroken):
        actions.begin_with(cast.administrator.actor, "customers", view, role=role)  # not shown to them yet
    share(cast.administrator, view, role_id=role.id)
    with pytest.raises(RuleBroken):
        actions.begin_with(cast.manager.actor, "customers", view, role=role)
    actions.begin_with(cast.administrator.actor, "customers", view, role=role)
    db.session.commit()
    assert names(as_.rep.get("/customers/")) == ["Firma B"]
    assert len(names(as_.manager.get("/customers/"))) == 2
    as_.rep.post("/views/customers", {"name": "Mine", "list": "level__is=a", "first": "1"})
    assert names(as_.rep.get("/customers/")) == ["Firma A"]  # one's own goes before


def test_a_department_sees_what_is_shown_to_one_above_it(as_, cast, rows):
    view = save(cast.manager, "North", filters=(("level", "is", "b"),))
    named = {each.name: each.id for each in db.session.scalars(select(Department))}
    with pytest.raises(RuleBroken):
        share(cast.manager, view, department_id=named["South"])
    share(cast.manager, view, department_id=named["North"])
    assert tabs(as_.rep.get("/customers/")) == ["All", "North"]
    assert tabs(as_.other_rep.get("/customers/")) == []
    assert as_.rep.post(f"/views/{view.id}", {"name": "Taken"}).status_code == 409
    assert as_.other_rep.get(f"/views/{view.id}").status_code == 404


@pytest.mark.parametrize("audience", [{"everyone": True}, {"role_id": 1}, {"department_id": 1}])
def test_a_rep_shows_views_to_nobody(cast, audience):
    view = save(cast.rep, search="x")
    with pytest.raises(RuleBroken):
        share(cast.rep, view, **audience)


def test_a_view_tells_nothing_of_what_is_hidden_from_its_reader(as_, cast):
    phone = Phone("+8613800138765", "13800138765")
    customers.create(cast.administrator.actor, {"name": "Firma A", "phone": phone})
    view = save(cast.administrator, "By phone", filters=(("phone", "is", "13800138765"),))
    share(cast.administrator, view, everyone=True)
    page = as_.marketer.get("/customers/")
    assert tabs(page) == ["All", "By phone"]
    answers = [page, as_.marketer.get(f"/customers/?view={view.id}")]
    assert "whole list is shown" in answers[1].get_data(as_text=True)
    for answer in answers:
        assert "8765" not in answer.get_data(as_text=True)
    assert names(as_.agent.get(f"/customers/?view={view.id}")) == ["Firma A"]


def test_it_is_renamed_and_deleted_by_its_owner_alone(as_, cast, rows):
    view = save(cast.rep, search="Firma")
    as_.rep.post(f"/views/{view.id}", {"name": "Renamed", "position": "3", "audience": "everyone"})
    assert (view.name, view.position, view.is_shared) == ("Renamed", 3, False)  # what is not on offer is not taken
    assert as_.rep.post(f"/views/{view.id}", {"name": " "}).status_code == 422
    assert as_.administrator.get(f"/views/{view.id}").status_code == 404
    as_.rep.post(f"/views/{view.id}", {"name": "Renamed", "first": "1"})
    as_.rep.post(f"/views/{view.id}/deletion")
    assert db.session.scalars(select(SavedView)).all() == []
    assert tabs(as_.rep.get("/customers/")) == []


def test_only_a_question_the_list_can_answer_is_kept(as_, cast):
    with pytest.raises(Invalid):
        save(cast.rep, filters=(("nothing", "is", "x"),))
    with pytest.raises(Invalid):
        save(cast.marketer, filters=(("phone", "is", "13800138765"),))
    assert as_.rep.post("/views/customers", {"name": "", "list": "q=x"}).status_code == 422


def test_another_question_is_kept_under_the_name_of_a_view_of_ones_own(as_, cast, rows):
    mine, theirs = save(cast.rep, "The best", filters=(("level", "is", "a"),)), save(cast.manager, "Theirs")
    share(cast.manager, theirs, department_id=cast.rep.department_id)
    page = as_.rep.get("/views/customers/new?list=level__is%3Db").get_data(as_text=True)
    assert ">The best</option>" in page and ">Theirs</option>" not in page
    sent = {"view": mine.id, "list": "level__is=b"}
    answer = as_.rep.post("/views/customers/replacement", sent)
    assert answer.status_code == 303
    page = as_.rep.get(answer.location)
    assert (tabs(page)[1], current(page), names(page)) == ("The best", ["The best"], ["Firma B"])
    assert as_.rep.post("/views/customers/replacement", sent | {"list": "nonsense__is=1"}).status_code == 422
    assert as_.rep.post("/views/customers/replacement", sent | {"view": theirs.id}).status_code == 409
    assert as_.other_rep.post("/views/customers/replacement", sent).status_code == 404
    db.session.expire_all()
    assert mine.query == Query(filters=(("level", "is", "b"),))
