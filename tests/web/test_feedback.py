"""What people say of the program: tied to the page, read by whoever administers, answered to whoever said it."""

import pytest
from sqlalchemy import select

from crm.domain.feedback.models import Feedback
from crm.domain.modules.actions import switch_module
from crm.domain.notifications.models import Notification
from crm.infra.db import db
from crm.kernel.events import Event

WORDS = "I wanted to save\nand nothing happened"


@pytest.fixture
def said(as_, cast):
    answer = as_.rep.post("/feedback/", {"kind": "broken", "body": WORDS, "page": "/customers/7?q=secret#top"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/customers/7")
    return one()


def one():
    db.session.expire_all()
    return db.session.scalars(select(Feedback)).one()


def told(person, kind):
    rows = select(Notification).filter_by(person_id=person.id, kind=kind)
    return db.session.scalars(rows).all()


def test_every_page_leads_to_the_form_which_knows_the_page(as_):
    page = as_.rep.get("/customers/").text
    assert 'href="/feedback/new?page=/customers/"' in page
    form = as_.rep.get("/feedback/new?page=/customers/%3Fq=secret").text
    assert 'name="page" value="/customers/"' in form


def test_it_keeps_who_said_it_where_and_in_which_version(said, cast):
    assert (said.person_id, said.department_id) == (cast.rep.id, cast.rep.department_id)
    assert (said.body, said.page, said.place) == (WORDS, "/customers/7", "/customers/…")
    assert said.program and "Werkzeug" in said.browser
    event = db.session.scalars(select(Event).filter_by(name="feedback.given")).one()
    assert event.subject_id == said.id and "nothing happened" not in str(event.payload)
    assert len(told(cast.administrator, "feedback")) == 1 and not told(cast.manager, "feedback")


@pytest.mark.parametrize("page", ["https://elsewhere.example/", "//elsewhere.example", "/nowhere/at/all", ""])
def test_another_page_is_nowhere_to_go_back_to(as_, page):
    answer = as_.rep.post("/feedback/", {"kind": "good", "body": "Fast", "page": page})
    assert answer.headers["Location"] == (page if page == "/nowhere/at/all" else "/feedback/")
    assert one().place == ""


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [("", "x", "Choose what it is about."), ("broken", " ", "Write a few words."), ("broken", "x" * 4001, "4001")],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(as_, kind, body, words):
    answer = as_.rep.post("/feedback/", {"kind": kind, "body": body, "page": "/customers/"})
    assert answer.status_code == 422 and words in answer.text and 'value="/customers/"' in answer.text
    assert not db.session.scalars(select(Feedback)).all()


def test_everybody_reads_their_own_and_whoever_administers_all(as_, cast, said):
    address = f"/feedback/{said.id}"
    assert "nothing happened" in as_.rep.get(address).text
    assert "nothing happened" in as_.rep.get("/feedback/").text
    every = as_.administrator.get("/feedback/").text
    assert "nothing happened" in every and "/customers/…" in every and cast.rep.name in every
    for other in (as_.other_rep, as_.manager):
        assert other.get(address).status_code == 404
        assert "nothing happened" not in other.get("/feedback/?status=all").text
        assert other.post(f"{address}/answer", {"status": "done"}).status_code == 403
    assert as_.rep.post(f"{address}/answer", {"status": "done"}).status_code == 403


def test_the_answer_is_told_to_whoever_said_it_and_stands_in_the_log(as_, cast, said):
    wanted = {"status": "planned", "answer": "It comes in May.", "version": "0"}
    boss = as_.administrator
    assert boss.post(f"/feedback/{said.id}/answer", wanted).status_code == 303
    assert boss.post(f"/feedback/{said.id}/answer", wanted | {"version": "1"}).status_code == 303  # says nothing new
    assert len(told(cast.rep, "feedback_answered")) == 1
    assert "It comes in May." in as_.rep.get(f"/feedback/{said.id}").text
    changes = db.session.scalars(select(Event).filter_by(name="feedback.answered")).one().payload["changes"]
    assert changes == {"status": ["open", "planned"], "answer": ["", "It comes in May."]}
    assert "It comes in May." in boss.get("/feedback/?status=planned").text
    assert "It comes in May." not in boss.get("/feedback/?status=done").text
    behind = boss.post(f"/feedback/{said.id}/answer", wanted | {"status": "done", "answer": "No."})
    assert behind.status_code == 409 and ">No.</textarea>" in behind.text and one().status == "planned"
    assert boss.post(f"/feedback/{said.id}/answer", {"status": "eaten", "version": "1"}).status_code == 422


def test_a_page_leads_to_the_one_before_and_praise_is_no_complaint(as_, cast):
    for at in range(26):
        db.session.add(feedback(cast.rep, f"Thing {at} is bad", place="/leads/"))
    db.session.add(feedback(cast.rep, "Lovely", kind="good", place="/tasks/"))
    db.session.commit()
    page = as_.administrator.get("/feedback/").text
    assert "Lovely" in page and "Thing 1 is bad" not in page and ">26<" in page and ">/tasks/<" not in page
    older = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    older_page = as_.administrator.get(older).text
    assert "Thing 1 is bad" in older_page and "Lovely" not in older_page


def feedback(person, body, *, kind="missing", place=""):
    more = {"page": "", "program": "1", "browser": "", "said_at": "2026-11-27 10:00+08"}
    return Feedback(person_id=person.id, kind=kind, body=body, place=place, **more)


def test_where_the_module_is_off_it_is_gone(as_, cast, said):
    switch_module(cast.administrator.actor, "feedback", everyone=False, departments=())
    db.session.commit()
    assert "/feedback/" not in as_.rep.get("/customers/").text
    assert as_.rep.get("/feedback/").status_code == 404
