"""Matchings that are kept for the next file with the same headings: one's own, or everybody's who imports the type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import Select, or_, select

from crm.domain.imports.chaining import OF, followers, whole_fallbacks
from crm.domain.imports.converting import as_said
from crm.domain.imports.headings import heading_key
from crm.domain.imports.models import Import
from crm.domain.imports.targets import TARGETS, Target
from crm.domain.imports.template import ImportTemplate
from crm.domain.imports.template_events import TemplateChanged, TemplateKept, TemplateRemoved
from crm.domain.imports.turns import file_of, inspection_of
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.kinds import FieldKind
from crm.kernel.overtaken import refuse_overtaken
from crm.kernel.permissions import Permission
from crm.kernel.text import N_, clean

Said = TypeVar("Said")

LONGEST = 100
MOST = 50  # that are compared with a file
_LIKE = 0.8  # the share of headings that a template must know to be offered


def signature(headings: Sequence[str]) -> str:
    """The same for the same headings in any order, whatever their case, width and punctuation."""
    return sha256("\x1f".join(sorted(map(heading_key, headings))).encode()).hexdigest()


def templates_for(actor: Actor, record_type: str = "") -> Select[ImportTemplate]:
    """One's own, and those that others share."""
    found = select(ImportTemplate).where(ImportTemplate.deleted_at.is_(None))
    found = found.where(or_(ImportTemplate.owner_id == actor.id, ImportTemplate.shared))
    return found.where(ImportTemplate.record_type == record_type) if record_type else found


@dataclass(frozen=True)
class Fitting:
    """`exact`: it is of a file with the same headings."""

    template: ImportTemplate
    exact: bool


def fitting(actor: Actor, import_: Import) -> Fitting | None:
    """The template for this file: of the same headings, one's own before others'; else one that knows most of them."""
    headings = file_of(import_).headings
    mine = (ImportTemplate.owner_id == actor.id).desc()
    newest = ImportTemplate.used_at.desc().nulls_last(), ImportTemplate.id.desc()
    wanted = templates_for(actor, import_.record_type).order_by(mine, *newest)
    exact = db.session.scalars(wanted.where(ImportTemplate.signature == signature(headings)).limit(1)).first()
    if exact is not None:
        return Fitting(exact, exact=True)
    keys = {heading_key(each) for each in headings if each.strip()}
    for each in db.session.scalars(wanted.limit(MOST)) if keys else ():
        if len(keys & each.columns.keys()) >= _LIKE * len(keys):
            return Fitting(each, exact=False)
    return None


def one_of(actor: Actor, import_: Import, template_id: int) -> ImportTemplate | None:
    return db.session.scalars(templates_for(actor, import_.record_type).where(ImportTemplate.id == template_id)).first()


def columns_of(template: ImportTemplate, headings: Sequence[str]) -> dict[int, str]:
    """Column → field key, "" for one that is left out; columns it does not know are not in it."""
    known = template.columns
    return {at: known[key] for at, each in enumerate(headings) if (key := heading_key(each)) in known}


def splits_of(template: ImportTemplate, headings: Sequence[str]) -> list[list[Any]]:
    """How it divides columns of a file with these headings."""
    at = {heading_key(each): n for n, each in enumerate(headings) if each.strip()}
    return [[at[key], separator, parts] for key, separator, parts in template.splits if key in at]


def missing(actor: Actor, target: Target, template: ImportTemplate) -> list[str]:
    """Keys of fields that are not there any more, or not the actor's to fill in."""
    fields = target.by_key()
    for each in followers(actor, target.key):
        fields = {**fields, **{f"{each.key}{OF}{key}": field for key, field in each.by_key().items()}}
    wanted = {*filter(None, template.columns.values()), *template.fallbacks}
    return sorted(key for key in wanted if key not in fields or not fields[key].writable_by(actor))


def keep(actor: Actor, import_: Import, name: str, *, shared: bool, mapping: Mapping[int, str]) -> ImportTemplate:
    """Under a name; one's own of that name and type is replaced."""
    name = _name(name)
    headings = file_of(import_).headings
    whole = inspection_of(import_).headings
    mine = templates_for(actor, import_.record_type).where(ImportTemplate.owner_id == actor.id)
    found = db.session.scalars(mine.where(ImportTemplate.name == name).with_for_update()).first()
    if found is None:
        found = ImportTemplate(record_type=import_.record_type, name=name, owner_id=actor.id, version=0)
        db.session.add(found)
    found.signature, found.shared = signature(headings), shared
    found.columns = {heading_key(each): mapping.get(at, "") for at, each in enumerate(whole) if each.strip()}
    found.translations = _general(actor, import_, import_.translations)
    found.fallbacks = _general(actor, import_, whole_fallbacks(import_))
    found.conversions = as_said(import_.conversions)
    column = import_.source_column
    found.source, found.source_heading = import_.source, "" if column is None else heading_key(whole[column])
    found.splits = [[heading_key(headings[column]), *how] for column, *how in import_.splits]
    found.version += 1
    db.session.flush()
    import_.template_id = found.id
    record(actor, found, TemplateKept(name, import_.record_type, shared))
    return found


def learn(actor: Actor, import_: Import) -> None:
    """What texts mean and how cells are written is kept in one's own template, for the next file."""
    found = db.session.get(ImportTemplate, import_.template_id) if import_.template_id else None
    if found is not None and found.owner_id == actor.id and found.deleted_at is None:
        found.translations = {**found.translations, **_general(actor, import_, import_.translations)}
        found.conversions = as_said(import_.conversions)


def _general(actor: Actor, import_: Import, by_key: Mapping[str, Said]) -> dict[str, Said]:
    """But what names single records: that is of this file, and not for everybody's eyes."""
    fields = TARGETS[import_.record_type].open_to(actor).by_key()
    of_records = {key for key, each in fields.items() if each.kind is FieldKind.LINK}
    return {key: said for key, said in by_key.items() if key not in of_records}


def may_change(actor: Actor, template: ImportTemplate) -> bool:
    return actor.id == template.owner_id or actor.may(Permission.SYSTEM_ADMINISTER)


def change(actor: Actor, template: ImportTemplate, *, name: str, shared: bool, seen: int) -> None:
    _only_keeper(actor, template)
    name = _name(name)
    refuse_overtaken(template, seen)
    changes = {
        key: [getattr(template, key), value]
        for key, value in (("name", name), ("shared", shared))
        if getattr(template, key) != value
    }
    if changes:
        template.name, template.shared = name, shared
        template.version += 1
        record(actor, template, TemplateChanged(changes))


def remove(actor: Actor, template: ImportTemplate) -> None:
    _only_keeper(actor, template)
    if template.deleted_at is None:
        template.deleted_at = clock.now()
        record(actor, template, TemplateRemoved(template.name))


def _only_keeper(actor: Actor, template: ImportTemplate) -> None:
    if not may_change(actor, template):
        raise RuleBroken(N_("Only whoever made this template, or an administrator, can change it."))


def _name(name: str) -> str:
    if not (found := clean(name)) or len(found) > LONGEST:
        raise Invalid(N_("A name of at most %(most)s characters."), most=LONGEST, key="template_name")
    return found
