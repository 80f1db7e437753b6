"""What is promised about tickets, in the web: the clocks of a ticket, and what administrators say of them."""

import datetime as dt
import re

import pytest
from sqlalchemy import select, update

from crm.domain.people.granting import give_roles
from crm.domain.people.models import Role
from crm.domain.sla import calendars
from crm.domain.sla.models import BusinessCalendar, CalendarDay, SlaPolicy, SlaRun
from crm.domain.sla.promises import Step, policies, uses
from crm.domain.tickets import actions, escalating
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.shape import reshaped
from crm.web.sla import span
from tests.cast import sign_in
from tests.domain.tickets.conftest import again, at, made, service
from tests.web.conftest import Browser

__all__ = ["service"]


@pytest.fixture
def ann(app, service, as_):
    db.session.commit()
    return Browser(sign_in(app.test_client(), service.ann))


def words_of(answer):
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def sent_with_version(browser, here, path="", **form):
    """Posted as the page shows it, with the version that it was made of."""
    seen = re.search('name="version" value="([0-9]+)"', browser.get(here).text).group(1)
    return browser.post(f"{here}{path}", form | {"version": seen})


def china():
    return db.session.scalars(select(BusinessCalendar).where(BusinessCalendar.name == "China")).one()


class TestClocks:
    def test_a_ticket_says_how_its_promises_stand(self, ann, service, cast):
        with clock.frozen(at("2026-11-02 09:00")):
            ticket = made(cast.rep, name="The printer smokes")
            assert "Answer due in 9 h" in words_of(ann.get(f"/tickets/{ticket.id}"))
        with clock.frozen(at("2026-11-02 16:25")):
            page = ann.get(f"/tickets/{ticket.id}")
            assert "Answer due in 1 h 35 min" in words_of(page)
            assert 'value="82"' in page.text and "badge warn" in page.text
            assert "Answer due in 1 h 35 min" in words_of(ann.get("/tickets/queue"))
        with clock.frozen(at("2026-11-02 18:35")):
            page = words_of(ann.get(f"/tickets/{ticket.id}"))
            assert "Answer late by 35 min" in page and "Solution due in 3 d 23 h" in page
            actions.change(cast.administrator.actor, again(ticket.id), {"status": "waiting"})
        with clock.frozen(at("2026-11-04 09:00")):
            page = words_of(ann.get(f"/tickets/{ticket.id}"))
            assert "Solution paused, 1 d 12 h left" in page and "Answer late by" in page
            actions.change(cast.administrator.actor, again(ticket.id), {"status": "solved"})
            page = words_of(ann.get(f"/tickets/{ticket.id}"))
            assert "Answered 1 d 15 h late" in page and "Solved in time" in page

    def test_whoever_may_not_see_when_it_is_due_sees_no_clock(self, ann, service, cast):
        ticket = made(cast.rep)
        role = db.session.scalars(select(Role).where(Role.key == "service_agent")).one()
        role.fields = {**role.fields, "tickets": {"respond_due": "HIDDEN"}}
        reshaped()
        page = words_of(ann.get(f"/tickets/{ticket.id}"))
        assert "Answer due" not in page and "Solution due in" in page

    def test_one_unit_or_two(self, app):
        with app.test_request_context():
            minutes = (0, 59, 60, 61, 1440, 1500, 2879)
            said = [span(dt.timedelta(minutes=each)) for each in minutes]
        assert said == ["1 min", "59 min", "1 h", "1 h 1 min", "1 d", "1 d 1 h", "1 d 23 h"]


def test_whoever_is_told_reads_of_the_ticket_as_long_as_they_may_see_it(ann, service, cast):
    with clock.frozen(clock.now() + dt.timedelta(seconds=5)):  # after the delivered promises were made
        ticket = made(service.ann, name="The printer smokes", owner=service.ann.id)
    with clock.frozen(again(ticket.id).respond_due_at + dt.timedelta(hours=1)):
        assert escalating.step() == 1
    assert "Later than promised: The printer smokes" in words_of(ann.get("/notifications/"))
    assert "noted that the first answer is late" in words_of(ann.get(f"/tickets/{ticket.id}"))
    again(ticket.id).owner_id, again(ticket.id).department_id = cast.other_rep.id, cast.other_rep.department_id
    assert "printer" not in words_of(ann.get("/notifications/"))


