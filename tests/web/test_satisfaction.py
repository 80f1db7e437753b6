"""The page by which customers answer, seen by whoever has its link, and what agents and administrators see."""

import datetime as dt
import re

import pytest
import structlog
from sqlalchemy import select

from crm.domain.contacts import actions as contacts
from crm.domain.mail.models import MailRow
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.queries import ready_made
from crm.domain.satisfaction.answering import answer
from crm.domain.satisfaction.asking import OfSurvey, make_link
from crm.domain.satisfaction.rules import Rules, change_rules, rules
from crm.domain.tickets import actions
from crm.domain.tickets.models import Ticket
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import FieldRight, Reach, unscoped
from crm.kernel.permissions import Permission
from crm.web.assets import shelf
from crm.web.outgoing import outgoing
from crm.web.survey_letter import survey_letter

SECRET = "Quellwort about a colleague"
KB = 1024


def text_of(answer):
    return answer.get_data(as_text=True)


@pytest.fixture
def solved(cast):
    """A ticket of the administrator's, solved; whose subject is nobody else's business."""
    contact = contacts.create(cast.administrator.actor, {"name": "Li Geheim", "email": "li@geheim.example"})
    values = {"name": SECRET, "description": "Verschwiegen", "contact": contact, "owner": cast.administrator.id}
    id_ = actions.create(cast.administrator.actor, values)
    with unscoped("a test looks at everything"):
        ticket = db.session.get_one(Ticket, id_)
    actions.change(cast.administrator.actor, ticket, {"status": "solved"})
    db.session.commit()
    return ticket


@pytest.fixture
def link(cast, solved):
    token = make_link(cast.administrator.actor, solved)
    db.session.commit()
    return f"/s/{token}"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_page_is_three_kilobytes_and_tells_nothing_else(app, link, solved, language):
    page = app.test_client().get(link, headers={"Accept-Language": language})
    words = text_of(page)
    style = shelf().assets["s.css"]
    assert style.url in words and "<script" not in words and "style=" not in words
    assert len(page.data) + len(style.body) <= 3 * KB
    assert "Set-Cookie" not in page.headers and page.headers["Cache-Control"] == "no-store"
    assert solved.number in words and f'lang="{language}"' in words
    for secret in (SECRET, "Quellwort", "Verschwiegen", "Geheim", "geheim", "Ada", "Admin", f"/tickets/{solved.id}"):
        assert secret not in words


def test_it_is_answered_once_without_a_cookie_or_a_token_of_ours(app, link, solved):
    app.config["WTF_CSRF_ENABLED"] = True
    visitor = app.test_client()
    empty = visitor.post(link, data={"comment": "kept"})
    assert empty.status_code == 422 and ">kept</textarea>" in text_of(empty)
    said = {"rating": "2", "comment": "Slow <b>"}
    sent = visitor.post(f"{link}?lang=zh_CN", data=said | {"lang": "zh_CN"})
    assert (sent.status_code, sent.location) == (303, f"{link}?lang=zh_CN") and "Set-Cookie" not in sent.headers
    thanks = visitor.get(sent.location)
    assert thanks.status_code == 200 and "Slow" not in text_of(thanks) and "rating" not in text_of(thanks)
    assert visitor.post(link, data=said).status_code == 303  # the same, sent twice
    other = visitor.post(link, data={"rating": "5"})
    assert other.status_code == 409 and "what was said then stays" in text_of(other)
    db.session.refresh(solved)
    assert (solved.rating, solved.rating_comment) == (2, "Slow <b>")


def test_no_log_has_the_link(app, link):
    with structlog.testing.capture_logs() as lines:
        app.test_client().get(link)
        app.test_client().post(link, data={"rating": "5"})
    told = [each for each in lines if each["event"] == "request"]
    assert [each["path"] for each in told] == ["/s/<token>"] * 2 and link not in str(lines)


def test_what_is_no_link_looks_like_one_that_has_run_out(app, cast, link, solved):
    make_link(cast.administrator.actor, solved)
    db.session.commit()
    visitor = app.test_client()
    ended, never = visitor.get(link), visitor.get("/s/nothing")
    assert (ended.status_code, never.status_code) == (404, 404) and text_of(ended) == text_of(never)
    ended, never = visitor.post(link, data={"rating": "5"}), visitor.post("/s/nothing", data={"rating": "5"})
    assert (ended.status_code, never.status_code) == (404, 404) and text_of(ended) == text_of(never)


