"""Words and steps that are written again and again."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from crm.domain.tickets.choices import STATUSES
from crm.domain.tickets.events import TicketRulesChanged
from crm.domain.tickets.models import TicketMacro
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import record
from crm.kernel.overtaken import refuse_overtaken
from crm.kernel.text import N_, clean

LONGEST_NAME, LONGEST_BODY, MOST = 60, 5_000, 100
PLACES = ("number", "subject", "customer", "contact", "agent", "company")
_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def macros(*, retired: bool = False) -> Sequence[TicketMacro]:
    """In their order."""
    statement = select(TicketMacro).order_by(TicketMacro.position, TicketMacro.id)
    if not retired:
        statement = statement.where(TicketMacro.retired_at.is_(None))
    return db.session.scalars(statement).all()


def filled(text: str, words: Mapping[str, str]) -> str:
    """Each place with its words; of what is not known nothing stands there."""
    return _PLACE.sub(lambda found: words.get(found.group(1), ""), text)


def save_macro(actor: Actor, macro: TicketMacro | None, given: Mapping[str, Any], *, seen: int = 0) -> TicketMacro:
    """`given` has name, body by language, public and status; a new one (None) comes last. `seen` is the version it was
    edited over: Conflict where somebody else has changed it since."""
    if macro is not None:
        refuse_overtaken(macro, seen)
    values = _checked(given)
    if macro is None:
        if (db.session.scalar(select(func.count(TicketMacro.id))) or 0) >= MOST:
            raise Invalid(N_("There are %(most)s already: remove one first."), most=MOST)
        highest = db.session.scalar(select(func.max(TicketMacro.position))) or 0
        macro = TicketMacro(position=highest + 1, version=0)
        db.session.add(macro)
    changes = {key: [getattr(macro, key), value] for key, value in values.items() if getattr(macro, key) != value}
    for key, value in values.items():
        setattr(macro, key, value)
    if changes:
        macro.version += 1
        record(actor, macro, TicketRulesChanged("macros", macro.name, changes))
    return macro


def retire_macro(actor: Actor, macro: TicketMacro) -> None:
    if macro.retired_at is None:
        macro.retired_at = clock.now()
        record(actor, macro, TicketRulesChanged("macros", macro.name, {"retired": [False, True]}))


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    name = clean(given["name"])
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(N_("It needs a name of at most %(most)s characters."), key="name", most=LONGEST_NAME)
    body = {language: text for language, each in given["body"].items() if (text := clean(each, lines=True))}
    for language, text in body.items():
        if len(text) > LONGEST_BODY:
            most = LONGEST_BODY
            raise Invalid(N_("At most %(most)s characters fit."), key=f"body-{language}", most=most)
        if unknown := [place for place in _PLACE.findall(text) if place not in PLACES]:
            raise Invalid(N_("There is no place called “%(name)s”."), key=f"body-{language}", name=unknown[0])
    status = given.get("status") or None
    if status is not None and status not in {each.key for each in STATUSES}:
        raise Invalid(N_("Choose one of these."), key="status")
    if not body and status is None:
        raise Invalid(N_("It needs words, or a status that it sets."), key="body-en")
    return {"name": name, "body": body, "public": bool(given.get("public")), "status": status}