class TestPromises:
    form = {
        "name": "Key repairs",
        "types": ["repair"],
        "levels": ["a"],
        "active": "1",
        "in_hours": "",
        "respond_minutes": "30",
        "solve_hours": "4",
        "clock0": "response",
        "percent0": "80",
        "tell0": "person",
        "clock3": "solution",
        "percent3": "100",
        "tell3": "head",
        "raises3": "1",
    }

    def test_only_administrators(self, as_, cast):
        for path in ("/admin/sla", "/admin/sla/new", "/admin/calendars", "/admin/calendars/new"):
            assert as_.manager.get(path).status_code == 403
            assert as_.administrator.get(path).status_code == 200
        assert as_.manager.post("/admin/sla", self.form).status_code == 403
        assert as_.manager.post("/admin/calendars", {"name": "x"}).status_code == 403
        assert "What is promised about tickets" in words_of(as_.administrator.get("/admin/"))

    def test_one_is_made_moved_changed_and_taken_away(self, as_, cast):
        ada = as_.administrator
        refused = ada.post("/admin/sla", self.form)
        assert refused.status_code == 422 and "Say which person is told." in refused.text
        assert "Key repairs" in refused.text  # what was typed is kept
        form = self.form | {"person0": "Mia Rep (mia@example.com)"}
        assert ada.post("/admin/sla", form).status_code == 303
        one = policies()[-1]
        assert (one.respond_minutes, one.solve_minutes, one.in_hours) == (30, 240, False)
        assert [Step(**each) for each in one.steps] == [
            Step("response", 80, "person", cast.other_rep.id),
            Step("solution", 100, "head", raises=True),
        ]
        page = words_of(ada.get("/admin/sla"))
        assert "Type: Repair · Level: A – key → answered in 30 min · solved in 4 h · round the clock" in page
        assert "at 80 percent of the time to the answer: Mia Rep" in page
        assert "Reckoning what is open anew" in page
        ada.post(f"/admin/sla/{one.id}/place", {"way": "up"})
        assert policies()[-2].id == one.id
        shown = ada.get(f"/admin/sla/{one.id}").text
        assert 'value="Mia Rep (mia@example.com)"' in shown
        assert re.search('name="solve_hours"[^>]* value="4"', shown) and re.search('value="a" checked', shown)
        seen = re.search('name="version" value="([0-9]+)"', shown).group(1)
        ada.post(f"/admin/sla/{one.id}", form | {"respond_minutes": "x", "version": seen})
        change = form | {"respond_minutes": "", "percent0": "", "active": "", "version": seen}
        assert ada.post(f"/admin/sla/{one.id}", change).status_code == 303
        db.session.expire_all()
        assert (one.respond_minutes, len(one.steps), one.active) == (None, 1, False)
        second = ada.post(f"/admin/sla/{one.id}", form | {"name": "Locks", "version": seen})
        assert second.status_code == 409 and "Somebody else has changed this" in second.text and "Locks" in second.text
        db.session.expire_all()
        assert (one.name, one.active) == ("Key repairs", False)
        ada.post(f"/admin/sla/{one.id}/retirement")
        assert ada.get(f"/admin/sla/{one.id}").status_code == 404
        assert "changed the promise “Key repairs”" in words_of(ada.get("/audit"))
        assert db.session.scalars(select(SlaRun).where(SlaRun.finished_at.is_(None))).one()

    def test_in_chinese_too(self, as_, cast):
        cast.administrator.language = "zh_CN"
        page = words_of(as_.administrator.get("/admin/sla"))
        assert "紧急" in page and "percent" not in page

    def test_what_is_delivered_keeps_its_name_in_every_language_where_something_else_is_changed(self, as_, cast):
        cast.administrator.language = "zh_CN"
        for page, one in (("sla", policies()[0]), ("calendars", china())):
            was, here = one.name, f"/admin/{page}/{one.id}"
            shown = re.search(r'name="name"[^>]* value="([^"]+)"', as_.administrator.get(here).text).group(1)
            assert shown != was
            sent = {"name": shown, "respond_hours": "3", "active": "1", "week-0": "10:00-12:00"}
            assert as_.administrator.post(here, sent).status_code == 303
            db.session.refresh(one)
            assert one.name == was and getattr(one, "respond_minutes", 180) == 180


