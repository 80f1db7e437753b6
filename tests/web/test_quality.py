"""The page of data quality: numbers that lead to lists, for everybody their own."""

import re

from crm.domain.duplicates import searching
from crm.domain.quality.settings import settings_of
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.jobs.duplicates import sweep
from crm.jobs.quality import count as count_job
from crm.jobs.quality import count_anew, remind
from crm.kernel.company import company
from tests.web.test_import_samples import said
from tests.web.test_imports import text_of


def new(person, **values):
    RECORD_TYPES["customers"].verbs.create(person.actor, values)
    db.session.commit()


def test_numbers_lead_to_the_records_they_count(as_, cast):
    assert "Nothing has been counted yet" in said(as_.rep.get("/quality/"))
    new(cast.rep, name="Acme", email="a@acme.example")
    new(cast.rep, name="Beta")
    new(cast.other_rep, name="Gamma")
    count_job()
    page = as_.rep.get("/quality/")
    assert "E-mail is missing 1 50 %" in said(page), said(page)
    assert "No follow-up for 30 days 2 0 %" in said(page)
    address = re.search(r'href="(/customers/\?[^"]*email__empty[^"]*)"', text_of(page))[1].replace("&amp;", "&")
    found = said(as_.rep.get(address))
    assert "Beta" in found and "Acme" not in found
    assert "Mia" not in said(page)
    manager = said(as_.administrator.get("/quality/"))
    assert "By department" in manager and "Mia Rep 1" in manager
    assert as_.rep.get("/quality/?type=nonsense").status_code == 404
    new(cast.rep, name="Delta")
    count_anew()
    assert "E-mail is missing 2 33 %" in said(as_.rep.get("/quality/"))


def test_administrators_say_what_counts(as_, cast):
    page = text_of(as_.administrator.get("/quality/settings"))
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    sent = {
        "version": version,
        "stale_days": "7",
        "fields-customers": ["website"],
        "remind_weekday": "",
        "remind_hour": "8",
    }
    assert as_.administrator.post("/quality/settings", sent | {"stale_days": "0"}).status_code == 422
    assert as_.administrator.post("/quality/settings", sent).status_code == 303
    assert as_.administrator.post("/quality/settings", sent).status_code == 409
    new(cast.rep, name="Acme")
    count_job()
    page = said(as_.rep.get("/quality/"))
    assert "Website is missing 1" in page and "Phone is missing" not in page and "for 7 days" in page
    assert as_.rep.get("/quality/settings").status_code == 403
    assert as_.rep.post("/quality/count").status_code == 403
    assert as_.administrator.post("/quality/count").status_code == 303
    assert "There is nothing here that you may see" in said(as_.outsider.get("/quality/"))


def test_what_was_chosen_since_the_last_count_is_not_called_good(as_, cast):
    new(cast.rep, name="Acme")
    count_job()
    settings_of().fields = {"customers": ["website"]}
    db.session.commit()
    page = said(as_.rep.get("/quality/"))
    assert "Website" not in page and "Complete" not in page and "No follow-up for 30 days 1 0 %" in page
    count_anew()
    assert "Website is missing 1 0 %" in said(as_.rep.get("/quality/"))


def test_the_reminder_says_how_many_of_mine_lack_what(as_, cast):
    new(cast.rep, name="Acme", email="a@acme.example")
    new(cast.rep, name="Beta")
    count_job()
    settings = settings_of()
    settings.remind_weekday, settings.remind_hour = company.today().weekday(), 0
    db.session.commit()
    remind()
    page = as_.rep.get("/notifications/")
    assert "Of what is yours could be better: Customers: Phone is missing (2), E-mail is missing (1)" in said(page)
    assert "/quality/" in text_of(page)
    assert "could be better" not in said(as_.other_rep.get("/notifications/"))
    for name in ("Hangzhou Silk Works", "Hangzhou Silk Works Ltd"):
        new(cast.rep, name=name, phone="0571-87654321")
    searching.ask(cast.administrator.actor, RECORD_TYPES["customers"])
    db.session.commit()
    sweep()
    assert "Pairs that are alike: 1" in said(as_.administrator.get("/quality/"))
    assert "Pairs that are alike" not in said(as_.manager.get("/quality/"))
    for who in (as_.manager, as_.marketer):  # only whoever may merge is led to the workbench
        led = 'href="/duplicates/customers/"' in text_of(who.get("/quality/?type=customers"))
        assert led == (who.get("/duplicates/customers/").status_code == 200)
