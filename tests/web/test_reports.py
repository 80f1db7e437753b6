"""Reports as pages: put together, kept, shown to others, taken away, with the rights of whoever looks."""

import html
import io
import re
import zipfile
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from crm.domain.modules.actions import switch_module
from crm.domain.registry import RECORD_TYPES
from crm.domain.reports import actions
from crm.domain.reports.models import Report
from crm.infra.db import db
from crm.kernel.events import Event
from tests.web.test_imports import text_of

BY_LEVEL = {"type": "customers", "r1": "level", "m1": "count"}


@pytest.fixture
def customers(cast):
    for who, many in ((cast.rep, 3), (cast.other_rep, 2)):
        rows = [{"name": f"N{n}", "level": "ab"[n % 2]} for n in range(many)]
        RECORD_TYPES["customers"].verbs.create_many(who.actor, rows)
    db.session.commit()
    return cast


def cells(page):
    """First column → the numbers beside it."""
    rows = re.findall(r'<tr[^>]*><th scope="row"[^>]*>([^<]*)</th>(.*?)</tr>', text_of(page), re.DOTALL)
    return {name: re.findall(r'<td class="num">(?:<a href="[^"]*">)?([^<]+)', rest) for name, rest in rows}


def save(client, **changes):
    answer = client.post(
        "/reports/", data={"asked": urlencode(BY_LEVEL), "name": "Levels", "description": ""} | changes
    )
    db.session.expire_all()
    return answer


def kept():
    return db.session.scalars(select(Report).order_by(Report.id.desc())).first()


def test_a_report_is_put_together_and_its_numbers_lead_to_lists(as_, customers):
    page = as_.rep.get("/reports/new?" + urlencode(BY_LEVEL))
    assert cells(page) == {"A – key": ["2"], "B – regular": ["1"], "Total": ["3"]}
    address = html.unescape(re.search(r'<td class="num"><a href="([^"]+)">2<', text_of(page))[1])
    assert len(re.findall('class="row-link"', text_of(as_.rep.get(address)))) == 2
    page = as_.rep.get("/reports/new?" + urlencode(BY_LEVEL | {"f0": "level", "o0": "is", "v0": "a"}))
    assert cells(page) == {"A – key": ["2"], "Total": ["2"]}
    part = as_.rep.get(
        "/reports/new?" + urlencode(BY_LEVEL), headers={"HX-Request": "true", "HX-Target": "div#report-builder"}
    )
    assert "<html" not in text_of(part) and cells(part)["Total"] == ["3"]


def test_suggestions_are_for_what_one_may_read(as_, cast, customers):
    page = text_of(as_.rep.get("/reports/"))
    for address in re.findall(r'<li><a href="(/reports/new[^"]+)"', page):
        assert "The report cannot be told" not in text_of(as_.rep.get(html.unescape(address)))
    assert "type=opportunities" in page
    switch_module(cast.administrator.actor, "opportunities", everyone=False)
    db.session.commit()
    assert "type=opportunities" not in text_of(as_.rep.get("/reports/"))
    assert as_.rep.get("/reports/new?type=opportunities").status_code == 404


def test_it_is_kept_for_oneself_and_shown_to_others_with_their_own_numbers(as_, cast, customers):
    assert save(as_.manager).status_code == 303
    report = kept()
    url = f"/reports/{report.id}"
    assert as_.rep.get(url).status_code == 404
    form = {"asked": urlencode(BY_LEVEL), "name": "Levels", "version": report.version}
    whom = f"department:{cast.manager.department_id}"
    assert as_.manager.post(url, data=form | {"audience": whom}).status_code == 303
    page = as_.rep.get(url)
    assert cells(page)["Total"] == ["3"] and "The numbers are yours" in text_of(page)
    assert as_.other_rep.get(url).status_code == 404
    assert as_.rep.post(url, data=form).status_code == 409
    assert "Levels" in text_of(as_.rep.get("/reports/"))
    again = as_.manager.post(url, data=form | {"name": "Second"})  # made over a version that is gone
    assert again.status_code == 409 and "Somebody else has changed this meanwhile" in text_of(again)
    assert 'value="Second"' in text_of(again)
    assert as_.manager.post(url + "/deletion").status_code == 303
    assert as_.manager.get(url).status_code == 404


def test_it_is_shown_to_everyone_by_administrators_alone(as_, cast, customers):
    save(as_.rep)
    report = kept()
    form = {"asked": urlencode(BY_LEVEL), "name": "Levels", "version": report.version, "audience": "everyone"}
    as_.rep.post(f"/reports/{report.id}", data=form)
    db.session.expire_all()
    assert not kept().everyone