class TestCalendars:
    week = {f"week-{day}": "8:00-12:00" for day in range(5)}

    def test_one_is_made_and_counts_somewhere(self, as_, cast):
        ada, form = as_.administrator, {"name": "Berlin", "zone": "Europe/Berlin", **self.week}
        for wrong in ({"zone": "Mars"}, {"week-3": "late"}, {"name": ""}):
            refused = ada.post("/admin/calendars", form | wrong)
            assert refused.status_code == 422 and "8:00-12:00" in refused.text
        ada.post("/admin/calendars", form)
        one = calendars.all_calendars()[-1]
        assert one.week[0] == [[480, 720]] and one.week[6] == []
        here = f"/admin/calendars/{one.id}"
        sent_with_version(ada, here, "/uses", departments=[str(cast.manager.department_id)])
        assert uses() == {cast.manager.department_id: one.id}
        assert sent_with_version(ada, here, "/uses", departments=["987654"]).status_code == 422
        assert "Monday, Tuesday, Wednesday, Thursday, Friday 08:00-12:00" in words_of(ada.get("/admin/calendars"))
        ada.post(f"{here}/retirement")
        assert uses() == {} and ada.get(here).status_code == 404

    def test_days_are_put_in_pasted_copied_and_taken_out(self, as_, cast):
        ada, here = as_.administrator, f"/admin/calendars/{china().id}"
        page = words_of(ada.get(f"{here}?year=2026"))
        assert "Spring Festival" in page and "like Monday: 09:00-18:00" in page and "not worked" in page
        for day in (
            {"day": "2027-05-01", "until": "2027-05-03", "name": "Labour", "how": "closed"},
            {"day": "2027-05-08", "name": "Labour", "how": "5"},
            {"day": "2027-12-24", "name": "Eve", "how": "hours", "hours": "09:00-12:00"},
        ):
            assert sent_with_version(ada, here, "/days", **day).status_code == 303
        for wrong in (
            {"day": "soon"},
            {"day": "2027-05-02", "until": "2027-05-01"},
            {"day": "2027-05-02", "how": "hours"},
        ):
            assert ada.post(f"{here}/days", wrong).status_code == 422
        sent_with_version(ada, here, "/days/removal", day="2027-05-03")
        page = words_of(ada.get(f"{here}?year=2027"))
        assert "Sat, May 1 – Sun, May 2 Labour not worked" in page and page.count("Labour") == 2
        assert "like Saturday: not worked" in page and "Eve 09:00-12:00" in page
        refused = ada.post(f"{here}/pasted", {"text": "2028-01-01 New Year\nsoon"})
        assert refused.status_code == 422 and "Line 2 cannot be read: “soon”" in refused.text
        sent_with_version(ada, here, "/pasted", text="2028-01-01 元旦\n2028-01-02 元旦 上班")
        assert "2 days were read, 2 of them are new" in words_of(ada.get(f"{here}?year=2028"))
        ada.post(f"{here}/copies", {"year": "2028"})
        assert "2 days are copied to 2029" in words_of(ada.get(f"{here}?year=2029"))
        assert ada.post(f"{here}/copies", {"year": "2"}).status_code == 400
        days = db.session.scalars(select(CalendarDay.name).where(CalendarDay.day >= dt.date(2029, 1, 1))).all()
        assert days == ["元旦"] * 2

    def test_of_two_who_change_one_the_second_is_told_and_keeps_what_they_typed(self, app, as_, cast):
        ada, here = as_.administrator, f"/admin/calendars/{china().id}"
        role = db.session.scalars(select(Role).where(Role.key == "administrator")).one()
        give_roles(cast.administrator.actor, cast.manager, [role])
        db.session.commit()
        other = Browser(sign_in(app.test_client(), cast.manager))
        team = str(cast.rep.department_id)
        forms = {
            "": {"name": "Theirs", "zone": "Asia/Tokyo", "week-0": "10:00-12:00"},
            "/days": {"day": "2027-05-08", "name": "Labour", "how": "hours", "hours": "09:00-11:00"},
            "/pasted": {"text": "2028-01-01 New Year"},
            "/uses": {"part": "uses", "departments": [team]},
            "/days/removal": {"day": "2026-10-01", "until": "2026-10-07"},
        }
        typed = {
            "": ['value="Theirs"', 'value="Asia/Tokyo"', 'value="10:00-12:00"'],
            "/days": ['value="2027-05-08"', 'value="Labour"', 'value="hours" selected', 'value="09:00-11:00"'],
            "/pasted": ["2028-01-01 New Year</textarea>"],
            "/uses": [f'value="{team}" checked'],
            "/days/removal": ["National Day"],
        }
        for number, (path, form) in enumerate(forms.items(), 1):
            shown = other.get(here).text
            seen = re.search('name="version" value="([0-9]+)"', shown).group(1)
            first = {"day": f"2027-06-0{number}", "name": "Outing", "how": "closed"}
            assert sent_with_version(ada, here, "/days", **first).status_code == 303
            refused = other.post(here + path, form | {"version": seen})
            assert refused.status_code == 409 and "Somebody else has changed this" in refused.text, path
            for each in typed[path]:
                assert each in refused.text, (path, each)
            day = re.search('<input[^>]*id="day"[^>]*>', refused.text).group()
            assert ("2027-05-08" in day) == (path == "/days") and "2026" not in day
            # Nothing of it stands; sent again over what they have now seen, it does.
            db.session.expire_all()
            assert (china().name, uses()) == ("China", {})
            now = re.search('name="version" value="([0-9]+)"', refused.text).group(1)
            if path:
                assert other.post(here + path, form | {"version": now}).status_code == 303, path
                sent_with_version(ada, here, "/uses")

    def test_a_calendar_that_loses_a_department_to_another_has_changed(self, as_, cast):
        ada, team = as_.administrator, str(cast.rep.department_id)
        one, other = (f"/admin/calendars/{each.id}" for each in calendars.all_calendars())
        sent_with_version(ada, one, "/uses", departments=[team])
        seen = re.search('name="version" value="([0-9]+)"', ada.get(one).text).group(1)
        sent_with_version(ada, other, "/uses", departments=[team])
        again_ = {"departments": [team, "0"], "part": "uses", "version": seen}
        assert ada.post(f"{one}/uses", again_).status_code == 409

    def test_what_was_changed_while_one_waited_for_their_turn_counts_on(self, cast):
        calendar, actor = china(), cast.administrator.actor
        for change in (lambda: calendars.copy_year(actor, calendar, 2026), lambda: calendars.retire(actor, calendar)):
            other = update(BusinessCalendar).values(version=BusinessCalendar.version + 5)
            before = calendar.version
            db.session.execute(other.execution_options(synchronize_session=False))  # by somebody else
            change()
            db.session.flush()
            assert (
                db.session.scalar(select(BusinessCalendar.version).where(BusinessCalendar.id == calendar.id))
                == before + 6
            )

    def test_a_refused_day_does_not_rename_the_calendar(self, as_):
        here = f"/admin/calendars/{china().id}"
        refused = as_.administrator.post(f"{here}/days", {"day": "soon", "name": "Labour", "how": "closed"})
        names = re.findall(r'name="name"[^>]* value="([^"]*)"', refused.text)
        assert refused.status_code == 422 and names == ["China", "Labour"]

    def test_the_only_calendar_stays(self, as_, cast):
        ada = as_.administrator
        codes = [ada.post(f"/admin/calendars/{each.id}/retirement").status_code for each in calendars.all_calendars()]
        assert codes == [303, 409]
        assert db.session.query(SlaPolicy).count() == 4
