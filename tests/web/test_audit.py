import csv
import datetime as dt
import io
import re

import openpyxl
import pytest
from sqlalchemy import event, func, select

from crm.domain.audit import actions as audit
from crm.domain.audit import exports
from crm.domain.audit.verify import CHANGED, Verdict
from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.modules.actions import switch_module
from crm.domain.naming.actions import name_module, name_type
from crm.domain.people import structure
from crm.domain.people.actions import SYSTEM
from crm.domain.people.granting import change_role, create_role, give_roles
from crm.domain.people.queries import ready_made
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock
from crm.infra.db import db
from crm.jobs import audit_exports, sealing
from crm.jobs.audit_exports import write_exports
from crm.kernel.access import FieldRight, Reach
from crm.kernel.events import Event
from crm.kernel.modules import MODULES
from crm.kernel.permissions import Permission


@pytest.fixture
def acme(as_, cast):
    """Made by the rep, whose phone was then changed by the administrator; the system has made a department."""
    structure.create_department(SYSTEM, name="West")
    id_ = actions.create(cast.rep.actor, {"name": "=Acme()", "phone": "+8613800138000"})
    db.session.commit()
    customer = db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == id_)).one()
    as_.administrator.post(
        f"/customers/{id_}/sections/reach",
        {"phone": "13900139000", "before-phone": "138 0013 8000"},
        environ_overrides={"REMOTE_ADDR": "198.51.100.7"},
    )
    return customer


def page(browser, query=""):
    answer = browser.get(f"/audit{query}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def taken(browser, asked=None, suffix="csv"):
    """The log as a file: asked for, written by a worker, fetched."""
    place = browser.post(f"/audit/export.{suffix}", asked).location
    assert write_exports() == 1
    return browser.get(f"{place}/file")


def items(html):
    return re.findall(r'<li id="event-\d+">.*?</div>', html, re.S)


def test_an_auditor_reads_who_changed_what_from_what_to_what_and_from_where(as_, acme):
    newest = plain(items(page(as_.auditor, "?kind=customer.changed"))[0])
    assert "Ada Admin changed this customer" in newest
    assert re.search(r"Phone: 138 0013 8000\s+139 0013 9000", newest)
    assert "198.51.100.7" in newest and acme.number in newest


def test_only_who_may_audit(as_, acme):
    assert as_.rep.get("/audit").status_code == 403
    assert as_.rep.post("/audit/export.csv").status_code == 403
    assert as_.stranger.get("/audit").status_code == 302 or as_.stranger.get("/audit").status_code == 303
    assert 'href="/audit"' not in as_.rep.get("/customers/").get_data(as_text=True)
    assert 'href="/audit"' in as_.auditor.get("/customers/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("type=customers", 2),
        ("who=Ada+Admin&type=customers", 1),
        ("who=system&type=departments", 1),
        ("kind=customer.created", 1),
        ("address=198.51.100.7", 1),
        ("address=198.51.100.8", 0),
        ("request=nothing", 0),
        ("type=customers&from=2000-01-01&until=2999-01-01", 2),
        ("type=customers&from=2999-01-01", 0),
        ("type=customers&until=2000-01-01", 0),
    ],
)
def test_filters_narrow(as_, acme, query, count):
    assert len(items(page(as_.auditor, f"?{query}"))) == count


def test_a_record_is_found_by_its_number_and_by_its_id(as_, acme):
    for record in (acme.number, acme.number.lower(), f"{acme.id}&type=customers"):
        assert len(items(page(as_.auditor, f"?record={record}"))) == 2


@pytest.mark.parametrize("query", ["record=CUST1", "from=soon", "who=Nemo", "after=x", "until=9999-12-31"])
def test_a_filter_that_makes_no_sense_is_told(as_, acme, query):
    html = page(as_.auditor, f"?{query}")
    assert 'role="alert"' in html and not items(html)


def test_everything_is_reached_page_by_page_and_nothing_twice(as_, cast):
    actions.create_many(cast.rep.actor, [{"name": f"Customer {n}"} for n in range(120)])
    db.session.commit()
    url, found = "/audit?type=customers", []
    while url:
        html = as_.auditor.get(url).get_data(as_text=True)
        found += re.findall(r'id="event-(\d+)"', html)
        more = re.search(r'rel="next" href="([^"]+)"', html)
        url = more and more.group(1).replace("&amp;", "&")
    assert len(found) == len(set(found)) == 120
    assert found == sorted(found, key=int, reverse=True)


