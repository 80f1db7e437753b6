"""Tickets in the web: the queue beside the ticket, answers and notes, macros, watching, handing over."""

import re

import pytest
from sqlalchemy import select

from crm.domain.contacts import actions as contacts
from crm.domain.mail.models import MailRow
from crm.domain.tickets import actions
from crm.domain.tickets.macros import save_macro
from crm.domain.tickets.models import TicketTeam, TicketWatcher
from crm.domain.timeline.models import FollowUp
from crm.infra.db import db
from tests.cast import sign_in
from tests.domain.tickets.conftest import again, made, service
from tests.web.conftest import Browser

__all__ = ["service"]


@pytest.fixture
def ann(app, service, as_):
    db.session.commit()
    return Browser(sign_in(app.test_client(), service.ann))


@pytest.fixture
def ticket(cast, service):
    made_ = made(cast.rep, name="The printer smokes", description="Since Monday.", priority="urgent")
    db.session.commit()
    return made_


def test_the_queue_shows_what_waits_and_the_ticket_beside_it(ann, service, ticket):
    page = ann.get("/tickets/queue").text
    assert "The printer smokes" in page and "Since Monday." not in page
    beside = ann.get(f"/tickets/queue?ticket={ticket.id}").text
    assert "Since Monday." in beside and 'id="composer"' in beside
    assert ann.get("/tickets/queue?show=mine").text.count("The printer smokes") == 0
    assert ann.get("/tickets/queue?after=nonsense&team=x&ticket=x").status_code == 200


def test_the_ticket_of_another_team_is_not_there(as_, cast, service, ticket):
    other = as_.other_rep
    assert "printer" not in other.get("/tickets/queue").text
    assert other.get(f"/tickets/queue?ticket={ticket.id}").status_code == 404
    assert other.post(f"/tickets/{ticket.id}/claim").status_code == 404


def test_who_looks_at_the_queue_learns_that_it_has_changed(cast, ann, service, ticket):
    page = ann.get("/tickets/queue").text
    news = re.search(r'hx-sse:connect="/tickets/queue/stream([^"]+)"', page).group(1).replace("&amp;", "&")
    assert "has changed" not in ann.get(f"/tickets/queue/news{news}").text
    made(cast.rep, name="Another")
    db.session.commit()
    assert "has changed" in ann.get(f"/tickets/queue/news{news}").text


def test_next_and_previous_go_through_the_queue(cast, ann, service, ticket):
    second = made(cast.rep, name="Second")
    db.session.commit()
    page = ann.get(f"/tickets/queue?ticket={ticket.id}").text
    assert 'data-key="]"' in page and 'data-key="["' not in page
    assert f"ticket={second.id}" in page.partition('data-key="]"')[2][:200]


def test_whoever_answers_what_is_nobodys_takes_it(ann, service, ticket):
    back = f"/tickets/queue?ticket={ticket.id}"
    said = {"kind": "email", "public": "1", "body": "We are on it.", "status": "waiting", "back": back}
    answer = ann.post(f"/tickets/{ticket.id}/answers", data=said)
    assert (answer.status_code, answer.location) == (303, back)
    now = again(ticket.id)
    assert (now.owner_id, now.status) == (service.ann.id, "waiting")
    assert now.responded_at is not None and now.waits_at is None
    assert db.session.query(FollowUp).one().public
    assert "The customer has it" in ann.get(f"/tickets/{ticket.id}").text


def test_an_answer_by_mail_goes_to_the_contact_once(cast, ann, service):
    lin = contacts.create(cast.administrator.actor, {"name": "Lin", "email": "lin@example.org"})
    ticket = made(cast.rep, contact=lin)
    db.session.commit()
    said = {"kind": "email", "public": "1", "body": "We are on it.", "idempotency_key": "k" * 32}
    for _ in range(2):
        ann.post(f"/tickets/{ticket.id}/answers", data=said)
    (row,) = db.session.scalars(select(MailRow)).all()
    assert (row.address, row.made_of["text"]) == ("lin@example.org", "We are on it.")
    assert row.made_of["subject"] == f"[{ticket.number}] The printer smokes"
    for kind, public in (("email", ""), ("call", "1")):
        ann.post(f"/tickets/{ticket.id}/answers", data={"kind": kind, "public": public, "body": "Between us."})
    assert len(db.session.scalars(select(MailRow)).all()) == 1


