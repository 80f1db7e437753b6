"""One row that is a customer, a contact and an opportunity: the file becomes the first, and when these are in, the
others follow as imports of their own, each checked and counted, linked to the record that their row became."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from crm.domain.imports.events import ImportFollows
from crm.domain.imports.mapping import check_mapping
from crm.domain.imports.models import Import, ImportResult
from crm.domain.imports.states import State
from crm.domain.imports.targets import TARGETS, Target
from crm.domain.imports.translating import read_fallbacks
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.kinds import FieldKind
from crm.kernel.records import RecordType
from crm.kernel.text import N_

LINKS: Mapping[str, Mapping[str, str]] = {"customers": {"contacts": "customer", "opportunities": "customer"}}
OF = ":"  # between a type and one of its fields, as in “contacts:name”
NOT_IN = N_("The record that this row belongs to did not go in.")
_MAY_NOT = N_("You may not import %(records)s: leave their columns out.")


def followers(actor: Actor, type_: str) -> list[Target]:
    """What may follow an import of the type, of what the actor may bring in."""
    found = [TARGETS[each] for each in LINKS.get(type_, {})]
    return [each.open_to(actor) for each in found if actor.may(each.may_import) and actor.may(each.may_create)]


def parted(by_key: Mapping[Any, str]) -> tuple[dict[Any, str], dict[str, dict[Any, str]]]:
    """Column → field key, of the file's own type; and by type of those that follow."""
    own: dict[Any, str] = {}
    others: dict[str, dict[Any, str]] = {}
    for place, key in by_key.items():
        type_, of, field = key.partition(OF)
        if of:
            others.setdefault(type_, {})[place] = field
        else:
            own[place] = key
    return own, others


def keys_parted(fallbacks: Mapping[str, str]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The same of field key → value."""
    own, others = parted({key: key for key in fallbacks})
    return (
        {key: fallbacks[key] for key in own},
        {type_: {field: fallbacks[key] for key, field in keys.items()} for type_, keys in others.items()},
    )


def checked_followers(
    actor: Actor, type_: str, mapping: Mapping[str, Mapping[int, str]], fallbacks: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """As Import keeps them; Invalid or RuleBroken with a sentence. What only has values for empty cells is none."""
    known = {each.key: each for each in followers(actor, type_)}
    found = {}
    for key, columns in mapping.items():
        if key not in known:
            raise RuleBroken(_MAY_NOT, records=TARGETS[key].label_plural if key in TARGETS else key)
        given = read_fallbacks(actor, known[key], fallbacks.get(key, {}))
        link = LINKS[type_][key]
        check_mapping(known[key], actor, columns, {*given, link})
        _refuse_secrets(known[key], columns)
        found[key] = {"mapping": {str(at): field for at, field in sorted(columns.items())}, "fallbacks": given}
    return found


def _refuse_secrets(target: Target, columns: Mapping[int, str]) -> None:
    """The rows of the first import keep their cells as they are."""
    fields = target.by_key()
    for key in columns.values():
        if fields[key].kind is FieldKind.ENCRYPTED:
            raise Invalid(
                N_("“%(field)s” is kept encrypted: bring it in with a file of its own."), field=fields[key].label
            )


def whole_mapping(import_: Import) -> dict[int, str]:
    """Column → field key, of those that follow with their type before it."""
    found = {int(at): key for at, key in (import_.mapping or {}).items() if key}
    for type_, part in import_.followed.items():
        found |= {int(at): f"{type_}{OF}{key}" for at, key in part["mapping"].items()}
    return found


def whole_fallbacks(import_: Import) -> dict[str, str]:
    found = dict(import_.fallbacks)
    for type_, part in import_.followed.items():
        found |= {f"{type_}{OF}{key}": value for key, value in part["fallbacks"].items()}
    return found


def let_follow(import_: Import) -> None:
    """In the transaction that ends the first: they are checked and then start by themselves, as it was started."""
    for type_, part in import_.followed.items():
        child = Import(
            **{name: getattr(import_, name) for name in _SAME},
            record_type=type_,
            parent_id=import_.id,
            state=State.CHECKING,
            mapping=part["mapping"],
            fallbacks=part["fallbacks"],
            starts_at=clock.now(),
        )
        db.session.add(child)
        record(Actor(import_.owner_id), child, ImportFollows(import_.filename, import_.id))


_SAME = (
    *("owner_id", "department_id", "filename", "storage_key", "size", "sha256", "inspection", "sheet", "encoding"),
    *("delimiter", "heading_row", "splits", "source", "duplicates", "automates"),
)


def linked(actor: Actor, import_: Import, lines: Sequence[int]) -> dict[int, int]:
    """Line → the record that the row became in the import before, of those the actor may see."""
    assert import_.parent_id is not None
    with unscoped("the import that this one follows"):
        parent = db.session.get_one(Import, import_.parent_id)
    results = select(ImportResult.line, ImportResult.record_id).where(
        ImportResult.import_id == parent.id, ImportResult.line.in_(lines), ImportResult.record_id.is_not(None)
    )
    found = {row.line: row.record_id for row in db.session.execute(results)}
    target = TARGETS[parent.record_type]
    assert isinstance(target, RecordType)
    entity = target.entity
    seen = entity.visible_to(actor).with_only_columns(entity.id).where(entity.id.in_(set(found.values())))
    ids = set(db.session.scalars(seen))
    return {line: int(id_) for line, id_ in found.items() if id_ in ids}


def link_of(import_: Import) -> str:
    """The field that leads to the record before; "" of an import that follows none."""
    if import_.parent_id is None:
        return ""
    return next(links[import_.record_type] for links in LINKS.values() if import_.record_type in links)


def children(import_: Import) -> Sequence[Import]:
    statement = select(Import).where(Import.parent_id == import_.id, Import.deleted_at.is_(None))
    with unscoped("what follows an import is seen with it"):
        return db.session.scalars(statement.order_by(Import.id)).all()
