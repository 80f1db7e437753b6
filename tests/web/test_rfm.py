"""The administrator's page of scores: rules saved, refused, run by a worker, looked at by nobody else."""

import datetime as dt
import html
import re
from decimal import Decimal

from sqlalchemy import select

from crm.domain.customers import actions as customers
from crm.domain.orders import actions as orders
from crm.domain.rfm import actions
from crm.infra.db import db
from crm.jobs.rfm import nightly, sweep
from crm.kernel.events import Event


def sent(browser):
    """What a browser would send of the form as it is."""
    words = browser.get("/admin/rfm").get_data(as_text=True).split('action="/admin/rfm"')[1]
    inputs = re.findall(r"<input[^>]*>", words)
    found = {}
    for each in inputs:
        name, value = (re.search(rf'{key}="([^"]*)"', each) for key in ("name", "value"))
        if name and ('type="radio"' not in each and 'type="checkbox"' not in each or "checked" in each):
            found[name.group(1)] = html.unescape(value.group(1)) if value else ""
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', words, re.S):
        chosen = re.search(r'value="([^"]*)"[^>]*selected', inside)
        found[name] = chosen.group(1) if chosen else re.search(r'value="([^"]*)"', inside).group(1)
    return found


def test_only_administrators_have_it(as_, cast):
    for who in ("manager", "rep", "auditor", "outsider"):
        assert getattr(as_, who).get("/admin/rfm").status_code == 403
        assert getattr(as_, who).post("/admin/rfm").status_code == 403


def test_the_form_as_it_is_changes_nothing(as_, cast):
    before = actions.rules()
    assert as_.administrator.post("/admin/rfm", sent(as_.administrator)).status_code == 303
    assert actions.rules() == before
    assert not db.session.scalars(select(Event).where(Event.name == "rfm.rules_changed")).all()


def test_rules_are_saved_and_customers_scored(as_, cast):
    ids = customers.create_many(cast.rep.actor, [{"name": f"No {number}"} for number in range(9)])
    rows = [
        {"customer": id_, "ordered_on": dt.date(2026, 5, 1 + at), "amount": Decimal(100 * at)}
        for at, id_ in enumerate(ids)
    ]
    orders.create_many(cast.rep.actor, rows)
    form = sent(as_.administrator) | {"analysed_on": "2026-06-01", "levels": "free", "level-0": "a", "run": "1"}
    form |= {"name-0": "The best", "frequency-from-0": "1", "frequency-to-0": "5"}
    form |= {"name-11": "First of all", "position-11": "0", "level-11": ""}
    form |= {f"{score}-{end}-11": "1" for score in ("recency", "frequency", "monetary") for end in ("from", "to")}
    assert as_.administrator.post("/admin/rfm", form).status_code == 303
    assert [each.name for each in actions.rules().segments[:2]] == ["First of all", "The best"]
    waiting = as_.administrator.get("/admin/rfm").get_data(as_text=True)
    assert "Waiting for its turn" in waiting and "<noscript><meta" in waiting
    assert "every 2s" in as_.administrator.get("/admin/rfm/progress").get_data(as_text=True)
    sweep()
    done = as_.administrator.get("/admin/rfm").get_data(as_text=True)
    assert re.search(r"9 customers scored, [1-9] levels changed", done) and "Waiting" not in done
    best = as_.rep.get(f"/customers/{ids[-1]}").get_data(as_text=True)
    assert "The best" in best and "The level follows from the scores." in best
    listed = as_.rep.get("/customers/?rfm_segment__is=The+best&sort=-rfm_recency").get_data(as_text=True)
    assert "No 8" in listed and "No 0" not in listed


def test_what_makes_no_sense_is_refused_with_what_was_typed(as_, cast):
    form = sent(as_.administrator)
    for wrong, words in (
        ({"method": "fixed"}, "Each score needs four limits"),
        ({"recency-from-0": "7"}, "go from 1 to 5"),
        ({"recency-from-0": "x"}, "is not a whole number"),
        ({"analysed_on": "yesterday"}, "is not a date"),
        ({"recency-limit-0": "x"}, "is not a number"),
    ):
        answer = as_.administrator.post("/admin/rfm", form | wrong)
        told = answer.get_data(as_text=True)
        assert answer.status_code == 422 and words in told, wrong
        assert f'value="{next(iter(wrong.values()))}"' in told


def test_every_night_where_that_is_set(as_, cast):
    nightly()
    assert actions.last_run() is None
    as_.administrator.post("/admin/rfm", sent(as_.administrator) | {"nightly": "1"})
    nightly()
    assert actions.last_run() is not None
