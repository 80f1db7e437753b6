"""An agent's hour at the queue: by keys with the script, by links and forms without, on a desk and a phone."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, Route, expect

from crm.domain.contacts import actions as contacts
from crm.domain.customers import actions as customers
from crm.domain.people.models import Department, Person
from crm.domain.tickets import actions, shaping
from crm.domain.tickets.macros import save_macro
from crm.infra.db import db
from tests.e2e.system import Someone, System

PHONE = {"width": 360, "height": 740}


def _prepared(system: System, admin: Someone, agent: Someone) -> list[str]:
    """Three tickets in the queue of the agent's department, the last the most urgent; their subjects."""
    number = system.number
    with system.acting():
        department = db.session.get_one(Person, agent.id).department_id
        assert department is not None
        shaping.set_team(admin.actor, department, "claim", [])
        given = {
            "name": f"Received {number}",
            "body": {"en": "Dear {{contact}}, we are on {{number}}."},
            "public": True,
        }
        save_macro(admin.actor, None, given | {"status": "waiting"})
        one = customers.create(admin.actor, {"name": f"Acme {number}"})
        chen = contacts.create(admin.actor, {"name": f"Chen {number}", "customer": one})
        team = db.session.get_one(Department, department)
        shaping.first_team(admin.actor, shaping.set_team(admin.actor, team.id, "claim", []))
    names = [f"{what} {number}" for what in ("Question of little weight", "Broken fan", "Smoke in the hall")]
    with system.acting():
        for name, priority in zip(names, ("low", "normal", "urgent"), strict=True):
            values = {
                "name": name,
                "priority": priority,
                "customer": one,
                "contact": chen,
                "description": f"About {name}",
            }
            actions.create(db.session.get_one(Person, admin.id).actor, values)
    return names


def test_an_hour_at_the_queue(
    system: System, admin: Someone, open_context: Callable[..., BrowserContext], scripted: bool
) -> None:
    agent = system.person("Amy Agent", "service_agent", department=f"Service {system.number}")
    least, fan, smoke = _prepared(system, admin, agent)
    page = open_context(agent, scripted=scripted).new_page()
    page.goto("/tickets/queue")
    queued = page.locator(".queue-list .row-link")
    expect(queued).to_have_text([smoke, fan, least])
    _open_first(page, scripted)
    ticket = page.locator("#queue-ticket")
    expect(ticket).to_contain_text(f"About {smoke}")

    page.get_by_role("button", name="Claim ticket").click()
    expect(page.locator("#messages")).to_contain_text("The ticket is yours now.")
    page.get_by_label("Macro").select_option(label=f"Received {system.number}")
    if not scripted:
        page.get_by_role("button", name="Insert").click()
    said = page.locator("#composer [name=body]")
    expect(said).to_have_value(f"Dear Chen {system.number}, we are on {_number(page)}.")
    page.get_by_role("button", name="Save what is said").click()
    expect(page.locator("#timeline-entries")).to_contain_text("The customer has it")
    expect(page.locator("#record-head [aria-current=step]")).to_have_text("Waiting for the customer")

    page.goto("/tickets/queue")
    expect(queued).to_have_text([fan, least])
    _open_first(page, scripted)
    expect(ticket).to_contain_text(f"About {fan}")
    if scripted:
        page.keyboard.press("]")
    else:
        page.get_by_role("link", name="Next").click()
    expect(ticket).to_contain_text(f"About {least}")
    page.locator("label[for=public-no]").click()
    page.locator("#composer [name=body]").fill("Nothing of ours.")
    page.get_by_label("And then").select_option(label="Solved")
    page.get_by_role("button", name="Save what is said").click()
    expect(page.locator("#timeline-entries")).to_contain_text("Nothing of ours.")
    expect(page.locator("#record-head [aria-current=step]")).to_have_text("Solved")
    expect(page.locator("#timeline-entries")).not_to_contain_text("The customer has it")

    phone = open_context(agent, scripted=scripted, viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    phone.goto("/tickets/queue")
    phone.get_by_role("link", name=fan).click()
    expect(phone.locator("#queue-ticket")).to_contain_text(f"About {fan}")
    expect(phone.locator("#queue-list")).to_be_hidden()
    if scripted:
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    phone.get_by_role("link", name="Queue", exact=True).click()
    expect(phone.locator("#queue-list")).to_be_visible()


def _open_first(page: Page, scripted: bool) -> None:
    if scripted:
        page.keyboard.press("j")
        page.keyboard.press("Enter")
    else:
        page.locator(".queue-list .row-link").first.click()


def _number(page: Page) -> str:
    return page.locator("#record-head .key-no").inner_text()


def test_a_macro_whose_answer_comes_late_is_newer_than_the_draft_kept_meanwhile(
    system: System, admin: Someone, open_context: Callable[..., BrowserContext]
) -> None:
    agent = system.person("Lee Later", "service_agent", department=f"Service {system.number}")
    _prepared(system, admin, agent)
    page = open_context(agent).new_page()
    page.goto("/tickets/queue")
    _open_first(page, scripted=True)
    page.get_by_role("button", name="Claim ticket").click()
    expect(page.locator("#messages")).to_contain_text("The ticket is yours now.")
    said = page.locator("#composer [name=body]")
    said.fill("First of all, sorry.")
    asked: list[Route] = []
    page.route("**/macro", lambda route: asked.append(route), times=1)  # noqa: PLW0108 (a bound method of C bears no marks)
    with page.expect_request("**/macro"):
        page.get_by_label("Macro").select_option(label=f"Received {system.number}")
    chosen = page.get_by_label("Macro").input_value()
    page.wait_for_function(
        """chosen => Object.entries(localStorage).some(([name, draft]) => name.startsWith("draft:") &&
             JSON.parse(draft).pairs.some(([field, value]) => field === "macro" && value === chosen))""",
        arg=chosen,
    )
    asked.pop().continue_()
    words = f"First of all, sorry.\nDear Chen {system.number}, we are on {_number(page)}."
    expect(said).to_have_value(words)

    page.reload()
    expect(said).to_have_value(words)
