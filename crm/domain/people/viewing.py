"""An administrator looks through someone else's eyes: begun and ended by events; meanwhile nothing can be changed."""

from dataclasses import replace

from crm.domain.people.events import ViewingBegun, ViewingEnded
from crm.domain.people.models import Person
from crm.domain.people.queries import by_id
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.permissions import Permission
from crm.kernel.text import N_


def begin(actor: Actor, person: Person) -> None:
    if person.id == actor.id or not person.active:
        raise RuleBroken(N_("Choose somebody else, whose account is open."))
    record(actor, person, ViewingBegun(person.name))


def end(actor: Actor, person: Person) -> None:
    record(actor, person, ViewingEnded(person.name))


def through(viewer: Actor, person_id: int) -> tuple[Person, Actor] | None:
    """The person and who they are to the program, as long as the viewer may and the account is open."""
    person = by_id(person_id) if viewer.may(Permission.SYSTEM_VIEW_AS) else None
    if person is None or not person.active:
        return None
    return person, replace(person.actor, read_only=True)