def test_an_agent_makes_a_link_that_is_shown_once(as_, solved):
    page = text_of(as_.administrator.get(f"/tickets/{solved.id}"))
    assert "has not been asked yet" in page and f'action="/tickets/{solved.id}/satisfaction"' in page
    made = text_of(as_.administrator.post(f"/tickets/{solved.id}/satisfaction"))
    link = re.search(r'value="http://localhost(/s/[^"]+)"', made).group(1)
    assert as_.stranger.get(link).status_code == 200
    page = text_of(as_.administrator.get(f"/tickets/{solved.id}"))
    assert "A link was made" in page and "/s/" not in page
    assert as_.other_rep.post(f"/tickets/{solved.id}/satisfaction").status_code in (403, 404)
    assert as_.auditor.post(f"/tickets/{solved.id}/satisfaction").status_code == 403


def test_the_report_leads_to_what_was_said_and_stays_light(as_, cast, link, solved):
    answer(link.removeprefix("/s/"), 4, "Nice <b>people</b>")
    db.session.commit()
    page = as_.administrator.get("/tickets/satisfaction", headers={"Accept-Encoding": "br"})
    assert len(page.data) <= 8 * KB
    page = text_of(as_.administrator.get("/tickets/satisfaction"))
    places = re.findall(r'href="(/tickets/satisfaction/answers[^"]*)"', page)
    assert len(places) == 4  # all, the agent, no category, the month
    for place in places:
        said = text_of(as_.administrator.get(place.replace("&amp;", "&")))
        assert "Nice &lt;b&gt;people" in said and SECRET in said and "Ada Admin" in said
    for odd in ("?by=agent&key=x", "?by=month&key=1", "?before=x", "?by=agent&key=none", "?months=7"):
        assert as_.administrator.get(f"/tickets/satisfaction/answers{odd}").status_code == 200
    assert "Nice" not in text_of(as_.outsider.get("/tickets/satisfaction/answers"))


def test_what_a_role_may_not_read_is_not_in_the_report(as_, cast, link, solved):
    answer(link.removeprefix("/s/"), 4, "Nice people")
    place = "/tickets/satisfaction/answers"
    assert "Nice people" in text_of(as_.auditor.get(place))
    for fields, shown in (({"rating_comment": FieldRight.HIDDEN}, 200), ({"rating": FieldRight.MASKED}, 404)):
        role = ready_made("auditor")
        reach = {Permission(key): Reach[name] for key, name in role.reach.items()}
        granting.change_role(SYSTEM, role, name="", reach=reach, fields={"tickets": fields})
        db.session.commit()
        page = as_.auditor.get(place)
        assert page.status_code == as_.auditor.get("/tickets/satisfaction").status_code == shown
        assert "Nice people" not in text_of(page)


def test_administrators_say_whether_and_how_customers_are_asked(as_):
    assert text_of(as_.administrator.get("/admin/satisfaction")).count('value="30"') == 1
    wrong = as_.administrator.post("/admin/satisfaction", {"days": "0", "low": "2"})
    assert wrong.status_code == 422 and "A link is good for 1 to 365 days." in text_of(wrong)
    assert as_.administrator.post("/admin/satisfaction", {"mails": "1", "days": "14", "low": "3"}).status_code == 303
    assert rules() == Rules(True, 14, 3)
    assert as_.manager.post("/admin/satisfaction", {"days": "1", "low": "1"}).status_code == 403


def test_the_mail_says_it_in_both_languages_and_not_in_vain(app, cast, solved):
    change_rules(cast.administrator.actor, Rules(mails=True))
    actions.change(cast.administrator.actor, solved, {"status": "open"})
    actions.change(cast.administrator.actor, solved, {"status": "solved"})
    row = db.session.scalars(select(MailRow).where(MailRow.address == "li@geheim.example")).one()
    mail = outgoing(row)
    link = f"/s/{row.made_of['token']}"
    assert mail.to == "li@geheim.example" and solved.number in mail.subject and SECRET not in mail.text
    assert f"{link}?lang=en" in mail.text and f"{link}?lang=zh_CN" in mail.text and f"{link}?lang=en" in mail.html
    answer(row.made_of["token"], 5, "")
    assert type(outgoing(row)).__name__ == "Withheld"


def test_days_are_those_of_the_company(app, cast):
    """Solved in the small hours of Shanghai, which were the day before in UTC: on the page, in the mail and here."""
    with clock.frozen(dt.datetime(2026, 11, 4, 18, 30, tzinfo=dt.UTC)):
        id_ = actions.create(cast.administrator.actor, {"name": "Printer", "status": "solved"})
        with unscoped("a test looks at everything"):
            token = make_link(cast.administrator.actor, db.session.get_one(Ticket, id_))
        db.session.commit()
        letter = survey_letter(cast.administrator.actor, "en", OfSurvey(token))
        assert "on Nov 5, 2026" in text_of(app.test_client().get(f"/s/{token}?lang=en"))
    assert "on Nov 5, 2026" in letter.text and "until Dec 5, 2026" in letter.text
