"""One question to everything there is, answered in groups. A type of record is asked by being in RECORD_TYPES; what is
no record has a line in SOURCES."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from crm.domain.imports.models import Import
from crm.domain.people.models import Person
from crm.domain.registry import RECORD_TYPES
from crm.domain.search.follow_ups import follow_ups, readable
from crm.domain.search.found import Found, Hit, of
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.finding import best
from crm.kernel.permissions import Action, Permission, permission
from crm.kernel.records import RecordType
from crm.kernel.text import N_, clean, fold

LONGEST = 200  # characters of a question


@dataclass(frozen=True)
class Source:
    """`find(actor, text, size)`: at most so many of what the actor may see, best first."""

    key: str
    label: str
    icon: str
    may: Callable[[Actor], bool]
    find: Callable[[Actor, str, int], Found]


@dataclass(frozen=True)
class Group:
    source: Source
    hits: Sequence[Hit]
    more: bool


def everything(actor: Actor, text: str, size: int) -> list[Group]:
    """Up to `size` of each kind; kinds without a hit, and those that are off for the actor, are left out."""
    text = clean(text)[:LONGEST]
    if not text:
        return []
    asked = [(each, each.find(actor, text, size)) for each in SOURCES if each.may(actor)]
    return [Group(source, found.hits, found.more) for source, found in asked if found.hits]


def _records(type_: RecordType) -> Source:
    def find(actor: Actor, text: str, size: int) -> Found:
        return of([Hit(row.id, row.name, row.number) for row in best(type_.list, actor, text, size + 1)], size)

    return Source(type_.key, type_.label_plural, type_.icon, lambda actor: actor.may(type_.may_read), find)


def _imports(actor: Actor, text: str, size: int) -> Found:
    statement = Import.visible_to(actor).where(func.strpos(func.lower(Import.filename), fold(text)) > 0)
    rows = db.session.execute(
        statement.with_only_columns(Import.id, Import.filename, Import.created_at)
        .order_by(Import.id.desc())
        .limit(size + 1)
    )
    return of([Hit(row.id, row.filename) for row in rows], size)


def _people(actor: Actor, text: str, size: int) -> Found:
    wanted = fold(text)
    named = or_(func.strpos(func.lower(Person.name), wanted) > 0, Person.email.startswith(wanted, autoescape=True))
    first = (
        func.lower(Person.name) != wanted,
        func.strpos(func.lower(Person.name), wanted) != 1,
        Person.name,
        Person.id,
    )
    statement = (
        select(Person.id, Person.name, Person.email).where(Person.active, named).order_by(*first).limit(size + 1)
    )
    return of([Hit(row.id, row.name, row.email) for row in db.session.execute(statement)], size)


_CUSTOMERS_READ = permission("customers", Action.READ)
SOURCES: tuple[Source, ...] = (
    *map(_records, RECORD_TYPES.values()),
    Source("follow_ups", N_("Follow-ups"), "message-square", lambda actor: bool(readable(actor)), follow_ups),
    Source("imports", N_("Imports"), "upload", lambda actor: actor.may(Permission.IMPORTS_READ), _imports),
    Source("people", N_("Colleagues"), "users", lambda actor: actor.may(_CUSTOMERS_READ), _people),
)
