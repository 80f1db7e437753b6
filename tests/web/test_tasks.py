"""Tasks, the calendar and notifications as pages, for whoever may and whoever may not."""

import datetime as dt
import re

import pytest
from icalendar import Calendar

from crm.domain.contacts import actions as contacts
from crm.domain.customers import actions as customers
from crm.domain.modules.actions import switch_module
from crm.domain.notifications.queries import unread
from crm.domain.tasks import actions
from crm.domain.tasks.models import Task
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.company import company


def made(person, **values) -> int:
    id_ = actions.create(person.actor, {"name": "Ring 陈经理"} | values)
    db.session.commit()
    return id_


def status(id_):
    with unscoped("a test looks at everything"):
        return db.session.get(Task, id_, populate_existing=True).status


def words(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def test_the_list_has_its_views_and_a_button_to_complete(as_, cast):
    id_ = made(cast.rep, due=company.today() - dt.timedelta(days=2))
    page = words(as_.rep.get("/tasks/"))
    assert f'formaction="/tasks/{id_}/completion"' in page
    for view in ("Mine", "Overdue", "Today", "This week"):
        assert f">{view}<" in page
    assert ">My team&#39;s<" not in page and ">My team's<" not in page
    manager = words(as_.manager.get("/tasks/"))
    assert "My team" in manager
    for address, there in (("?due__during=before_today&status__in=open", True), ("?due__during=today", False)):
        assert ("Ring 陈经理" in words(as_.rep.get(f"/tasks/{address}"))) is there
    auditor = words(as_.auditor.get("/tasks/"))
    assert "Ring 陈经理" in auditor and "/completion" not in auditor
    assert "Ring 陈经理" not in words(as_.outsider.get("/tasks/"))


def test_a_tap_completes_and_another_takes_that_back(as_, cast):
    id_ = made(cast.rep)
    answer = as_.rep.post(f"/tasks/{id_}/completion", htmx=f"span#tick-{id_}")
    assert status(id_) == "done"
    assert f"/tasks/{id_}/reopening" in words(answer) and len(answer.data) < 1_000
    as_.rep.post(f"/tasks/{id_}/reopening", htmx=f"span#tick-{id_}")
    assert status(id_) == "open"
    assert as_.rep.post(f"/tasks/{id_}/completion", {"next": "/tasks/?q=x"}).location == "/tasks/?q=x"
    assert as_.rep.post(f"/tasks/{id_}/reopening", {"next": "https://elsewhere.example/"}).location == f"/tasks/{id_}"


@pytest.mark.parametrize(("who", "code"), [("other_rep", 404), ("outsider", 404), ("auditor", 403), ("stranger", 303)])
def test_nobody_completes_what_others_have_to_do(as_, cast, who, code):
    id_ = made(cast.rep)
    assert getattr(as_, who).post(f"/tasks/{id_}/completion").status_code == code
    assert status(id_) == "open"


def test_a_task_is_made_on_its_form_about_a_record(as_, cast):
    acme = customers.create(cast.rep.actor, {"name": "Acme"})
    db.session.commit()
    page = words(as_.rep.get(f"/customers/{acme}"))
    new_url = re.search(r'href="(/tasks/new\?about=[^"]+)"', page).group(1).replace("&amp;", "&")
    assert 'value="Acme (CUST' in words(as_.rep.get(new_url))
    form = {"name": "Send the offer", "due": "2031-02-03", "time": "9:05", "about": "Acme", "status": "open"}
    form |= {"kind": "call", "priority": "high", "remind": "15"}
    assert as_.rep.post("/tasks/", form | {"time": "25:00"}).status_code == 422
    place = as_.rep.post("/tasks/", form).location
    assert "09:05" in words(as_.rep.get(place))
    page = words(as_.rep.get(f"/customers/{acme}"))
    page = page[page.index('id="timeline"') :]
    assert page.index('id="open-tasks"') < page.index("Send the offer") < page.index('id="composer"')
    assert "Send the offer" not in words(as_.agent.get(f"/customers/{acme}"))


def test_a_task_does_not_tell_of_a_record_that_is_not_to_be_seen(as_, cast):
    secret = customers.create(cast.administrator.actor, {"name": "Geheim"})
    id_ = made(cast.administrator, about=f"customers:{secret}", owner=cast.rep.id)
    for address in (f"/tasks/{id_}", "/tasks/", f"/tasks/{id_}/sections/task/edit", "/notifications/"):
        assert "Geheim" not in words(as_.rep.get(address))
    assert "Geheim" in words(as_.administrator.get(f"/tasks/{id_}"))


def test_the_calendar_shows_months_and_weeks(as_, cast):
    made(cast.rep, due=dt.date(2026, 11, 25), time=dt.time(14, 30))
    contacts.create(cast.rep.actor, {"name": "Ida", "birthday": dt.date(1990, 11, 30)})
    db.session.commit()
    month = words(as_.rep.get("/tasks/calendar?month=2026-11"))
    assert "Ring 陈经理" in month and "Ida" in month and "November 2026" in month
    assert month.count("<td") == 42
    week = words(as_.rep.get("/tasks/calendar?week=2026-W48"))
    assert "Ring 陈经理" in week and "Ida" not in week and week.count("<td") == 7
    assert "month=2026-12" in month and "month=2026-10" in month and "week=2026-W49" in week
    team = words(as_.manager.get("/tasks/calendar?month=2026-11&whose=team"))
    assert "Ring 陈经理" in team and "Sam 王" in team
    assert "Ring 陈经理" not in words(as_.manager.get("/tasks/calendar?month=2026-11"))
    assert "Ring 陈经理" not in words(as_.outsider.get("/tasks/calendar?month=2026-11&whose=team"))
    for odd in ("month=2026-13", "week=2026-W99", "month=x", "week=0000-W00", "month=0000-01"):
        assert as_.rep.get(f"/tasks/calendar?{odd}").status_code == 200


def test_the_feed_is_for_whoever_knows_its_address_and_only_while_it_lasts(as_, app, cast):
    today = company.today()
    made(cast.rep, due=today, time=dt.time(14, 30))
    made(cast.rep, name="All day", due=today)
    made(cast.other_rep, name="Hers", due=today)
    page = words(as_.rep.post("/account/calendar"))
    address = re.search(r'value="http://[^/]+(/calendar/[^"]+\.ics)"', page).group(1)
    assert address not in words(as_.rep.get("/account/calendar"))
    answer = as_.stranger.get(address)
    assert answer.content_type == "text/calendar; charset=utf-8"
    events = {str(each["summary"]): each for each in Calendar.from_ical(answer.data).walk("VEVENT")}
    assert events.keys() == {"Ring 陈经理", "All day"}
    assert events["All day"]["dtstart"].dt == today
    assert events["Ring 陈经理"]["dtstart"].dt.hour == 6  # in UTC
    assert as_.stranger.get(address.replace(".ics", "x.ics")).status_code == 404
    cast.rep.active = False
    db.session.commit()
    assert as_.stranger.get(address).status_code == 404
    cast.rep.active = True
    db.session.commit()
    as_.rep.post("/account/calendar/revocation")
    assert as_.stranger.get(address).status_code == 404


def test_the_log_does_not_know_the_address_of_a_feed(as_, app, capfd):
    as_.stranger.get("/calendar/very-secret-words.ics")
    out = "".join(capfd.readouterr())
    assert "very-secret-words" not in out


def test_the_bell_counts_and_the_page_says_what_there_is(as_, cast):
    id_ = made(cast.manager, owner=cast.rep.id)
    assert 'aria-label="Notifications: 1 unread"' in words(as_.rep.get("/customers/"))
    page = words(as_.rep.get("/notifications/"))
    assert "Max Manager gave you something to do: Ring 陈经理" in page and f'href="/tasks/{id_}"' in page
    notification = re.search(r"/notifications/(\d+)/reading", page).group(1)
    assert as_.other_rep.post(f"/notifications/{notification}/reading").status_code == 404
    assert unread(cast.rep.actor) == 1
    as_.rep.post(f"/notifications/{notification}/reading")
    assert unread(cast.rep.actor) == 0
    made(cast.manager, owner=cast.rep.id)
    as_.rep.post("/notifications/reading")
    assert 'aria-label="Notifications"' in words(as_.rep.get("/notifications/"))


def test_where_the_module_is_off_there_are_no_tasks(as_, cast):
    made(cast.rep)
    token = re.search(r"/calendar/([^\"]+)\.ics", words(as_.rep.post("/account/calendar"))).group(1)
    for module in ("tickets", "tasks"):  # what needs sales makes a task
        switch_module(cast.administrator.actor, module, everyone=False)
    db.session.commit()
    assert as_.rep.get("/tasks/").status_code == as_.rep.get("/tasks/calendar").status_code == 404
    assert as_.stranger.get(f"/calendar/{token}.ics").status_code == 404
    acme = customers.create(cast.rep.actor, {"name": "Acme"})
    db.session.commit()
    said = {"kind": "call", "body": "Talked", "next_on": "2031-02-03"}
    assert as_.rep.post(f"/customers/{acme}/follow-ups", said).status_code == 303
    assert "open-tasks" not in words(as_.rep.get(f"/customers/{acme}"))
