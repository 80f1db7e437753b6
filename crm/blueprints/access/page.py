"""Requests for access, as their pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm.domain.access.models import SYSTEM, AccessRequest
from crm.domain.people.lasting import last_day
from crm.domain.people.queries import names
from crm.domain.registry import RECORD_TYPES
from crm.kernel.text import N_
from crm.web.formats import date, moment
from crm.web.i18n import gettext

_THE_PROGRAM = N_("An account")
_LIST = N_("The list of %(label)s")
_RECORD = N_("A record, number %(id)s of %(label)s")


@dataclass(frozen=True)
class View:
    """`row` is the request; `tone` colours what became of it."""

    row: AccessRequest
    who: str
    what: str
    when: str
    state: str
    tone: str
    answered: str


def views(rows: Sequence[AccessRequest]) -> list[View]:
    people = names({each for row in rows for each in (row.person_id, row.answered_by_id)})
    return [_view(each, people) for each in rows]


def _view(row: AccessRequest, people: dict[int, str]) -> View:
    who = row.name or people.get(row.person_id or 0, "")
    by = people.get(row.answered_by_id or 0, "")
    answered = f"{by}, {moment(row.answered_at)}" if row.answered_at else ""
    return View(row, who, what(row), moment(row.asked_at), _state(row), _tone(row), answered)


def what(row: AccessRequest) -> str:
    if row.subject_type == SYSTEM:
        return gettext(_THE_PROGRAM)
    label = gettext(RECORD_TYPES[row.subject_type].label_plural)
    return gettext(_RECORD, id=row.subject_id, label=label) if row.subject_id else gettext(_LIST, label=label)


def _state(row: AccessRequest) -> str:
    if row.answered_at is None:
        return gettext(N_("Waits for an answer"))
    if not row.granted:
        return gettext(N_("Not given"))
    return gettext(N_("Given until %(day)s"), day=date(last_day(row.until))) if row.until else gettext(N_("Given"))


def _tone(row: AccessRequest) -> str:
    if row.answered_at is None:
        return "warn"
    return "ok" if row.granted else ""
