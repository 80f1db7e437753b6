"""A promise in words."""

import datetime as dt
from collections.abc import Collection, Mapping

from crm.domain.customers.choices import LEVELS
from crm.domain.people.queries import names
from crm.domain.sla.models import SlaPolicy
from crm.domain.sla.promises import HEAD, OWNER, PERSON, RESPONSE, SOLUTION, Step
from crm.domain.tickets import topics
from crm.domain.tickets.choices import PRIORITIES
from crm.kernel.text import N_
from crm.web.i18n import gettext
from crm.web.sla import span

CLOCK_WORDS = {RESPONSE: N_("First answer"), SOLUTION: N_("Solution")}
TELL_WORDS = {
    OWNER: N_("Whoever owns it, or whoever stands in"),
    HEAD: N_("Whoever leads the team"),
    PERSON: N_("A person"),
}
_SHORT = {OWNER: N_("owner"), HEAD: N_("whoever leads the team")}
_STEP = {
    RESPONSE: N_("at %(percent)s percent of the time to the answer: %(who)s"),
    SOLUTION: N_("at %(percent)s percent of the time to the solution: %(who)s"),
}


def choices() -> dict[str, list[tuple[str, str]]]:
    """What a promise may be for, by its columns."""
    return {
        "types": [(each.code, gettext(each.label)) for each in topics.read().types.values() if not each.retired],
        "priorities": [(each.key, gettext(each.label)) for each in PRIORITIES],
        "levels": [(each.key, gettext(each.label)) for each in LEVELS],
    }


def told_whom(policy: SlaPolicy) -> str:
    known = {key: dict(pairs) for key, pairs in choices().items()}
    said = [
        gettext(N_("Type: %(names)s"), names=_listed(policy.types, known["types"])) if policy.types else "",
        gettext(N_("Priority: %(names)s"), names=_listed(policy.priorities, known["priorities"]))
        if policy.priorities
        else "",
        gettext(N_("Level: %(names)s"), names=_listed(policy.levels, known["levels"])) if policy.levels else "",
    ]
    return " · ".join(filter(None, said)) or gettext(N_("All %(tickets)s"))


def _listed(keys: Collection[str], words: Mapping[str, str]) -> str:
    return ", ".join(words.get(each, each) for each in keys)


def told_times(policy: SlaPolicy) -> str:
    said = []
    if policy.respond_minutes is not None:
        said.append(gettext(N_("answered in %(time)s"), time=_time(policy.respond_minutes)))
    if policy.solve_minutes is not None:
        said.append(gettext(N_("solved in %(time)s"), time=_time(policy.solve_minutes)))
    said.append(gettext(N_("in business hours") if policy.in_hours else N_("round the clock")))
    return " · ".join(said)


def _time(minutes: int) -> str:
    """In hours, since a day of work has fewer than 24 of them."""
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return span(dt.timedelta(minutes=minutes))
    return gettext(N_("%(hours)s h %(minutes)s min") if rest else N_("%(hours)s h"), hours=hours, minutes=rest)


def told_steps(policy: SlaPolicy) -> list[str]:
    steps = [Step(**each) for each in policy.steps]
    people = names({each.person_id for each in steps})
    return [_told_step(each, people) for each in steps]


def _told_step(step: Step, people: Mapping[int, str]) -> str:
    who = people.get(step.person_id or 0, "–") if step.tell == PERSON else gettext(_SHORT[step.tell])
    words = gettext(_STEP[step.clock], percent=step.percent, who=who)
    urgent = gettext(N_("more urgent"))
    return f"{words} · {urgent}" if step.raises else words