def limited(cast, reach, fields):
    """The auditor's role taken away, another given."""
    role = create_role(cast.administrator.actor, name="Log reader")
    change_role(cast.administrator.actor, role, name="Log reader", reach=reach, fields=fields)
    give_roles(cast.administrator.actor, cast.outsider, [role])
    db.session.commit()


def test_a_field_hidden_from_the_auditor_is_hidden_in_the_log_and_its_file(as_, cast, acme):
    may = {Permission.SYSTEM_AUDIT: Reach.ALL, Permission.CUSTOMERS_READ: Reach.ALL}
    limited(cast, may, {"customers": {"phone": FieldRight.HIDDEN}})
    html = page(as_.outsider, "?type=customers")
    saved = taken(as_.outsider).get_data(as_text=True)
    assert "Acme" in html and "Acme" in saved
    for secret in ("138 0013", "139 0013", "1380013", "1390013"):
        assert secret not in plain(html) and secret not in saved


def test_a_masked_field_is_masked(as_, cast, acme):
    may = {Permission.SYSTEM_AUDIT: Reach.ALL, Permission.CUSTOMERS_READ: Reach.ALL}
    limited(cast, may, {"customers": {"phone": FieldRight.MASKED}})
    assert "139****9000" in plain(page(as_.outsider, "?type=customers"))


def test_of_a_record_out_of_reach_no_value_is_told(as_, cast, acme):
    limited(cast, {Permission.SYSTEM_AUDIT: Reach.ALL, Permission.CUSTOMERS_READ: Reach.OWN}, {})
    html = page(as_.outsider, "?type=customers")
    assert len(items(html)) == 2 and "not yours to see" in html
    assert "Acme" not in html and acme.number not in html and f"/customers/{acme.id}" not in html
    assert "no record with the number" in page(as_.outsider, f"?record={acme.number}")


def test_the_log_is_taken_away_as_csv_with_formulas_made_harmless(as_, acme):
    answer = taken(as_.auditor, {"kind": "customer.created", "from": "2000-01-01"})
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert rows[0][:4] == ["Number", "When", "Who", "What"]
    assert ["Full name", "", "'=Acme()"] in [row[6:9] for row in rows]
    assert {row[2] for row in rows[1:]} == {"Sam 王"}
    noted = db.session.scalars(select(Event).where(Event.name == "audit.exported")).one()
    assert noted.payload == {"count": 1, "asked": {"kind": "customer.created", "from": "2000-01-01"}}


