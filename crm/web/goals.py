"""Goals in words and numbers, beside every bar, wherever they are shown."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from babel.dates import format_date, format_skeleton
from flask import g, url_for

from crm.domain.goals import queries
from crm.domain.goals.measures import MONEY, SHARE, Measure
from crm.domain.goals.models import Goal
from crm.domain.goals.periods import end_of, share_gone
from crm.domain.goals.rights import may_list, may_set
from crm.domain.people.queries import departments, names
from crm.kernel.asking import Query
from crm.kernel.company import company
from crm.kernel.language import reading
from crm.kernel.text import N_
from crm.web.formats import decimal, money, number
from crm.web.i18n import gettext

_MOST_NAMED = 30  # people in the address of a list
_WORDS = {
    "reached": (N_("Reached"), "ok"),
    "on course": (N_("On course"), "info"),
    "behind": (N_("Behind"), "warn"),
    "missed": (N_("Not reached"), "bad"),
    "to come": (N_("Not begun"), ""),
}


@dataclass(frozen=True)
class Item:
    """One goal; `url` is the list of what it counts, where the reader has all of it."""

    id: int
    whose: str
    measure: str
    reached: str
    target: str
    percent: int
    state: str
    tone: str
    url: str
    period: str
    may_set: bool

    @property
    def share(self) -> str:
        return f"{self.percent} %"


def items(goals: Sequence[Goal]) -> list[Item]:
    people = names({each.person_id for each in goals})
    places = {each.id: each.name for each in departments()} if any(each.department_id for each in goals) else {}
    known = queries.homes({each.person_id for each in goals})
    made = []
    for each in queries.reached(goals):
        goal, measure = each.goal, each.measure
        words, tone = _WORDS[state_of(each)]
        made.append(
            Item(
                id=goal.id,
                whose=people.get(goal.person_id or 0)
                or places.get(goal.department_id or 0)
                or gettext(N_("The company")),
                measure=gettext(measure.label),
                reached=shown(measure, each.reached),
                target=shown(measure, goal.target),
                percent=each.percent,
                state=gettext(words),
                tone=tone,
                url=list_url(goal, measure) if may_list(g.actor, goal, measure, known) else "",
                period=period_words(goal.period, goal.starts_on),
                may_set=may_set(g.actor, goal, goal.measure, known) and not g.actor.read_only,
            )
        )
    return made


def state_of(each: queries.Reached) -> str:
    goal, today = each.goal, company.today()
    if each.reached >= goal.target:
        return "reached"
    if goal.starts_on > today:
        return "to come"
    if end_of(goal.period, goal.starts_on) <= today:
        return "missed"
    due = (
        goal.target
        if each.measure.kind == SHARE
        else goal.target * Decimal(share_gone(goal.period, goal.starts_on, today))
    )
    return "on course" if each.reached >= due else "behind"


def shown(measure: Measure, value: Decimal) -> str:
    if measure.kind == MONEY:
        return money(value, "CNY")
    if measure.kind == SHARE:
        return f"{decimal(value.normalize())} %"
    return number(int(value))


def period_words(period: str, start: dt.date) -> str:
    locale = reading.get()
    if period == "year":
        return str(format_date(start, "y", locale=locale))
    return str(format_skeleton({"month": "yMMMM", "quarter": "yQQQQ"}[period], start, locale=locale))


def list_url(goal: Goal, measure: Measure) -> str:
    """The list narrowed to what the number counts; nothing where too many people would stand in the address."""
    last = end_of(goal.period, goal.starts_on) - dt.timedelta(days=1)
    filters, groups = measure.filters(goal.starts_on, last), ()
    if goal.person_id is not None or goal.department_id is not None:
        people = queries.people_of(goal)
        if not 0 < len(people) <= _MOST_NAMED:
            return ""
        owners = tuple(("owner", "is", each) for each in people)
        filters, groups = ((*filters, *owners), ()) if len(owners) == 1 else (filters, (owners,))
    asked = Query(filters=tuple(filters), groups=groups)  # type: ignore[arg-type]
    return f"{url_for(f'{measure.listed}.index')}?{urlencode(asked.to_args())}"
