"""Administrators say what is promised: to whom, how soon, and who is told when it gets tight."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from crm.domain.customers.choices import LEVELS
from crm.domain.people.models import Person
from crm.domain.sla import anew
from crm.domain.sla.events import SlaPolicyChanged
from crm.domain.sla.models import SlaPolicy
from crm.domain.sla.promises import CLOCKS, PERSON, RESPONSE, SOLUTION, TELL, Step
from crm.domain.sla.promises import policies as known_policies
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import record
from crm.kernel.overtaken import refuse_overtaken
from crm.kernel.text import N_, clean

MOST, MOST_STEPS, LONGEST = 100, 12, 525_600  # minutes of a year
HIGHEST = 1000  # percent


def save(actor: Actor, policy: SlaPolicy | None, given: Mapping[str, Any], *, seen: int | None = None) -> SlaPolicy:
    """`given` has the columns, steps as Steps; a new one (None) comes last. Raises Invalid and keeps nothing, and
    Conflict where the version that was `seen` is not the last."""
    take_turns()
    if policy is not None and seen is not None:
        refuse_overtaken(policy, seen)
    values = _checked(given)
    if policy is None:
        there = known_policies()
        if len(there) >= MOST:
            raise Invalid(N_("There are %(most)s rules already: remove one first."), most=MOST)
        policy = SlaPolicy(name="", version=0, position=max((each.position for each in there), default=0) + 1)
        db.session.add(policy)
    before = {key: getattr(policy, key) for key in values}
    changes = {key: [_told(key, before[key]), _told(key, value)] for key, value in values.items()}
    changes = {key: pair for key, pair in changes.items() if pair[0] != pair[1]}
    if changes:
        for key, value in values.items():
            setattr(policy, key, value)
        policy.version += 1
        if changes.keys() - {"name"}:  # called otherwise it is what it was, and what is due by it is still told
            policy.since = clock.now()
        record(actor, policy, SlaPolicyChanged(policy.name, changes))
        anew.ask(actor)
    return policy


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    name = clean(given["name"])
    if not name or len(name) > 80:
        raise Invalid(N_("A rule needs a name of at most 80 characters."), key="name")
    if not {each.key for each in LEVELS}.issuperset(given["levels"]):
        raise Invalid(N_("There is no such level."), key="levels")
    minutes = {key: given[key] for key in ("respond_minutes", "solve_minutes")}
    for key, value in minutes.items():
        if value is not None and not 0 < value <= LONGEST:
            raise Invalid(N_("A time from one minute to a year."), key=key)
    if minutes["respond_minutes"] is None and minutes["solve_minutes"] is None:
        raise Invalid(N_("Say how soon it is answered or solved, or both."), key="respond_minutes")
    chosen = {key: sorted(given[key]) for key in ("types", "priorities", "levels")}
    promised = {RESPONSE: minutes["respond_minutes"], SOLUTION: minutes["solve_minutes"]}
    steps = _checked_steps(given["steps"], {key for key, value in promised.items() if value is not None})
    flags = {"in_hours": bool(given["in_hours"]), "active": bool(given["active"])}
    return {"name": name, **chosen, **minutes, **flags, "steps": [each.packed() for each in steps]}


def _checked_steps(steps: Sequence[Step], promised: Collection[str]) -> list[Step]:
    if len(steps) > MOST_STEPS:
        raise Invalid(N_("There are at most %(most)s steps."), most=MOST_STEPS, key="steps")
    for each in steps:
        if each.clock not in CLOCKS or each.tell not in TELL:
            raise Invalid(N_("Choose for each step what it is about and who is told."), key="steps")
        if not 1 <= each.percent <= HIGHEST:
            raise Invalid(N_("A step comes at 1 to %(most)s percent of the time."), most=HIGHEST, key="steps")
        if each.clock not in promised:
            raise Invalid(N_("A step is about a time that is not promised: say how long it is."), key="steps")
        if each.tell == PERSON and (each.person_id is None or db.session.get(Person, each.person_id) is None):
            raise Invalid(N_("Say which person is told."), key="steps")
    if len({(each.clock, each.percent, each.tell, each.person_id) for each in steps}) < len(steps):
        raise Invalid(N_("Two steps are the same: take one away."), key="steps")
    return sorted(steps, key=lambda each: (CLOCKS.index(each.clock), each.percent))


def _told(key: str, value: Any) -> Any:
    """As the log keeps it."""
    if key == "steps":
        return [" ".join(map(str, (each["clock"], f"{each['percent']}%", each["tell"]))) for each in value or ()]
    return value


def move(actor: Actor, policy: SlaPolicy, by: int) -> None:
    """One place up (-1) or down (1)."""
    take_turns()
    there = known_policies()
    at = there.index(policy)
    to = min(max(at + by, 0), len(there) - 1)
    if to == at:
        return
    there.insert(to, there.pop(at))
    for position, each in enumerate(there, 1):
        each.position = position
    record(actor, policy, SlaPolicyChanged(policy.name, {"position": [at + 1, to + 1]}))
    anew.ask(actor)


def retire(actor: Actor, policy: SlaPolicy) -> None:
    """What was promised for what is done stays; the log still knows its name."""
    take_turns()
    if policy.retired_at is None:
        policy.retired_at = clock.now()
        record(actor, policy, SlaPolicyChanged(policy.name, {"retired": [False, True]}))
        anew.ask(actor)


def take_turns() -> None:
    """Two administrators do not shape the same at one moment."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("promises"))))