def test_the_log_is_taken_away_as_a_spreadsheet(as_, acme):
    answer = taken(as_.auditor, suffix="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.get_data())).active
    numbers = {row[0].value for row in sheet.iter_rows(min_row=2)}
    assert len(numbers) == db.session.scalar(select(func.count()).select_from(Event))
    assert as_.auditor.post("/audit/export.pdf").status_code == 404


def test_a_file_does_not_grow_without_end(as_, acme, monkeypatch):
    monkeypatch.setitem(exports.MOST, "csv", 2)
    answer = as_.auditor.post("/audit/export.csv")
    assert answer.status_code == 409 and "narrow it" in answer.get_data(as_text=True)
    assert not db.session.scalar(select(func.count()).where(Event.name == "audit.exported"))


def test_changes_to_roles_and_people_stand_in_the_log(as_, cast):
    give_roles(cast.administrator.actor, cast.rep, [ready_made("auditor")])
    db.session.commit()
    said = plain(items(page(as_.auditor, "?type=people&who=Ada+Admin"))[0])
    assert "changed this person" in said and "Sales rep" in said and "Auditor" in said


def test_modules_and_types_are_called_in_the_log_what_the_company_calls_them(as_, cast):
    name_module(cast.administrator.actor, MODULES["imports"], {"en": "Feeds"})
    name_type(cast.administrator.actor, RECORD_TYPES["leads"], one={"en": "Prospect"}, many={"en": "Prospects"})
    switch_module(cast.administrator.actor, "leads", everyone=False)
    db.session.commit()
    told = plain(page(as_.auditor))
    assert "changed what the module “Feeds” is called" in told
    assert "changed what the records of the type “Prospects” are called" in told
    assert "switched where the module “Prospects” is on" in told


def test_the_number_of_questions_does_not_grow_with_the_lines(as_, cast):
    def asked():
        told = []

        def note(*_):
            told.append(1)

        event.listen(db.engine, "before_cursor_execute", note)
        page(as_.auditor, "?type=customers")
        event.remove(db.engine, "before_cursor_execute", note)
        return len(told)

    actions.create(cast.rep.actor, {"name": "One"})
    db.session.commit()
    few = asked()
    assert few > 3
    actions.create_many(cast.rep.actor, [{"name": f"Customer {n}", "phone": "+8613800138000"} for n in range(40)])
    db.session.commit()
    assert asked() <= few


def test_the_log_is_checked_on_asking_and_what_is_wrong_is_named(as_, acme, settings):
    assert "has not been checked yet" in page(as_.auditor, "/verification")
    sealing.seal()
    assert as_.auditor.post("/audit/verification").status_code == 303
    assert as_.auditor.post("/audit/verification").status_code == 303  # asked twice, answered once
    waiting = page(as_.auditor, "/verification")
    assert "Waiting for its turn" in waiting and "Check log now" not in waiting and 'http-equiv="refresh"' in waiting
    assert "every 2s" in page(as_.auditor, "/verification/progress")
    assert sealing.check_waiting() == 1
    html = page(as_.auditor, "/verification")
    assert "It is done" in page(as_.auditor, "/verification/progress")
    assert "sealed lines are as they were sealed" in html and "could have rewritten all of it" in html
    assert as_.rep.get("/audit/verification").status_code == 403
    assert as_.rep.post("/audit/verification").status_code == 403


def test_it_is_said_who_could_change_the_log(as_):
    html = page(as_.auditor, "/verification")
    assert "does not sign in as" in html and "DATABASE_OWNER_URL" not in html


def test_what_the_check_found_is_shown(as_, acme):
    asked = audit.ask_for_verification(audit.NIGHT)
    audit.finish_verification(asked, Verdict(3, [(CHANGED, {"event": 77, "position": 4})]))
    db.session.commit()
    assert "Line 77 of the log was changed" in page(as_.auditor, "/verification")


def test_a_file_is_waited_for_on_its_page_and_is_nobody_elses(as_, acme, cast):
    place = as_.auditor.post("/audit/export.csv").location
    waiting = as_.auditor.get(place).get_data(as_text=True)
    assert "Waiting for its turn" in waiting and 'http-equiv="refresh"' in waiting
    assert as_.auditor.get(f"{place}/file").status_code == 404
    assert "every 2s" in as_.auditor.get(f"{place}/progress").get_data(as_text=True)
    assert write_exports() == 1
    assert "It is done" in as_.auditor.get(f"{place}/progress").get_data(as_text=True)
    assert "Save the file" in as_.auditor.get(place).get_data(as_text=True)
    for part in ("", "/file", "/progress", "/stream"):
        assert as_.administrator.get(place + part).status_code == 404
        assert as_.rep.get(place + part).status_code == 403


def test_a_file_is_written_with_the_rights_and_in_the_language_of_whoever_asked(as_, acme, cast):
    cast.auditor.language = "zh_CN"
    as_.auditor.post("/audit/export.csv")
    place = as_.auditor.post("/audit/export.csv", {"kind": "customer.created"}).location
    assert write_exports() == 2
    assert "操作".encode() in as_.auditor.get(f"{place}/file").get_data()
    late = as_.auditor.post("/audit/export.csv").location
    cast.auditor.language = "en"
    give_roles(cast.administrator.actor, cast.auditor, [ready_made("sales_rep")])
    db.session.commit()
    assert write_exports() == 1
    give_roles(cast.administrator.actor, cast.auditor, [ready_made("auditor")])
    db.session.commit()
    assert "may not read the log any more" in as_.auditor.get(late).get_data(as_text=True)
    assert as_.auditor.get(f"{late}/file").status_code == 404


def test_a_file_half_written_is_begun_again_and_forgotten_after_a_day(as_, acme, monkeypatch, settings):
    place = as_.auditor.post("/audit/export.csv").location
    monkeypatch.setattr(audit_exports, "should_stop", iter([False, True, True]).__next__)
    assert write_exports() == 0
    assert as_.auditor.get(f"{place}/file").status_code == 404
    monkeypatch.undo()
    assert write_exports() == 1
    audit_exports.forget()
    assert as_.auditor.get(f"{place}/file").status_code == 200
    with clock.frozen(clock.now() + exports.KEPT + dt.timedelta(minutes=1)):
        audit_exports.forget()
    assert as_.auditor.get(place).status_code == 404
