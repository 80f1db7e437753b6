"""What a rule would have done in the last days, had it been on: nothing is kept, and nobody is told anything.

Conditions are asked of the records as they are now, since nobody knows any more what else stood in them then.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from crm.domain.automation import asking, deeds, timing
from crm.domain.automation.acting import made, rights_for
from crm.domain.automation.asking import Condition
from crm.domain.automation.holding import moment_of
from crm.domain.automation.rules import Rule, version_now
from crm.domain.automation.whens import DATE, IMPORTS, SCHEDULE, meets
from crm.domain.imports.models import Import
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.company import company
from crm.kernel.events import Event

DAYS, SHOWN = 30, 20
MOST = 20_000  # events that are looked through
_CHUNK = 5_000


@dataclass(frozen=True)
class Trial:
    """`moments`: how often it would have been asked; `acted`: how often the conditions hold; `records`: the newest of
    those, each once. `more`: there are older events that nobody has looked at.
    """

    moments: int
    acted: int
    records: Sequence[int]
    more: bool = False


def tried(actor: Actor, rule: Rule) -> Trial:
    """With the rights it would get from the actor. Raises RuleBroken where these are too few, Invalid where the rule
    makes no sense."""
    _, theirs = asking.parted(rule.conditions)
    needed = deeds.needed(rule.type, bool(theirs), list(rule.actions))
    rights = rights_for(actor, needed, {each.type for each in needed}, rule.department_id)
    acting = made(rule.name, rights, rule.department_id, version_now())
    if rule.when["kind"] in (DATE, SCHEDULE):
        return _by_the_clock(rule, acting)
    return _by_events(rule, acting)


def _by_the_clock(rule: Rule, acting: Actor) -> Trial:
    today = company.today()
    first = today - dt.timedelta(days=DAYS - 1)
    if rule.when["kind"] == DATE:
        ids = [id_ for id_, _ in timing.dates_between(rule, acting, first, today)]
        return Trial(len(ids), len(ids), list(dict.fromkeys(reversed(ids)))[:SHOWN])
    due = [id_ for id_, _ in timing.due_for(rule, acting, None, today)]
    turns = sum(timing.is_turn(rule.when, first + dt.timedelta(days=n)) for n in range(DAYS))
    return Trial(turns, turns * len(due), due[:SHOWN])


def _by_events(rule: Rule, acting: Actor) -> Trial:
    asked = select(Event).where(Event.subject_type == rule.type, Event.occurred_at >= _since())
    rows = db.session.scalars(asked.order_by(Event.occurred_at.desc(), Event.id.desc()).limit(MOST + 1)).all()
    tags: Sequence[str] = ()
    if "tag" in rule.when:
        field = RECORD_TYPES[rule.type].open_to(acting).by_key().get("tags")
        tags = field.tags.alike(rule.when["tag"]) if field is not None else ()
    unheard = _unheard(rows[:MOST])
    met = [
        (each.subject_id, asks is None)  # the record itself must tell that it was the moment
        for each in rows[:MOST]
        if each.payload.get("import_id") not in unheard
        and (asks := meets(rule.when, each.kind, each.payload, tags)) is not False
    ]
    holds = _holding(rule, acting, rule.conditions, {id_ for id_, _ in met})
    begun = {id_ for id_, asks in met if asks}
    moment = _holding(rule, acting, moment_of(rule, acting), begun) if begun else set()
    met = [(id_, asks) for id_, asks in met if not asks or id_ in moment]
    acted = [id_ for id_, _ in met if id_ in holds]
    return Trial(len(met), len(acted), list(dict.fromkeys(acted))[:SHOWN], len(rows) > MOST)


def _unheard(events: Sequence[Event]) -> set[int]:
    """Imports of which no rule was to hear."""
    ids = {each.payload["import_id"] for each in events if each.payload.get("import_id") is not None}
    with unscoped("whether rules hear of an import tells nothing of what is in it"):
        return set(db.session.scalars(select(Import.id).where(Import.id.in_(ids), Import.automates.is_(False))))


def _since() -> dt.datetime:
    return clock.now() - dt.timedelta(days=DAYS)


def _holding(rule: Rule, acting: Actor, conditions: Sequence[Condition], among: Collection[int]) -> set[int]:
    found: set[int] = set()
    ids = sorted(among)
    for at in range(0, len(ids), _CHUNK):
        some = ids[at : at + _CHUNK]
        if rule.type == IMPORTS:
            found |= set(some)
            continue
        entity = RECORD_TYPES[rule.type].entity
        found |= set(db.session.scalars(asking.meeting(acting, rule.type, conditions).where(entity.id.in_(some))))
    return found