def test_what_is_wrong_is_said_and_kept(as_, customers):
    answer = save(as_.rep, name="", description="Every Monday")
    assert (
        answer.status_code == 422 and "A report needs a name" in text_of(answer) and "Every Monday" in text_of(answer)
    )
    page = text_of(as_.rep.get("/reports/new?type=customers&r1=gone&r2=level&m1=sum.gone"))
    assert "left out: gone" in page
    page = text_of(as_.rep.get("/reports/new?" + urlencode(BY_LEVEL | {"list": "gone__is=1"})))
    assert "cannot be told" in page
    for odd in ("c=level", "r1=level&r2=level", "m1=sum.level", "sort=-9", "r1=created.century", "picture=x&c=owner"):
        assert as_.rep.get(f"/reports/new?type=customers&{odd}").status_code == 200, odd


def test_it_is_taken_away_without_formulas(as_, cast, customers):
    RECORD_TYPES["customers"].verbs.create_many(cast.manager.actor, [{"name": "=1+1", "level": "a"}])
    db.session.commit()
    asked = urlencode({"type": "customers", "r1": "owner", "c": "level", "m1": "count"})
    answer = as_.manager.post("/reports/file/csv", data={"asked": asked})
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert answer.status_code == 200 and lines[-1].startswith("Total,") and lines[-1].endswith(",4")
    book = zipfile.ZipFile(io.BytesIO(as_.manager.post("/reports/file/xlsx", data={"asked": asked}).data))
    assert "<v>4</v>" in book.read("xl/worksheets/sheet1.xml").decode()
    facts = db.session.scalars(select(Event).where(Event.name == "report.taken")).all()
    assert len(facts) == 2 and facts[0].actor_id == cast.manager.id


def test_whoever_may_not_export_takes_nothing(as_, cast, customers):
    switch_module(cast.administrator.actor, "exports", everyone=False)
    db.session.commit()
    assert "/reports/file" not in text_of(as_.manager.get("/reports/new?type=customers"))
    assert as_.manager.post("/reports/file/csv", data={"asked": "type=customers"}).status_code == 409


def test_the_module_is_off(as_, cast, customers):
    switch_module(cast.administrator.actor, "reports", everyone=False)
    db.session.commit()
    assert as_.manager.get("/reports/").status_code == 404
    assert "/reports/" not in text_of(as_.manager.get("/customers/"))


def test_pictures_are_drawn(as_, customers):
    for picture in ("bars", "columns", "stacked", "line"):
        page = text_of(as_.manager.get(f"/reports/new?type=customers&r1=level&c=owner&picture={picture}&shares=1"))
        assert '<svg class="picture"' in page and "%</small>" in page


def test_a_page_stays_light(as_, cast):
    rows = [
        {"name": f"N{n}", "level": "abc"[n % 3], "region": ["440305", "110105", "3101", "5101"][n % 4]}
        for n in range(200)
    ]
    RECORD_TYPES["customers"].verbs.create_many(cast.rep.actor, rows)
    db.session.commit()
    page = as_.rep.get(
        "/reports/new?type=customers&r1=region&r2=level&c=created.day&m1=count&m2=distinct.owner",
        headers={"Accept-Encoding": "gzip"},
    )
    assert len(page.data) < 20_000


def test_whoever_has_very_many_is_told_and_keeps_what_they_typed(as_, customers, monkeypatch):
    monkeypatch.setattr(actions, "MOST", 1)
    assert save(as_.rep).status_code == 303
    again = save(as_.rep, name="One more", description="For the fair")
    assert again.status_code == 422 and "delete one first" in text_of(again)
    assert 'value="One more"' in text_of(again) and "For the fair" in text_of(again)


def test_no_two_series_of_a_picture_look_alike(as_, cast):
    """As many as stand side by side, the others included: each is drawn in a way of its own, which the legend names."""
    sources = [each.key for each in RECORD_TYPES["customers"].list.by_key["source"].choices]
    rows = [{"name": f"N{n}", "level": "a", "source": key} for n, key in enumerate(sources)]
    RECORD_TYPES["customers"].verbs.create_many(cast.administrator.actor, rows)
    db.session.commit()
    asked = {"type": "customers", "r1": "level", "c": "source", "m1": "count", "picture": "stacked"}
    page = text_of(as_.administrator.get("/reports/new?" + urlencode(asked)))
    legend = page[page.index('class="legend') :].partition("</ul>")[0]
    marks = re.findall(r'<rect class="(s\d+)"(?: fill="url\(#(p\d+)\)")?', legend)
    assert len(marks) == 9 == len(set(marks)) <= len(sources)
    assert {pattern for _, pattern in marks if pattern} <= set(re.findall(r'<pattern id="(p\d+)"', page))