def test_a_note_stays_in_the_house_and_is_no_answer(ann, service, ticket):
    ann.post(f"/tickets/{ticket.id}/answers", data={"kind": "note", "public": "", "body": "Strange customer."})
    now = again(ticket.id)
    assert (now.owner_id, now.status, now.responded_at) == (None, "new", None)
    assert not db.session.query(FollowUp).one().public


def test_what_is_wrong_with_an_answer_is_said_and_kept(ann, service, ticket):
    answer = ann.post(
        f"/tickets/{ticket.id}/answers", data={"kind": "note", "public": "", "body": "", "status": "open"}
    )
    assert answer.status_code == 422
    assert db.session.query(FollowUp).count() == 0
    assert ann.post(f"/tickets/{ticket.id}/answers", data={"body": "x", "status": "sold"}).status_code == 400


def test_sales_may_say_something_and_decide_nothing(as_, cast, service, ticket):
    sam = as_.rep
    said = {"kind": "note", "public": "1", "body": "He is angry.", "status": "solved"}
    answer = sam.post(f"/tickets/{ticket.id}/answers", data=said)
    now = again(ticket.id)
    assert now.status == "new" and now.owner_id is None, answer.status_code
    assert sam.post(f"/tickets/{ticket.id}/status", data={"status": "solved"}).status_code == 409


def test_a_macro_puts_its_words_into_the_composer(cast, ann, service, ticket):
    given = {"name": "Thanks", "body": {"en": "Dear {{contact}}, about {{number}}: {{agent}}"}, "status": "waiting"}
    macro = save_macro(cast.administrator.actor, None, given | {"public": True})
    db.session.commit()
    page = ann.post(f"/tickets/{ticket.id}/macro", data={"macro": macro.id, "body": "Hello", "public": ""}).text
    assert f"Hello\nDear , about {ticket.number}: Ann Service" in page
    assert '<option value="waiting" selected' in page
    assert db.session.query(FollowUp).count() == 0


def test_claiming_watching_and_handing_over(cast, ann, service, ticket):
    db.session.add(TicketTeam(department_id=cast.manager.department_id, way="claim", people=[], position=2))
    db.session.commit()
    ann.post(f"/tickets/{ticket.id}/watching", data={"watch": "1"})
    assert db.session.query(TicketWatcher).one().person_id == service.ann.id
    ann.post(f"/tickets/{ticket.id}/watching", data={"watch": "0"})
    assert db.session.query(TicketWatcher).count() == 0
    ann.post(f"/tickets/{ticket.id}/claim")
    assert again(ticket.id).owner_id == service.ann.id
    moved = ann.post(f"/tickets/{ticket.id}/team", data={"team": cast.manager.department_id})
    assert moved.location == "/tickets/queue"  # she may not see it any more
    assert again(ticket.id).department_id == cast.manager.department_id


def test_what_is_part_of_it_is_solved_along_where_that_is_wanted(cast, ann, service, ticket):
    done = {"status": "closed", "part_of": ticket.id}
    actions.create_many(cast.administrator.actor, [{"name": f"Done {n}"} | done for n in range(26)])
    part = made(service.ann, name="The cable", part_of=ticket.id)
    db.session.commit()
    assert "the 1 that are part of it" in ann.get(f"/tickets/{ticket.id}").text
    ann.post(f"/tickets/{ticket.id}/status", data={"status": "solved", "parts": "1"})
    assert {again(each).status for each in (ticket.id, part.id)} == {"solved"}
    actions.change(cast.administrator.actor, again(part.id), {"status": "open"})
