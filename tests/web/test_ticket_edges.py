"""The queue and a ticket's page where something is amiss: it is gone, a field is hidden, nonsense comes."""

import io
import re

import pytest

from crm.domain.contacts import actions as contacts
from crm.domain.customers import actions as customers
from crm.domain.people import granting
from crm.domain.tickets import actions
from crm.domain.tickets.macros import save_macro
from crm.domain.tickets.models import TicketTeam
from crm.infra.db import db
from crm.kernel.access import FieldRight, Reach
from crm.kernel.permissions import Permission
from tests.cast import sign_in
from tests.domain.tickets.conftest import again, made, service
from tests.web.conftest import Browser

__all__ = ["service"]
SYSTEM = granting.Actor(None)


@pytest.fixture
def ann(app, service, as_):
    db.session.commit()
    return Browser(sign_in(app.test_client(), service.ann))


@pytest.fixture
def ticket(cast, service):
    acme = customers.create(cast.administrator.actor, {"name": "Acme"})
    made_ = made(cast.rep, name="The printer smokes", customer=acme)
    made(cast.rep, name="The cable is short", customer=acme)
    db.session.commit()
    return made_


@pytest.fixture
def olga(as_, cast):
    """She may do everything; the right to some fields of tickets is given to her by what this is called with."""
    role = granting.create_role(SYSTEM, name="Curious")
    granting.give_roles(SYSTEM, cast.outsider, [role])

    def kept_from(right, *keys, edits=Reach.ALL):
        fields = {"tickets": dict.fromkeys(keys, right)}
        reach = {each: Reach.ALL for each in Permission} | {Permission.TICKETS_EDIT: edits}
        granting.change_role(SYSTEM, role, name="", reach=reach, fields=fields)
        db.session.commit()
        return as_.outsider

    return kept_from


def test_what_was_handed_over_from_the_queue_leaves_the_queue_there(cast, ann, service, ticket):
    db.session.add(TicketTeam(department_id=cast.manager.department_id, way="claim", people=[], position=2))
    db.session.commit()
    back = f"/tickets/queue?ticket={ticket.id}"
    ann.post(f"/tickets/{ticket.id}/claim")
    moved = ann.post(f"/tickets/{ticket.id}/team", data={"team": cast.manager.department_id, "back": back})
    page = ann.get(moved.location)
    assert page.status_code == 200 and "The cable is short" in page.text
    assert "The printer smokes" not in page.text


def test_the_queue_tells_nothing_of_fields_that_are_hidden(cast, service, ticket, olga):
    actions.change(cast.administrator.actor, ticket, {"owner": service.bob.id, "priority": "urgent"})
    db.session.commit()
    at = f"/tickets/queue?team={service.department.id}"
    hidden = ("owner", "customer", "contact", "opened", "status", "priority", "waits")
    seen = olga(FieldRight.WRITE).get(f"{at}&ticket={again(ticket.id).id}").text
    assert "Bob Service" in seen and "Acme" in seen and 'id="beside"' in seen and "show=waiting" in seen
    kept = olga(FieldRight.HIDDEN, *hidden).get(f"{at}&ticket={ticket.id}").text
    listed = kept.partition('id="queue-list"')[2].partition("</ol>")[0]
    assert "The printer smokes" in listed
    assert "Bob Service" not in listed and "Acme" not in kept and 'id="beside"' not in kept
    assert "show=waiting" not in kept and "show=mine" not in listed
    assert not re.search(r"\d{4}-\d\d-\d\d|\d+/\d+/\d{2,4}|\w{3} \d+, \d{4}", listed)
    paused = made(cast.rep, name="It rests")
    actions.change(cast.administrator.actor, paused, {"status": "waiting"})
    db.session.commit()
    assert "It rests" not in olga(FieldRight.HIDDEN, *hidden).get(f"{at}&show=waiting").text


def test_what_may_not_be_chosen_is_not_offered(as_, ticket, olga):
    assert 'id="then-status"' not in olga(FieldRight.READ, "status").get(f"/tickets/{ticket.id}").text
    says = olga(FieldRight.WRITE, edits=Reach.OWN)
    page = says.get(f"/tickets/{ticket.id}").text
    assert 'id="composer"' in page and 'id="public-yes"' not in page and 'id="public-no"' not in page
    assert "/claim" not in page and "/claim" not in as_.rep.get(f"/tickets/{ticket.id}").text
    said = says.post(f"/tickets/{ticket.id}/answers", data={"kind": "email", "public": "1", "body": "He is angry."})
    assert said.status_code == 303
    page = says.get(f"/tickets/{ticket.id}").text
    assert "The note is saved." in page and "The customer has it" not in page


def test_nonsense_is_no_accident(ann, ticket):
    huge = "9" * 30
    assert ann.post(f"/tickets/{ticket.id}/team", data={"team": huge}).status_code in (409, 422)
    assert ann.post(f"/tickets/{ticket.id}/macro", data={"macro": huge, "body": "Hello"}).status_code == 200
    assert ann.get(f"/tickets/queue?after=2026-11-26T00:00:00_{huge}").status_code == 200
    assert ann.get("/tickets/queue?after=0001-01-01T00:00:00+14:00_1").status_code == 200


def test_a_macro_sets_every_status_it_may_name(cast, ann, ticket):
    macro = save_macro(cast.administrator.actor, None, {"name": "Done", "body": {"en": "Bye."}, "status": "closed"})
    db.session.commit()
    page = ann.post(f"/tickets/{ticket.id}/macro", data={"macro": macro.id, "body": "", "public": ""}).text
    assert '<option value="closed" selected' in page


def test_whoever_mails_an_answer_is_told_that_its_files_stay_here(cast, ann, service):
    lin = contacts.create(cast.administrator.actor, {"name": "Lin", "email": "lin@example.org"})
    ticket = made(cast.rep, contact=lin)
    db.session.commit()
    said = {"kind": "email", "public": "1", "body": "See there.", "files": (io.BytesIO(b"words"), "words.txt")}
    ann.post(f"/tickets/{ticket.id}/answers", data=said, content_type="multipart/form-data")
    assert "The files are kept here and are not sent along." in ann.get(f"/tickets/{ticket.id}").text


def test_whoever_sees_the_task_of_sales_but_not_its_ticket_reads_nothing_of_it(as_, cast, service):
    acme = customers.create(cast.rep.actor, {"name": "Acme"})
    kept = again(made(service.ann, name="Their boss drinks", customer=acme, needs_sales=True).id)
    db.session.commit()
    assert as_.manager.get(f"/tickets/{kept.id}").status_code == 404
    page = as_.manager.get(f"/tasks/{kept.sales_task_id}").text
    assert kept.number in page  # which one it is, whoever may see it can look up
    assert "Their boss drinks" in as_.rep.get(f"/tasks/{kept.sales_task_id}").text  # what it is about
    places = ("/tasks/", "/tasks/calendar", f"/customers/{acme}", "/notifications/", "/search/?q=boss", "/home/")
    answers = [as_.manager.get(place) for place in places]
    assert {each.status_code for each in answers} == {200}
    assert all("boss drinks" not in each for each in (page, *(each.text for each in answers)))
