"""A rep's day on a phone with a slow link that breaks while saving, and a manager's week at a desk."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal

from playwright.sync_api import BrowserContext, Page, Route, expect

from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.goals.actions import Wanted, set_goal
from crm.domain.leads import actions as leads
from crm.domain.opportunities import actions as opportunities
from crm.domain.people import structure
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Department, Person
from crm.domain.timeline import actions as timeline
from crm.kernel.company import company
from tests.e2e.system import Someone, System, _someone
from tests.e2e.watch import Watch

Open = Callable[..., BrowserContext]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # bytes a second


def slowed(page: Page) -> Page:
    link = page.context.new_cdp_session(page)
    link.send("Network.enable")
    link.send("Network.emulateNetworkConditions", SLOW_3G)
    return page


def answer_lost(route: Route) -> None:
    """The server has it and says so, and nobody hears it."""
    route.fetch()
    route.abort("connectionreset")


def claim_and_convert(page: Page, name: str) -> None:
    page.goto("/leads/")
    page.get_by_role("link", name="Pool").click()
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Claim lead").click()
    expect(page.locator("#messages")).to_contain_text("The lead is yours now.")
    page.get_by_role("link", name="Convert lead").click()
    page.get_by_role("button", name="Convert lead").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("启明")


def test_a_reps_day(
    system: System, admin: Someone, rep: Someone, open_context: Open, watch: Watch, scripted: bool
) -> None:
    number, today = system.number, company.today()
    firm, person = f"云海智能科技{number}有限公司", f"陈志远 {number}"
    with system.acting() as session:
        id_ = customers.create(rep.actor, {"name": firm, "level": "a"})
        one = session.scalars(Customer.visible_to(rep.actor).where(Customer.id == id_)).one()
        timeline.add_follow_up(rep.actor, one, {"kind": "call", "body": "They asked for an offer", "next_on": today})
        set_goal(admin.actor, Wanted("new_customers", "month", today, Decimal(2), person_id=rep.id))
        leads.create(admin.actor, {"name": person, "company": f"启明{number}有限公司"})
        deal = opportunities.create(rep.actor, {"name": f"Line {number}", "customer": id_, "amount": Decimal(48_000)})
    page = open_context(rep, scripted=scripted, **PHONE).new_page()
    if scripted:
        slowed(page)

    page.goto("/home/")  # whom to see today, and how far the month is
    expect(page.locator("#goals progress")).to_have_attribute("value", "50")
    page.locator("#tile-follow_ups").get_by_role("link", name=firm).click()
    if scripted:
        composer = page.locator("#composer").bounding_box()
        assert composer and composer["y"] < PHONE["viewport"]["height"]  # what a rep comes for is in sight
    page.locator("#composer [name=body]").fill("Visited: they want two lines")
    page.locator("#composer [name=next_step]").fill("Send the contract")
    page.locator("#composer [name=next_on]").fill(str(today))
    if scripted:
        watch.link_may_fail = True
        page.route("**/follow-ups", answer_lost, times=1)
    page.get_by_role("button", name="Save follow-up").click()
    entries = page.locator("#timeline-entries")
    expect(entries).to_contain_text("they want two lines")
    page.reload()
    assert entries.inner_text().count("they want two lines") == 1  # however often it was sent
    expect(page.locator("#open-tasks")).to_contain_text("Send the contract")

    page.goto(f"/opportunities/{deal}")
    page.get_by_role("button", name="Proposal").click()
    expect(page.locator("[aria-current=step]")).to_have_text("Proposal")

    claim_and_convert(page, person)

    page.goto("/home/")
    expect(page.locator("#goals progress")).to_have_attribute("value", "100")
    expect(page.locator("#tile-tasks")).to_contain_text("Send the contract")
    page.goto("/tasks/")
    page.get_by_role("link", name="Mine").click()
    page.get_by_role("button", name=re.compile("Done.*Send the contract")).click()
    expect(page.get_by_role("button", name=re.compile("Done.*Send the contract"))).to_have_count(0)
    page.goto("/home/")
    expect(page.locator("#tile-tasks")).not_to_contain_text("Send the contract")
    if scripted:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]


def test_a_managers_week(system: System, admin: Someone, open_context: Open, scripted: bool) -> None:
    with system.acting() as session:
        place = structure.create_department(SYSTEM, name=f"华北 {system.number}")
        assert isinstance(place, Department)
        place_id = place.id
    lead = system.person("Max Manager", "sales_manager")
    busy, idle = system.person("Busy Rep"), system.person("Idle Rep")
    today = company.today()
    with system.acting() as session:
        for each in (lead, busy, idle):
            session.get(Person, each.id).department_id = place_id
        session.flush()
        lead, busy, idle = (_someone(session.get(Person, each.id)) for each in (lead, busy, idle))
        id_ = customers.create(busy.actor, {"name": f"Acme {system.number}"})
        one = session.scalars(Customer.visible_to(busy.actor).where(Customer.id == id_)).one()
        timeline.add_follow_up(
            busy.actor, one, {"kind": "call", "body": "Soon", "next_on": today - dt.timedelta(days=1)}
        )
        values = {"customer": id_, "amount": Decimal(1_000)}
        for name in ("One", "Two"):
            opportunities.create(busy.actor, values | {"name": name})
        set_goal(admin.actor, Wanted("new_customers", "month", today, Decimal(4), department_id=place_id))
    page = open_context(lead, scripted=scripted).new_page()
    page.goto("/home/")
    page.get_by_role("link", name="My team").click()
    expect(page.locator("#tile-follow_ups")).to_contain_text("Acme")
    expect(page.locator("#goals progress")).to_have_attribute("value", "25")
    rows = page.locator("#team tbody tr")
    expect(rows.filter(has_text="Idle Rep")).to_contain_text("never")
    expect(rows.filter(has_text="Busy Rep").locator(".num")).to_have_text("1")
    board = page.locator("#board-1")
    expect(board.locator("tfoot .num").first).to_have_text("CN¥2,000.00")
    board.locator(".card-head a").click()
    expect(page.locator("#cards-contacted .deal")).to_have_count(2)
    page.goto("/goals/")
    expect(page.get_by_text(f"华北 {system.number - 3}")).to_be_visible()

    page.goto("/customers/")  # what is overdue is given to somebody who has time
    page.get_by_role("link", name=f"Acme {system.number}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Acme")
