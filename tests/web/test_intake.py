"""Public forms as visitors, robots and administrators meet them."""

import datetime as dt
import html
import itertools
import re
from io import BytesIO

import pytest
from sqlalchemy import func, select

from crm.domain.contacts import actions as contacts
from crm.domain.intake import proof
from crm.domain.intake.forming import save_form
from crm.domain.intake.models import IntakeEntry, IntakeForm, IntakeProof
from crm.domain.leads import actions as leads
from crm.domain.leads.models import Lead
from crm.domain.tickets.models import Ticket
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.web.assets import shelf
from crm.web.throttle import PER_VISITOR
from tests.domain.intake.conftest import wanted

_ADDRESSES = (f"198.51.100.{each}" for each in itertools.count(1))
SITE = "https://www.example.com"
LATER = dt.timedelta(seconds=5)  # after the page was opened


def text_of(answer):
    return answer.get_data(as_text=True)


@pytest.fixture
def form(cast):
    def made(kind="leads", **more):
        saved = save_form(cast.administrator.actor, None, wanted(kind, **more))
        db.session.commit()
        return saved

    return made


@pytest.fixture
def visitor(app):
    """A browser at an address of its own, as each address may send so much."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = next(_ADDRESSES)
    app.config["WTF_CSRF_ENABLED"] = True
    return client


def opened(page):
    return re.search(r'name="opened" value="([^"]+)"', text_of(page)).group(1)


def fill(visitor, address, *, solve=False, headers=None, **texts):
    """What a person does: open it, type, send."""
    ticket = opened(visitor.get(address))
    given = {"opened": ticket} | texts
    if solve:
        given["proof"] = next(str(each) for each in itertools.count() if proof.is_solved(ticket, str(each)))
    with clock.frozen(clock.now() + LATER):
        return visitor.post(address, data=given, headers=headers or {"Origin": "http://localhost"})


def entry():
    return db.session.scalars(select(IntakeEntry).order_by(IntakeEntry.id.desc()).limit(1)).one()


def counted(entity):
    with unscoped("a test looks at everything"):
        return db.session.scalar(select(func.count(entity.id)))


def test_a_visitor_writes_and_gets_a_number(visitor, form):
    agree, intro = {"en": "I agree & understand", "zh_CN": "我同意"}, {"en": "Tell us", "zh_CN": "请告诉我们"}
    form("tickets", consent=agree, intro=intro)
    for language, words in (("en", "I agree &amp; understand"), ("zh-CN", "请告诉我们")):
        page = visitor.get("/f/ask-tickets", headers={"Accept-Language": language})
        assert words in text_of(page) and f'lang="{language}"' in text_of(page) and "<script" not in text_of(page)
        assert "Set-Cookie" not in page.headers and len(page.data) + len(shelf().assets["f.css"].body) < 6 * 1024
    said = {"name": "Printer", "sender_email": "li@example.com", "description": "It smokes\r\nmuch", "lang": "zh_CN"}
    wrong = fill(visitor, "/f/ask-tickets", **(said | {"sender_email": "li@"}))
    assert wrong.status_code == 422 and 'aria-invalid="true"' in text_of(wrong) and 'value="li@"' in text_of(wrong)
    assert "It smokes" in text_of(wrong) and "请先勾选同意" in text_of(wrong)
    assert counted(IntakeEntry) == 0
    sent = fill(visitor, "/f/ask-tickets", consent="1", **said)
    assert sent.status_code == 303 and sent.location.endswith("lang=zh_CN") and "Set-Cookie" not in sent.headers
    kept = entry()
    assert (kept.outcome, kept.consent_version, kept.language, kept.suspicion) == ("made", 1, "zh_CN", None)
    assert kept.reference in text_of(visitor.get(sent.location))
    assert visitor.get("/f/ask-tickets/thanks/not-a-number").status_code == 404
    with unscoped("a test looks at everything"):
        ticket = db.session.get_one(Ticket, kept.record_id)
    assert ticket.description.startswith("It smokes\nmuch\n\n") and kept.reference in ticket.description


def test_nothing_tells_what_is_there_already(visitor, form, cast):
    form(proof=False)
    form("tickets")
    there = {"name": "Zhang", "email": "zhang@geheim.example", "phone": "+8613800138765"}
    leads.create(cast.rep.actor, there)
    contacts.create(cast.rep.actor, there | {"name": "Zhang Geheimwort"})
    db.session.commit()
    known = fill(visitor, "/f/ask-leads", name="Z", email="zhang@geheim.example")
    assert entry().outcome == "attached"
    unknown = fill(visitor, "/f/ask-leads", name="Z", email="nobody@geheim.example")
    assert entry().outcome == "made"
    shape = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")
    assert shape.sub("", known.location) == shape.sub("", unknown.location)
    pages = [shape.sub("", text_of(visitor.get(each.location))) for each in (known, unknown)]
    assert pages[0] == pages[1] and "Geheimwort" not in pages[0] and "LEAD" not in pages[0]
    sent = fill(visitor, "/f/ask-tickets", name="Help", sender_phone="138 0013 8765")
    assert sent.status_code == 303 and (entry().outcome, entry().record_type) == ("made", "tickets")
    assert "Phone: 138 0013 8765\n" in entry().account
    held = fill(visitor, "/f/ask-tickets", name="Help!", homepage="http://spam.example")
    assert entry().outcome == "held" and shape.sub("", text_of(visitor.get(held.location))).count("Zhang") == 0


def test_what_is_odd_is_held_and_looks_like_any_other(visitor, form):
    form(proof=False)
    trap = fill(visitor, "/f/ask-leads", name="Robot", email="r@example.com", homepage="http://spam.example")
    assert trap.status_code == 303 and (entry().outcome, entry().suspicion) == ("held", "trap")
    visitor.post("/f/ask-leads", data={"name": "Robot 2", "email": "r@example.com"})
    assert entry().suspicion == "no_page"
    ticket = opened(visitor.get("/f/ask-leads"))
    visitor.post("/f/ask-leads", data={"name": "Robot 3", "opened": ticket})
    assert entry().suspicion == "quick"
    with clock.frozen(clock.now() + LATER):
        visitor.post("/f/ask-leads", data={"name": "Robot 4", "opened": ticket + "x"})
    assert entry().suspicion == "no_page" and counted(Lead) == 0
    with clock.frozen(clock.now() + dt.timedelta(hours=25)):
        old = visitor.post("/f/ask-leads", data={"name": "Slow", "opened": ticket})
    assert old.status_code == 422 and 'value="Slow"' in text_of(old) and counted(IntakeEntry) == 4


def test_work_is_asked_for_checked_and_good_once(visitor, form):
    form(proof=True)
    page = visitor.get("/f/ask-leads")
    assert shelf().url("proof.js") in text_of(page) and 'data-proof="14"' in text_of(page)
    fill(visitor, "/f/ask-leads", name="No script")
    assert (entry().outcome, entry().suspicion) == ("held", "no_proof")
    ticket = opened(page)
    nonce = next(str(each) for each in itertools.count() if proof.is_solved(ticket, str(each)))
    given = {"name": "Worked", "email": "a@example.com", "opened": ticket, "proof": nonce}
    visitor.post("/f/ask-leads", data=given)
    assert entry().outcome == "made" and db.session.scalar(select(func.count(IntakeProof.digest))) == 1
    visitor.post("/f/ask-leads", data=given)  # a second tap
    assert counted(IntakeEntry) == 2
    visitor.post("/f/ask-leads", data=given | {"name": "Again"})
    assert (entry().outcome, entry().suspicion) == ("held", "replayed") and counted(Lead) == 1


def test_a_form_on_a_site(as_, cast, visitor, form):
    made = form(proof=False, origins=[SITE], consent={"en": "I agree"})
    code = html.unescape(text_of(as_.administrator.get(f"/admin/intake/{made.id}/embed")))
    assert code.count('<form method="post" action="http://localhost/f/ask-leads">') == 2 and 'name="email"' in code
    said = {"name": "From a site", "email": "s@example.com", "consent": "1", "lang": "en"}
    sent = visitor.post("/f/ask-leads", data=said, headers={"Origin": SITE})
    assert sent.status_code == 303 and (entry().outcome, entry().origin) == ("made", SITE)
    for site in ("https://evil.example", "null", "http://www.example.com"):
        shown = visitor.post("/f/ask-leads", data=said | {"name": "Elsewhere"}, headers={"Origin": site})
        assert shown.status_code == 422 and 'value="Elsewhere"' in text_of(shown)
        assert "send it from here" in text_of(shown) and counted(IntakeEntry) == 1
    save = wanted(proof=False, origins=[SITE], consent={"en": "I agree, and more"})
    save_form(cast.administrator.actor, made, save)
    db.session.commit()
    old = visitor.post("/f/ask-leads", data=said | {"name": "Old words"}, headers={"Origin": SITE})
    assert old.status_code == 422 and "have changed meanwhile" in text_of(old) and "and more" in text_of(old)
    assert counted(IntakeEntry) == 1


def test_what_no_browser_sends_is_answered_with_sense(visitor, form):
    form(proof=False)
    for site in ("http://[", "//", "\x00"):
        odd = visitor.post("/f/ask-leads", data={"name": "Odd"}, headers={"Origin": site})
        assert odd.status_code == 422, site
    big = visitor.post("/f/ask-leads", data={"name": "Big", "file": (BytesIO(b"x" * 3_000_000), "a.bin")})
    assert big.status_code == 413


def test_so_often_and_no_more(visitor, form):
    form(proof=False)
    most = int(PER_VISITOR.split()[0])
    answers = [visitor.post("/f/ask-leads", data={"name": ""}).status_code for _ in range(most + 1)]
    assert answers == [422] * most + [429]
    refused = visitor.post("/f/ask-leads", data={"name": ""})
    assert "then try again" in text_of(refused) and int(refused.headers["Retry-After"]) > 0
    visitor.environ_base["REMOTE_ADDR"] = next(_ADDRESSES)
    assert visitor.post("/f/ask-leads", data={"name": ""}).status_code == 422


def test_a_form_that_is_off_is_not_there(visitor, form):
    form(active=False)
    assert visitor.get("/f/ask-leads").status_code == 404
    assert visitor.post("/f/ask-leads", data={"name": "x"}).status_code == 404


def test_an_administrator_makes_a_form_and_decides_what_is_held(as_, visitor):
    page = text_of(as_.administrator.get("/admin/intake/new?kind=leads"))
    assert 'name="ask" value="company"' in page and 'name="source"' in page
    given = {"kind": "leads", "key": "contact", "title-en": "Contact us", "ask": ["name", "email"], "must": ["name"]}
    wrong = as_.administrator.post("/admin/intake", given | {"key": "Contact us!", "source": "website"})
    assert wrong.status_code == 422 and 'value="Contact us!"' in text_of(wrong)
    sent = as_.administrator.post("/admin/intake", given | {"source": "website", "active": "1", "consent-en": "Yes"})
    assert sent.status_code == 303
    made = db.session.scalars(select(IntakeForm)).one()
    assert (made.key, made.preset, made.proof, made.active) == ("contact", {"source": "website"}, False, True)
    page = text_of(as_.administrator.get(sent.location))
    assert 'value="Contact us"' in page and re.search(r'name="must" value="name" checked', page)
    change = given | {"key": "contact", "active": "1", "version": "1"}
    assert as_.administrator.post(sent.location, change).status_code == 303
    second = as_.administrator.post(sent.location, change | {"title-en": "Write to us"})  # over what was there before
    assert second.status_code == 409 and 'name="version" value="2"' in text_of(second)
    assert "Somebody else has changed this" in text_of(second) and 'value="Write to us"' in text_of(second)
    db.session.refresh(made)
    assert made.title["en"] == "Contact us"
    fill(visitor, "/f/contact", name="<b>Held</b>", email="h@example.com", homepage="x")
    fill(visitor, "/f/contact", name="Bad", email="b@example.com", homepage="x")
    assert "Held: 2" in text_of(as_.administrator.get("/admin/intake"))
    entries = f"{sent.location}/entries?outcome=held"
    page = text_of(as_.administrator.get(entries))
    assert "&lt;b&gt;Held" in page and "people do not see" in page
    places = re.findall(r'action="(/admin/intake/entries/\d+/\w+)"', page)
    assert as_.administrator.post(places[0]).status_code == 303  # of the newest, which stands first
    assert as_.administrator.post(places[3]).status_code == 303
    assert as_.administrator.post(places[3]).status_code == 409
    assert "Nothing here" in text_of(as_.administrator.get(entries))
    fill(visitor, "/f/contact", name="More", email="m@example.com", homepage="x")
    thrown = re.search(r'action="(/admin/intake/\d+/discarding)"', text_of(as_.administrator.get(entries))).group(1)
    assert as_.administrator.post(thrown).status_code == 303 and entry().outcome == "discarded"
    assert "Ada Admin" in text_of(as_.administrator.get(f"{sent.location}/entries"))
    with unscoped("a test looks at everything"):
        assert db.session.scalars(select(Lead.name)).all() == ["Bad"]
    for who in ("manager", "auditor"):
        assert getattr(as_, who).get("/admin/intake").status_code == 403
        assert getattr(as_, who).post(places[0]).status_code == 403
