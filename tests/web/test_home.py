"""The first page of the day: what waits for oneself and for one's team, each number the list it counts."""

import datetime as dt
import html
import re
from decimal import Decimal

import pytest
from sqlalchemy import update

from crm.blueprints.home.tiles import TILES
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.opportunities import actions as opportunities
from crm.domain.opportunities.models import Opportunity
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.queries import ready_made
from crm.domain.registry import RECORD_TYPES
from crm.domain.tasks import actions as tasks
from crm.domain.timeline import actions as timeline
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import FieldRight, Reach, unscoped
from crm.kernel.company import company
from crm.kernel.permissions import Permission


def words(answer):
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def tile(page, key):
    found = re.search(rf'<section [^>]*id="{key}".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


@pytest.fixture
def waiting(cast):
    """A customer of the rep's to follow up today, one of another department's, and one that has time."""
    today = company.today()
    made = {}
    for who, name, day in (
        (cast.rep, "Ripe", today),
        (cast.other_rep, "Foreign", today),
        (cast.rep, "Unripe", today + dt.timedelta(days=9)),
    ):
        id_ = customers.create(who.actor, {"name": name})
        with unscoped("a test looks at everything"):
            made[name] = db.session.get(Customer, id_)
        timeline.add_follow_up(who.actor, made[name], {"kind": "call", "body": "Soon", "next_on": day})
    db.session.commit()
    return made


def test_what_is_due_today_waits_for_its_owner(as_, waiting):
    here = tile(words(as_.rep.get("/home/")), "tile-follow_ups")
    assert "Ripe" in here and "Unripe" not in here and "Foreign" not in here


def test_the_number_leads_to_the_list_it_counts(as_, waiting):
    here = tile(words(as_.rep.get("/home/")), "tile-follow_ups")
    address = html.unescape(re.search(r'class="num" href="([^"]+)">1<', here)[1])
    listed = words(as_.rep.get(address))
    assert "Ripe" in listed and "Unripe" not in listed


def test_a_manager_sees_what_waits_for_the_team_and_who_has_written_nothing(as_, waiting):
    assert "Ripe" not in words(as_.manager.get("/home/"))
    page = words(as_.manager.get("/home/?of=team"))
    assert "Ripe" in tile(page, "tile-follow_ups") and "Foreign" not in page
    team = tile(page, "team")
    assert re.search(r"Sam 王</td><td class=\"num\">2<", team)
    assert "Mia" not in team, "she is of another department"


def test_a_rep_has_no_team(as_, waiting):
    page = words(as_.rep.get("/home/?of=team"))
    assert 'id="team"' not in page and "Ripe" in page


def test_deals_that_nobody_has_touched_for_long_are_asked_about(as_, cast, waiting):
    values = {"name": "Old deal", "customer": waiting["Ripe"].id}
    old, fresh = (opportunities.create(cast.rep.actor, values | {"name": name}) for name in ("Old deal", "New deal"))
    aged = update(Opportunity).where(Opportunity.id == old).values(updated_at=clock.now() - dt.timedelta(days=40))
    with unscoped("a test moves time"):
        db.session.execute(aged.execution_options(synchronize_session=False))
    db.session.commit()
    here = tile(words(as_.rep.get("/home/")), "tile-quiet")
    assert "Old deal" in here and "New deal" not in here


@pytest.mark.parametrize("key", ["amount", "owner", "stage"])
@pytest.mark.parametrize("right", [FieldRight.MASKED, FieldRight.HIDDEN])
def test_what_somebody_may_not_read_is_in_no_sum(as_, cast, waiting, key, right):
    opportunities.create(cast.rep.actor, {"name": "A deal", "customer": waiting["Ripe"].id, "amount": Decimal(1234)})
    db.session.commit()
    assert "1,234" in tile(words(as_.manager.get("/home/?of=team")), "board-1")
    manager = ready_made("sales_manager")
    reach = {Permission(each): Reach[far] for each, far in manager.reach.items()}
    granting.change_role(SYSTEM, manager, name="", reach=reach, fields={"opportunities": {key: right}})
    db.session.commit()
    page = words(as_.manager.get("/home/?of=team"))
    assert "board-1" not in page and (key != "amount" or "1,234" not in page)


def test_what_is_hidden_from_somebody_makes_no_tile(as_, cast, waiting):
    page = words(as_.outsider.get("/home/"))
    assert "Ripe" not in page and "Nobody waits for you." in page
    assert as_.administrator.post("/admin/modules/opportunities", {"where": "nobody"}).status_code == 303
    assert "tile-quiet" not in words(as_.rep.get("/home/"))


@pytest.mark.parametrize("one", TILES, ids=lambda each: each.key)
def test_a_tile_asks_and_shows_only_what_its_list_has(one):
    known = RECORD_TYPES[one.type].list.by_key
    assert one.asks | set(one.beside) <= known.keys()


def test_tasks_wait_until_they_are_done(as_, cast):
    due, later = (
        tasks.create(cast.rep.actor, {"name": name, "due": company.today() + dt.timedelta(days=days)})
        for name, days in (("Send the offer", 0), ("Think about it", 3))
    )
    db.session.commit()
    here = tile(words(as_.rep.get("/home/")), "tile-tasks")
    assert "Send the offer" in here and "Think about it" not in here
    assert as_.rep.post(f"/tasks/{due}/completion").status_code == 303
    assert "Send the offer" not in words(as_.rep.get("/home/"))


def test_signing_in_and_the_bare_address_lead_there(as_):
    assert as_.rep.get("/").location == "/home/"
