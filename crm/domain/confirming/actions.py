"""What becomes of a change that waits: refused, withdrawn, or confirmed by the type's own verb.

It takes another person than the one who asked, the right to confirm that reaches the record, and everything it would
take to make the change oneself.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from crm.domain.confirming.events import ChangeConfirmed, ChangeRefused, ChangeWithdrawn
from crm.domain.confirming.holding import changes_of, end, value_of
from crm.domain.confirming.models import PendingChange, State
from crm.domain.people.models import Person
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.events import plain, record
from crm.kernel.fields import Field
from crm.kernel.packing import stored
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_, clean

DECIDED = N_("This change does not wait any more: somebody has decided about it.")
_LONGEST = 300
Write = Callable[[Mapping[str, Any]], Any]  # of the values, at once


def may_decide(actor: Actor, subject: Any, pending: PendingChange, field: Field | None) -> bool:
    """`field` is the field as the actor has it."""
    if field is None or not field.writable_by(actor) or actor.id is None or actor.id == pending.asked_by_id:
        return False
    needed = (Action.CONFIRM, Action.EDIT)
    return all(actor.holds(subject, permission(pending.subject_type, each)) for each in needed) and (
        field.needs is None or actor.holds(subject, field.needs)
    )


def may_withdraw(actor: Actor, pending: PendingChange) -> bool:
    return actor.id is not None and actor.id == pending.asked_by_id


def is_overtaken(subject: Any, pending: PendingChange, field: Field) -> bool:
    """Whether the record has something else by now than when the change was asked for."""
    return not field.same(plain(value_of(field, pending.before)), plain(stored(subject, field)))


class Overtaken(RuleBroken):
    """The record was changed since: whoever confirms is to see both first."""


def confirm(
    actor: Actor, subject: Any, pending: PendingChange, field: Field, write: Write, *, seen: int | None = None
) -> None:
    """`seen` is the version of the record at which the actor was shown that it was changed meanwhile."""
    _open(actor, subject, pending, field)
    if is_overtaken(subject, pending, field) and seen != subject.version:
        raise Overtaken(N_("“%(field)s” was changed since: look at both and decide again."), field=field.label)
    before, after = stored(subject, field), value_of(field, pending.after)
    write({field.key: after})
    record(actor, subject, ChangeConfirmed({field.key: [before, after]}, _asker(pending)))
    end([pending], actor, State.CONFIRMED)


def refuse(actor: Actor, subject: Any, pending: PendingChange, field: Field, reason: str = "") -> None:
    _open(actor, subject, pending, field)
    why = clean(reason)[:_LONGEST]
    record(actor, subject, ChangeRefused(changes_of(field, pending), _asker(pending), why))
    end([pending], actor, State.REFUSED, why or None)


def withdraw(actor: Actor, subject: Any, pending: PendingChange, field: Field) -> None:
    _locked(pending)
    if not may_withdraw(actor, pending):
        raise RuleBroken(N_("Only who asked for this change may withdraw it."))
    record(actor, subject, ChangeWithdrawn(changes_of(field, pending)))
    end([pending], actor, State.WITHDRAWN)


def _open(actor: Actor, subject: Any, pending: PendingChange, field: Field) -> None:
    _locked(pending)
    if not may_decide(actor, subject, pending, field):
        raise RuleBroken(N_("A second person decides about this change, who may confirm and make it themselves."))


def _locked(pending: PendingChange) -> None:
    db.session.refresh(pending, with_for_update=True)
    if pending.state != State.ASKED:
        raise RuleBroken(DECIDED)


def _asker(pending: PendingChange) -> str:
    return db.session.scalar(select(Person.name).where(Person.id == pending.asked_by_id)) or "system"
