"""Strangers in a browser, with JavaScript and without: a form whose browser has to work first, and the question whether
they are content. axe finds nothing on any of these pages, in both languages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from crm.domain.intake.forming import Wanted, save_form
from crm.domain.intake.models import IntakeEntry, IntakeForm
from crm.domain.intake.taking import Sent, take
from crm.domain.leads.models import Lead
from crm.domain.satisfaction.asking import make_link
from crm.domain.tickets import actions as tickets
from crm.domain.tickets.models import Ticket
from crm.kernel.access import unscoped
from tests.e2e.system import Someone, System
from tests.e2e.test_axe import LANGUAGES, inspect
from tests.e2e.watch import Watch

PHONE = {"width": 360, "height": 740}


def visitor(open_context: Callable[..., BrowserContext], *, scripted: bool = True, locale: str = "en-GB") -> Page:
    touch = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    return open_context(scripted=scripted, locale=locale, **touch).new_page()


def form(system: System, admin: Someone) -> str:
    key = f"ask-{system.number}"
    with system.acting():
        save_form(
            admin.actor,
            None,
            Wanted(
                key,
                "leads",
                {"en": "Ask for a trial", "zh_CN": "申请试用"},
                {"en": "We answer within a day.", "zh_CN": "我们一天内答复。"},
                [("name", True), ("company", False), ("phone", False), ("email", True), ("remarks", False)],
                {"source": "website"},
                {"en": "You may keep what I write and answer me.", "zh_CN": "同意保存我填写的内容并与我联系。"},
            ),
        )
    return key


@pytest.fixture
def either_visitor(open_context: Callable[..., BrowserContext], scripted: bool) -> Page:
    return visitor(open_context, scripted=scripted)


def test_a_visitor_asks_and_a_browser_without_scripts_is_looked_at_first(
    system: System,
    admin: Someone,
    either_visitor: Page,
    open_context: Callable[..., BrowserContext],
    watch: Watch,
    scripted: bool,
) -> None:
    watch.expect(422)
    key, page, email = form(system, admin), either_visitor, f"chen{system.number}@example.com"
    phone = f"138{system.number:08}"  # whoever writes again by the same one has a lead already
    page.goto(f"/f/{key}")
    page.get_by_label("Your name").fill("陈志远")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Phone").fill("12")
    page.get_by_label("You may keep").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Phone")
    expect(page.get_by_label("Your name")).to_have_value("陈志远")
    if scripted:
        inspect(page, "en", "public form refused")
        page.set_viewport_size(PHONE)
    page.get_by_label("Phone").fill(phone)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    with system.acting() as session:
        kept = session.scalars(select(IntakeEntry).order_by(IntakeEntry.id.desc()).limit(1)).one()
        told = (kept.outcome, kept.suspicion, kept.consent_version)
        assert kept.reference in page.inner_text("main")
    assert told == (("made", None, 1) if scripted else ("held", "no_proof", 1))
    assert not page.context.cookies()
    desk = open_context(admin, scripted=scripted).new_page()
    desk.goto("/admin/intake")
    if not scripted:  # held for a person, who lets it in
        desk.get_by_role("listitem").filter(has_text=key).get_by_role("link", name="Held: 1").click()
        desk.get_by_role("button", name="Let in").click()
        expect(desk.locator("#messages")).to_contain_text("It is let in")
    with system.acting() as session, unscoped("a test looks at everything"):
        found = select(Lead.phone, Lead.source).where(Lead.email == email)
        assert session.execute(found).all() == [(f"+86{phone}", "website")]


def test_an_agent_copies_a_link_and_the_customer_answers(
    system: System, admin: Someone, either_visitor: Page, open_context: Callable[..., BrowserContext], scripted: bool
) -> None:
    with system.acting():
        values = {"name": f"Printer {system.number}", "status": "solved", "owner": admin.id}
        id_ = tickets.create(admin.actor, values)
    desk = open_context(admin, scripted=scripted).new_page()
    desk.goto(f"/tickets/{id_}")
    desk.get_by_role("button", name="Make a link for the customer").click()
    link = desk.get_by_label("The link").input_value()
    page = either_visitor
    page.goto(link.removeprefix(system.url))
    expect(page.get_by_role("heading", level=1)).to_have_text("How content are you?")
    page.get_by_text("Very bad").click()
    page.get_by_label("What would you like to tell us?").fill("Nobody called back")
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert not page.context.cookies()
    desk.goto(f"/tickets/{id_}")
    expect(desk.locator("#timeline-entries")).to_contain_text("Nobody called back")
    desk.get_by_role("link", name="How content customers are").click()
    desk.get_by_role("row").filter(has_text=admin.name).get_by_role("link").last.click()
    expect(desk.locator("main")).to_contain_text("Nobody called back")


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_pages_for_strangers_and_about_them(
    system: System, open_context: Callable[..., BrowserContext], watch: Watch, language: str
) -> None:
    watch.expect(404)
    admin = system.person("Ada 王", "administrator", language=language)
    key = form(system, admin)
    with system.acting() as session:
        id_ = tickets.create(admin.actor, {"name": f"打印机 {system.number}", "status": "solved", "owner": admin.id})
        with unscoped("a test looks at everything"):
            token = make_link(admin.actor, session.get_one(Ticket, id_))
    stranger = visitor(open_context, locale=LANGUAGES[language])
    for address in (f"/f/{key}", f"/f/{key}/thanks/ABCD-2345", f"/s/{token}", "/s/none"):
        stranger.goto(address)
        assert stranger.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        inspect(stranger, language, address)
        stranger.set_viewport_size(PHONE)
    desk = open_context(admin).new_page()
    with system.acting() as session:
        made = session.scalars(select(IntakeForm).where(IntakeForm.key == key)).one()
        take(made, Sent({"name": "<b>"}, {"name": "<b>"}, "", "home", language, "trap", consent_version=1))
        form_id = made.id
    about = ["/admin/intake", "/admin/intake/new?kind=tickets", "/admin/satisfaction", "/tickets/satisfaction"]
    about += ["/tickets/satisfaction/answers", f"/tickets/{id_}"]
    about += [f"/admin/intake/{form_id}{each}" for each in ("", "/entries", "/embed")]
    for address in about:
        desk.goto(address)
        inspect(desk, language, address)
