"""A person's open tasks and birthdays as an iCalendar file."""

import datetime as dt

from icalendar import Calendar, Event

from crm.domain.tasks.calendar import Birthday, days
from crm.domain.tasks.choices import OPEN
from crm.domain.tasks.deriving import due_at
from crm.domain.tasks.fields import TASK_FIELDS
from crm.domain.tasks.models import Task
from crm.infra import clock
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.text import N_
from crm.web.i18n import gettext

_BACK, _AHEAD = dt.timedelta(days=60), dt.timedelta(days=365)
_LASTS = dt.timedelta(minutes=30)
_ABOUT = next(each for each in TASK_FIELDS if each.key == "about")


def calendar_of(actor: Actor, site: str) -> bytes:
    """Of the actor's own, all that they may see now. Programs that read it show events, not to-dos."""
    today = company.today()
    found = days(actor, today - _BACK, today + _AHEAD)
    tasks = [each for each in found.tasks if each.status == OPEN]
    assert _ABOUT.source is not None
    about = _ABOUT.source.labels(actor, {each.about for each in tasks if each.about})
    calendar = Calendar()
    calendar.add("prodid", "-//CRM//Tasks//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", gettext(N_("Tasks")))
    for task in tasks:
        calendar.add_component(_task(task, about.get(task.about or "", ""), site))
    for birthday in found.birthdays:
        calendar.add_component(_birthday(birthday, site))
    return bytes(calendar.to_ical())


def _task(task: Task, about: str, site: str) -> Event:
    assert task.due_on is not None
    event = _event(f"task-{task.id}", task.name, f"{site}/tasks/{task.id}", task.updated_at)
    if about:
        event.add("description", about)
    if task.due_time is None:
        _whole_day(event, task.due_on)
    else:
        event.add("dtstart", due_at(task.due_on, task.due_time))
        event.add("duration", _LASTS)
    return event


def _birthday(birthday: Birthday, site: str) -> Event:
    words = gettext(N_("Birthday: %(name)s"), name=birthday.name)
    place = f"{site}/contacts/{birthday.contact_id}"
    event = _event(f"birthday-{birthday.contact_id}-{birthday.on.year}", words, place, clock.now())
    _whole_day(event, birthday.on)
    return event


def _event(uid: str, words: str, url: str, at: dt.datetime) -> Event:
    event = Event()
    event.add("uid", f"{uid}@{url.partition('://')[2].partition('/')[0]}")
    event.add("summary", words)
    event.add("url", url)
    event.add("dtstamp", at)
    return event


def _whole_day(event: Event, day: dt.date) -> None:
    event.add("dtstart", day)
    event.add("dtend", day + dt.timedelta(days=1))
    event.add("transp", "TRANSPARENT")
