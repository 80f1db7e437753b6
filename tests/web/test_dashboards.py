"""Dashboards as pages: what stands there, for whom, how heavy, and how one gets a table out of them."""

import html
import re
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from crm.blueprints.dashboards import page as pages
from crm.domain.dashboards import counting
from crm.domain.dashboards.arranging import Place, arrange
from crm.domain.dashboards.table import DASHBOARDS, Dashboard
from crm.domain.modules.actions import switch_module
from crm.domain.people.queries import ready_made
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event
from tests.web.test_import_samples import said
from tests.web.test_imports import text_of


@pytest.fixture
def customers(cast):
    for who, rows in ((cast.rep, 3), (cast.other_rep, 2)):
        RECORD_TYPES["customers"].verbs.create_many(who.actor, [{"name": f"N{n}", "level": "a"} for n in range(rows)])
    db.session.commit()


def table(page, tile):
    found = re.search(rf'<section [^>]*id="tile-{tile}".*?</section>', text_of(page), re.DOTALL)
    return found[0] if found else ""


def test_a_number_leads_to_its_list(as_, customers):
    page = as_.manager.get("/dashboards/customers?span=month")
    tile = table(page, "levels")
    (address, number), *_ = re.findall(r'<td class="num"><a href="([^"]+)">(\d+)</a>', tile)
    found = text_of(as_.manager.get(html.unescape(address)))
    assert number == "3" and len(re.findall('class="row-link"', found)) == 3
    assert "3" not in table(as_.outsider.get("/dashboards/customers"), "levels")


def test_everybody_has_the_tiles_of_what_they_may_read(as_, cast, customers):
    assert as_.stranger.get("/dashboards/sales").status_code in (302, 303)
    assert as_.rep.get("/dashboards/").location == "/dashboards/sales"
    assert as_.rep.get("/dashboards/nothing").status_code == as_.rep.get("/dashboards/sales/nothing").status_code == 404
    assert 'href="/dashboards/"' in text_of(as_.rep.get("/customers/"))
    switch_module(cast.administrator.actor, "opportunities", everyone=False)
    db.session.commit()
    page = text_of(as_.rep.get("/dashboards/sales"))
    assert 'id="tile-sources"' in page and "tile-won" not in page and "tile-funnel" not in page
    assert as_.rep.get("/dashboards/sales/won").status_code == 404
    switch_module(cast.administrator.actor, "dashboards", everyone=False)
    db.session.commit()
    assert as_.rep.get("/dashboards/sales").status_code == 404
    assert "/dashboards/" not in text_of(as_.rep.get("/customers/"))


def test_a_department_narrows_numbers_and_lists(as_, cast, customers):
    here = f"department-{cast.rep.department_id}"
    page = as_.administrator.get(f"/dashboards/customers?of={here}")
    (address, number), *_ = re.findall(r'<td class="num"><a href="([^"]+)">(\d+)</a>', table(page, "levels"))
    assert number == "3" and here in address
    assert "Owner is somebody of North-east or below it" in said(as_.administrator.get(html.unescape(address)))
    south = f"department-{cast.other_rep.department_id}"
    assert "All that you may see" in said(as_.manager.get(f"/dashboards/customers?of={south}"))  # not theirs to choose


def test_what_is_slow_comes_afterwards_or_says_so(as_, customers, monkeypatch):
    monkeypatch.setattr(pages, "AT_ONCE_S", 0)
    page = as_.rep.get("/dashboards/customers?span=year")
    assert "<svg" in table(page, "new") and "<svg" not in table(page, "levels")
    (address,) = re.findall(r'hx-get="([^"]+)"', table(page, "levels"))
    assert f'href="{address}"' in table(page, "levels")
    part = text_of(
        as_.rep.get(html.unescape(address), headers={"HX-Request": "true", "HX-Target": "section#tile-levels"})
    )
    assert part.lstrip().startswith("<section") and "<svg" in part
    alone = as_.rep.get(html.unescape(address))
    assert "<svg" in table(alone, "levels") and "<html" in text_of(alone)

    first, *others = DASHBOARDS["customers"].tiles
    slow = replace(first, ask=lambda *_: db.session.execute(text("SELECT pg_sleep(20)")))
    monkeypatch.setitem(DASHBOARDS, "customers", Dashboard("customers", "Customers", (slow, *others)))
    monkeypatch.setattr(counting, "TILE_MS", 40)
    monkeypatch.setattr(pages, "AT_ONCE_S", 60)
    page = as_.rep.get("/dashboards/customers")
    assert "takes too long to count" in table(page, "new") and "<svg" in table(page, "levels")


def test_a_table_is_taken_away_by_whoever_may_export(as_, cast, customers):
    address = "/dashboards/customers/levels"
    csv = as_.administrator.get(f"{address}/csv")
    assert "attachment" in csv.headers["Content-Disposition"]
    assert csv.data.decode("utf-8-sig").splitlines()[:2] == ["By level,How many", "A – key,5"]
    assert as_.administrator.get(f"{address}/xlsx").data[:2] == b"PK"
    assert as_.agent.get(f"{address}/csv").status_code == 403
    assert f"{address}/csv" not in text_of(as_.agent.get("/dashboards/customers"))


def test_everybody_arranges_their_own_and_administrators_that_of_others(as_, cast, customers):
    form = "/dashboards/customers/arrangement"

    def shown(who):
        return re.findall(r'id="tile-(\w+)"', text_of(who.get("/dashboards/customers")))

    def tiles(**places):
        every = dict.fromkeys(("new", "retention", "regions", "industries", "levels"), "")
        return {f"place-{key}": value for key, value in (every | places).items()}

    delivered = shown(as_.rep)
    assert delivered == ["new", "retention", "regions", "industries", "levels"]
    assert as_.administrator.post(form, tiles(levels="1", new="2") | {"for": "all"}).status_code == 303
    assert shown(as_.rep) == shown(as_.manager) == ["levels", "new"]
    role = ready_made("sales_rep").id
    as_.administrator.post(form, tiles(regions="1") | {"for": f"role-{role}"})
    assert (shown(as_.rep), shown(as_.manager)) == (["regions"], ["levels", "new"])
    assert as_.rep.post(form, tiles(new="7", levels="3") | {"for": "me"}).status_code == 303
    assert (shown(as_.rep), shown(as_.other_rep)) == (["levels", "new"], ["regions"])
    assert 'value="2"' in text_of(as_.rep.get(form)) and "For everybody" not in text_of(as_.rep.get(form))
    for whose in ("all", f"role-{role}", "nonsense"):
        assert as_.rep.post(form, tiles(new="1") | {"for": whose}).status_code == 403
    with pytest.raises(RuleBroken):
        arrange(cast.rep.actor, DASHBOARDS["customers"], Place(), ["new"], [])
    as_.rep.post(form, {"for": "me", "reset": "1"})
    assert shown(as_.rep) == ["regions"]
    as_.administrator.post(form, {"for": f"role-{role}", "reset": "1"})
    as_.administrator.post(form, {"for": "all", "reset": "1"})
    assert shown(as_.rep) == delivered
    told = db.session.scalars(select(Event).where(Event.name == "dashboard.arranged").order_by(Event.id)).all()
    assert [each.payload["changes"]["shown"] for each in told[:2]] == [[[], ["levels", "new"]], [[], ["regions"]]]
    assert len(told) == 4 and told[-1].payload["changes"]["shown"] == [["levels", "new"], []]
