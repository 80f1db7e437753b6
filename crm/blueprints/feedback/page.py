"""What was said, as its pages show it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g

from crm.domain.feedback.models import DECLINED, DONE, GOOD, KINDS, OPEN, PLANNED, STATUSES, Feedback
from crm.domain.people.queries import DEPARTMENTS, names
from crm.web.formats import moment
from crm.web.i18n import gettext

_TONES = {OPEN: "info", PLANNED: "warn", DONE: "ok", DECLINED: ""}


@dataclass(frozen=True)
class View:
    """`who` is the name and where they worked, `answered` who answered when; `row` is the feedback itself."""

    row: Feedback
    kind: str
    good: bool
    status: str
    tone: str
    who: str
    when: str
    answered: str


def views(rows: Sequence[Feedback]) -> list[View]:
    people = names({each for row in rows for each in (row.person_id, row.answered_by_id)})
    departments = DEPARTMENTS.labels(g.actor, {each.department_id for each in rows if each.department_id})
    return [
        View(
            each,
            gettext(KINDS[each.kind]),
            each.kind == GOOD,
            gettext(STATUSES[each.status]),
            _TONES[each.status],
            " · ".join(filter(None, (people[each.person_id], departments.get(each.department_id or 0, "")))),
            moment(each.said_at),
            f"{people[each.answered_by_id or 0]}, {moment(each.answered_at)}" if each.answered_at else "",
        )
        for each in rows
    ]
