"""Asking customers whether they are content: once a closing, by a link or by mail, and what follows from the answer."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from crm.domain.contacts import actions as contacts
from crm.domain.duplicates.merging import merge
from crm.domain.mail.models import MailRow
from crm.domain.modules.actions import switch_module
from crm.domain.notifications.models import Notification
from crm.domain.notifications.queries import notifications
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.queries import ready_made
from crm.domain.satisfaction import report
from crm.domain.satisfaction.answering import answer, asked
from crm.domain.satisfaction.asking import make_link, survey_of
from crm.domain.satisfaction.models import Survey
from crm.domain.satisfaction.rules import Rules, change_rules, rules
from crm.domain.tickets import actions
from crm.domain.tickets.record_type import TICKET
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import FieldRight, Reach, unscoped
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event
from crm.kernel.permissions import Permission
from tests.domain.tickets.conftest import again, made, service

__all__ = ["service"]


def closed(person, **values):
    ticket = made(person, owner=person.id, **values)
    actions.change(person.actor, ticket, {"status": "solved"})
    return again(ticket.id)


def told(kind="low_rating"):
    return set(db.session.scalars(select(Notification.person_id).where(Notification.kind == kind)))


def test_a_link_is_good_once_and_a_new_one_ends_the_one_before(service):
    open_ = made(service.ann, owner=service.ann.id)
    with pytest.raises(RuleBroken):  # it is not solved
        make_link(service.ann.actor, open_)
    ticket = closed(service.ann)
    first = make_link(service.ann.actor, ticket)
    second = make_link(service.ann.actor, ticket)
    assert asked(first) is None and asked("nothing") is None
    assert (asked(second).number, asked(second).answered) == (ticket.number, False)
    assert first not in str(vars(survey_of(ticket))) and second not in str(vars(survey_of(ticket)))
    with pytest.raises(Invalid):
        answer(second, 6, "")
    with pytest.raises(Invalid):
        answer(second, 5, "x" * 2001)
    assert answer(second, 5, " Quick!\n") and answer(second, 5, "Quick!")  # the same said again is one
    with pytest.raises(RuleBroken):
        answer(second, 1, "")
    assert asked(second).answered
    with pytest.raises(RuleBroken):  # it has been answered
        make_link(service.ann.actor, again(ticket.id))
    assert not answer(first, 5, "")
    ticket = again(ticket.id)
    assert (ticket.rating, ticket.rating_comment) == (5, "Quick!")
    noted = db.session.scalars(select(Event).where(Event.name == "satisfaction.rated")).one()
    assert (noted.actor_id, noted.subject_id) == (None, ticket.id)
    assert noted.payload["changes"] == {"rating": [None, 5], "rating_comment": [None, "Quick!"]}


def test_only_who_may_work_on_it_makes_a_link(service, cast):
    ticket = closed(service.ann)
    with pytest.raises(RuleBroken):
        make_link(cast.auditor.actor, ticket)


def test_a_link_runs_out_and_goes_with_its_ticket(service, cast):
    change_rules(cast.administrator.actor, Rules(days=7))
    ticket = closed(service.ann)
    token = make_link(service.ann.actor, ticket)
    with clock.frozen(clock.now() + dt.timedelta(days=6)):
        assert asked(token)
    with clock.frozen(clock.now() + dt.timedelta(days=8)):
        assert asked(token) is None and not answer(token, 5, "")
    actions.delete(service.ann.actor, again(ticket.id))
    assert asked(token) is None and not answer(token, 5, "")


def test_where_tickets_are_switched_off_no_link_leads_to_one(service, cast):
    token = make_link(service.ann.actor, closed(service.ann))
    switch_module(cast.administrator.actor, "tickets", everyone=False)
    assert asked(token) is None and not answer(token, 1, "")
    switch_module(cast.administrator.actor, "tickets", everyone=True)
    assert answer(token, 1, "")


def test_each_closing_is_asked_about_and_belongs_to_whoever_solved_it(service, cast):
    ticket = closed(service.ann)
    answer(make_link(service.ann.actor, ticket), 2, "")
    with clock.frozen(clock.now() + dt.timedelta(minutes=1)):
        actions.change(cast.administrator.actor, again(ticket.id), {"status": "open", "owner": service.bob.id})
        actions.change(service.bob.actor, again(ticket.id), {"status": "solved"})
        actions.change(cast.administrator.actor, again(ticket.id), {"owner": service.ann.id})
        answer(make_link(service.ann.actor, again(ticket.id)), 5, "")
    assert again(ticket.id).rating == 5  # what was said last
    said = db.session.execute(select(Survey.agent_id, Survey.rating).order_by(Survey.id)).all()
    assert said == [(service.ann.id, 2), (service.bob.id, 5)]


def test_what_was_solved_when_it_was_written_down_is_asked_about_once(service):
    ticket = made(service.ann, owner=service.ann.id, status="solved")
    first, second = make_link(service.ann.actor, ticket), make_link(service.ann.actor, ticket)
    assert asked(first) is None and survey_of(ticket).agent_id == service.ann.id
    answer(second, 4, "")
    with pytest.raises(RuleBroken):
        make_link(service.ann.actor, again(ticket.id))


def test_a_low_rating_is_told_to_the_owner_and_the_head_of_the_team(service, cast):
    service.department.head_id = service.bob.id
    ticket = closed(service.ann)
    answer(make_link(service.ann.actor, ticket), 3, "")
    assert told() == set()
    answer(make_link(service.ann.actor, closed(service.ann, name="Another")), 2, "")
    assert told() == {service.ann.id, service.bob.id}


def test_who_may_not_read_ratings_is_told_nothing(service, cast):
    role = ready_made("service_agent")
    hidden = {**role.fields, "tickets": {"rating": FieldRight.HIDDEN}}
    reach = {Permission(key): Reach[name] for key, name in role.reach.items()}
    answer(make_link(service.ann.actor, closed(service.ann, name="Before")), 1, "")
    before = notifications(service.ann.actor)
    granting.change_role(SYSTEM, role, name="", reach=reach, fields=hidden)
    db.session.flush()
    answer(make_link(service.ann.actor, closed(service.ann)), 1, "")
    alerts = select(func.count()).where(Notification.kind == "low_rating")
    assert db.session.scalar(alerts) == 1 and not report.may_read(service.ann.actor)
    left = notifications(service.ann.actor).told
    assert "low_rating" in {each.notification.kind for each in before.told}
    assert "low_rating" not in {each.notification.kind for each in left}


def test_contacts_are_asked_by_mail_where_that_is_wanted_and_once_a_closing(service, cast):
    contact = contacts.create(cast.administrator.actor, {"name": "Li Lei", "email": "li@example.com"})
    mute = contacts.create(cast.administrator.actor, {"name": "Nobody's"})
    closed(service.ann, contact=contact)
    assert db.session.scalar(select(func.count(MailRow.id))) == 0
    change_rules(cast.administrator.actor, replace(rules(), mails=True))
    ticket = closed(service.ann, contact=contact)
    closed(service.ann, contact=mute)
    actions.change(service.ann.actor, ticket, {"status": "closed"})  # the same closing
    mail = db.session.scalars(select(MailRow)).one()
    assert (mail.address, mail.by_id) == ("li@example.com", service.ann.id)
    assert asked(mail.made_of["token"]).number == ticket.number and survey_of(again(ticket.id)).mailed
    with pytest.raises(Invalid):
        change_rules(cast.administrator.actor, Rules(days=0))
    with pytest.raises(Invalid):
        change_rules(cast.administrator.actor, Rules(low=5))


def test_the_report_counts_what_its_reader_may_see(service, cast):
    for person, rating, name in ((service.ann, 5, "a"), (service.ann, 2, "b"), (service.bob, 4, "c")):
        answer(make_link(person.actor, closed(person, name=name)), rating, f"Said of {name}")
    make_link(service.ann.actor, closed(service.ann, name="d"))
    lines = {each.key: each for each in report.lines(service.ann.actor, report.AGENT, None)}
    ann = lines[service.ann.id]
    assert (ann.asked, ann.answered, ann.mean, ann.share) == (3, 2, 3.5, 0.5)
    assert (lines[service.bob.id].mean, lines[service.bob.id].share) == (4, 1)
    (of_none,) = report.lines(service.ann.actor, report.CATEGORY, None)
    (month,) = report.lines(service.ann.actor, report.MONTH, None)
    assert of_none.key is None and month.key == clock.today("Asia/Shanghai").isoformat()[:7]
    assert report.total(service.ann.actor, None).answered == of_none.answered == month.answered == 3
    assert report.lines(cast.rep.actor, report.AGENT, None) == []
    assert report.lines(service.ann.actor, report.AGENT, clock.now() + dt.timedelta(days=1)) == []
    found = report.answers(service.ann.actor, None, report.AGENT, service.ann.id)
    assert [survey.comment for survey, _ in found] == ["Said of b", "Said of a"]
    newest = found[0][0]
    rest = report.answers(service.ann.actor, None, report.AGENT, service.ann.id, (newest.answered_at, newest.id))
    assert [survey.comment for survey, _ in rest] == ["Said of a"]
    assert report.answers(cast.rep.actor, None) == []


def test_two_tickets_that_become_one_have_the_answers_of_both(service, cast):
    """But for those of one moment, of which each stays with its own."""
    with clock.frozen(clock.now()):
        one, two = (made(service.ann, owner=service.ann.id, status="solved", name=name) for name in ("a", "b"))
        links = [make_link(service.ann.actor, each) for each in (one, two)]
    later = made(service.ann, owner=service.ann.id, status="solved", name="c")
    links.append(make_link(service.ann.actor, later))
    for gone in (two, later):
        with unscoped("a test looks at everything"):
            merge(cast.administrator.actor, TICKET, again(one.id), again(gone.id))
    assert [asked(each) is not None for each in links] == [True, False, True]
    assert asked(links[2]).number == one.number
    answer(links[2], 4, "")
    assert again(one.id).rating == 4


def test_purging_a_ticket_takes_its_surveys_along(service, cast):
    ticket = closed(service.ann)
    make_link(service.ann.actor, ticket)
    actions.delete(cast.administrator.actor, ticket)
    with unscoped("a test looks at everything"):
        actions.purge(cast.administrator.actor, again(ticket.id))
    assert db.session.scalar(select(func.count(Survey.id))) == 0
