"""Fields made, changed, put in order, retired and brought back. Every process obeys with its next request."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from crm.domain.confirming.queries import count_of_field
from crm.domain.fields import indexes
from crm.domain.fields.drafts import Draft, key_for
from crm.domain.fields.events import FieldBroughtBack, FieldChanged, FieldMade, FieldRetired, StandardFieldChanged
from crm.domain.fields.models import FieldDefinition, FieldOverride
from crm.domain.fields.shaping import PREFIX, field_of
from crm.domain.fields.values import fitting, found_twice, rewrite
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.language import Words
from crm.kernel.shape import reshaped
from crm.kernel.text import N_, clean

MOST_FIELDS = 300


def make(actor: Actor, record_type: str, draft: Draft) -> FieldDefinition:
    draft = draft.cleaned()
    there = _fields_of(record_type)
    if sum(each.retired_at is None for each in there) >= MOST_FIELDS:
        raise RuleBroken(N_("At most %(most)s fields of your own: retire one first."), most=MOST_FIELDS)
    _check_label(draft, there)
    definition = FieldDefinition(
        record_type=record_type,
        key=key_for(draft.label, {each.key for each in there}, PREFIX),
        position=max((each.position for each in there), default=0) + 1,
        created_by_id=actor.id,
        index_state=indexes.wanted(draft.kind),
        **draft.columns(),
    )
    _check_default(definition)
    db.session.add(definition)
    record(actor, definition, FieldMade(str(Words(definition.label)), draft.columns()))
    reshaped()
    return definition


def change(actor: Actor, definition: FieldDefinition, draft: Draft) -> None:
    """Raises RuleBroken when stored values would not fit; `fitting` says beforehand which."""
    draft = draft.cleaned()
    others = [each for each in _fields_of(definition.record_type) if each is not definition]
    _check_label(draft, others)
    _check_circle(draft, definition.key, others)
    _check_choices(definition, draft)
    wanted = draft.columns()
    changes = {key: [getattr(definition, key), value] for key, value in wanted.items()}
    changes = {key: pair for key, pair in changes.items() if pair[0] != pair[1]}
    if not changes:
        return
    if changes.keys() & {"link_type", "kind", "sensitive"}:
        _refuse_waiting(definition.record_type, definition.key)
    if "link_type" in changes or "kind" in changes:
        _refit(definition, wanted)
    for key, (_, after) in changes.items():
        setattr(definition, key, after)
    if "is_unique" in changes and definition.is_unique and (twice := found_twice(definition, 1)).count:
        sentence = N_("%(count)s values are in several records, such as “%(value)s”: correct them first.")
        raise RuleBroken(sentence, count=twice.count, value=twice.some[0][0])
    _check_default(definition)
    record(actor, definition, FieldChanged(str(Words(definition.label)), changes))
    reshaped()


def changed_field(definition: FieldDefinition, draft: Draft) -> Field:
    """The field as it would be, to be tried on stored values."""
    return field_of(_like(definition, draft.cleaned().columns()))


def _refit(definition: FieldDefinition, wanted: Mapping[str, Any]) -> None:
    found = fitting(definition, field_of(_like(definition, wanted)))
    if found.misfits:
        count = sum(count for _, count, _ in found.misfits)
        raise RuleBroken(N_("The values of %(count)s records do not fit: correct them first."), count=count)
    indexes.drop(definition)
    definition.index_state = indexes.wanted(FieldKind(wanted["kind"]))
    rewrite(definition, found.fits)


def _like(definition: FieldDefinition, wanted: Mapping[str, Any]) -> FieldDefinition:
    return FieldDefinition(record_type=definition.record_type, key=definition.key, **wanted)


def move(actor: Actor, definition: FieldDefinition, *, down: bool) -> None:
    """One place up or down among the fields of its section that are in use."""
    rows = [each for each in _fields_of(definition.record_type) if each.retired_at is None]
    rows = [each for each in rows if each.section == definition.section]
    at = rows.index(definition)
    to = at + 1 if down else at - 1
    if not 0 <= to < len(rows):
        return
    other = rows[to]
    before = definition.position
    definition.position, other.position = other.position, definition.position
    changes = {"position": [before, definition.position]}
    record(actor, definition, FieldChanged(str(Words(definition.label)), changes))
    reshaped()


def retire(actor: Actor, definition: FieldDefinition) -> None:
    """Gone from every surface; what records hold in it stays and comes back with it."""
    if definition.retired_at is None:
        definition.retired_at = clock.now()
        record(actor, definition, FieldRetired(str(Words(definition.label))))
        reshaped()


def bring_back(actor: Actor, definition: FieldDefinition) -> None:
    if definition.retired_at is not None:
        definition.retired_at = None
        record(actor, definition, FieldBroughtBack(str(Words(definition.label))))
        reshaped()


def change_standard(actor: Actor, record_type: str, field: Field, *, label: Mapping[str, str], **flags: bool) -> None:
    """Rename a standard field in each language; `hidden`, `required`, `sensitive`. What the type lives by stays."""
    if flags["hidden"] and (field.core or field.required):
        raise RuleBroken(N_("Records cannot do without “%(field)s”: it stays."), field=field.label)
    override = db.session.scalars(
        select(FieldOverride).where(FieldOverride.record_type == record_type, FieldOverride.key == field.key)
    ).first()
    if override is None:
        override = FieldOverride(record_type=record_type, key=field.key, label={}, hidden=False, sensitive=False)
        db.session.add(override)
    wanted: dict[str, Any] = {
        "label": {language: words for language, each in label.items() if (words := clean(each)[:80])},
        "hidden": flags["hidden"],
        "required": True if flags["required"] and not field.required else None,
        "sensitive": flags["sensitive"],
    }
    changes = {key: [getattr(override, key), value] for key, value in wanted.items()}
    changes = {key: pair for key, pair in changes.items() if pair[0] != pair[1]}
    if "sensitive" in changes:
        _refuse_waiting(record_type, field.key)
    for key, (_, after) in changes.items():
        setattr(override, key, after)
    if changes:
        record(actor, override, StandardFieldChanged(field.key, changes))
        reshaped()


def _refuse_waiting(record_type: str, key: str) -> None:
    if count := count_of_field(record_type, key):
        raise RuleBroken(N_("%(count)s changes of this field wait for confirmation: decide them first."), count=count)


def _fields_of(record_type: str) -> list[FieldDefinition]:
    """All of a type, retired ones too, in order; locked, so that two administrators take turns."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("fields of " + record_type))))
    statement = select(FieldDefinition).where(FieldDefinition.record_type == record_type)
    return list(db.session.scalars(statement.order_by(FieldDefinition.position, FieldDefinition.id)))


def _check_label(draft: Draft, others: list[FieldDefinition]) -> None:
    for other in others:
        same = [words for language, words in draft.label.items() if other.label.get(language) == words]
        if same and other.retired_at is None:
            raise Invalid(N_("There is a field called “%(name)s” already."), name=same[0])


def _check_circle(draft: Draft, key: str, others: list[FieldDefinition]) -> None:
    hangs_on = {each.key: each.shown_if["field"] for each in others if each.shown_if}
    at = draft.shown_if[0] if draft.shown_if else None
    while at is not None:
        if at == key:
            raise Invalid(N_("A field cannot be shown only if it is shown itself: what it hangs on hangs on it."))
        at = hangs_on.get(at)


def _check_choices(definition: FieldDefinition, draft: Draft) -> None:
    """A choice that records may hold is retired, never forgotten."""
    left = {each.key for each in draft.choices}
    if definition.kind == draft.kind and any(each["key"] not in left for each in definition.choices):
        raise Invalid(N_("A choice cannot be removed: retire it, and records that have it keep it."))


def _check_default(definition: FieldDefinition) -> None:
    if definition.default_text is not None and field_of(definition).default is None:
        raise Invalid(N_("“%(value)s” cannot be what a new record begins with."), value=definition.default_text)
