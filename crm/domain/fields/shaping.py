"""From the rows administrators made to fields that every surface iterates; read once for each version."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from crm.domain.fields.columns import column
from crm.domain.fields.models import FieldDefinition, FieldOverride
from crm.domain.layouts.queries import in_order
from crm.domain.people.queries import PEOPLE
from crm.infra.db import Base, db
from crm.kernel.access import NOBODY
from crm.kernel.conditions import ASKING, Condition
from crm.kernel.errors import Invalid
from crm.kernel.fields import Choice, Context, Field, Source
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.language import words_in
from crm.kernel.shaping import Override, TypeShape, configurations, link_sources

LENGTHS = {FieldKind.LONG_TEXT: 20_000, FieldKind.MULTI_CHOICE: 5_000, FieldKind.URL: 500, FieldKind.LINK: 400}
_LENGTH = 500
PREFIX = "x_"  # no standard field's key begins so


@lru_cache(64)
def shape(type_: str, version: int) -> TypeShape:
    statement = select(FieldDefinition).where(
        FieldDefinition.record_type == type_, FieldDefinition.retired_at.is_(None)
    )
    overrides = db.session.scalars(select(FieldOverride).where(FieldOverride.record_type == type_))
    standard = {each.key: _override(each) for each in overrides}
    custom: dict[str, tuple[Field, ...]] = {}
    rows = db.session.scalars(statement.order_by(FieldDefinition.position, FieldDefinition.id)).all()
    asking = {each.key for each in rows if each.kind in ASKING} | {key for key, it in standard.items() if not it.hidden}
    for row in rows:
        loose = row.shown_if is not None and _gone(row.shown_if["field"], asking, standard)
        custom[row.section] = (*custom.get(row.section, ()), field_of(row, loose=loose))
    configured = configurations[type_]() if type_ in configurations else {}
    return TypeShape(custom, standard, configured, in_order(type_))


def _override(row: FieldOverride) -> Override:
    return Override(words_in(row.label), row.hidden, row.required, row.sensitive)


def _gone(key: str, asking: Collection[str], standard: Mapping[str, Override]) -> bool:
    """Whether nobody is asked for this field any more: retired, of another kind now, hidden from everybody."""
    return key not in asking and (key.startswith(PREFIX) or key in standard)


def field_of(row: FieldDefinition, *, loose: bool = False) -> Field:
    """`loose`: what it hung on is gone, so it is always shown."""
    kind, shown_if = FieldKind(row.kind), None if loose else _condition(row.shown_if)
    plain = Field(
        key=row.key,
        label=words_in(row.label),
        kind=kind,
        column=column(row.record_type, row.key, kind),
        choices=tuple(map(_choice, row.choices)),
        source=_source(kind, row.link_type),
        kept_in=_kept_in(row),
        required=row.required and shown_if is None,
        sortable=row.index_state == "ready" and kind is not FieldKind.ENCRYPTED,
        max_length=LENGTHS.get(kind, _LENGTH),
        help=words_in(row.help),
        custom=True,
        unique=row.is_unique,
        sensitive=row.sensitive,
        # What must be filled in and is not always shown, must be where it is shown.
        required_from=shown_if if row.required and shown_if else _condition(row.required_from),
        shown_if=shown_if,
        unit=row.unit or "",
        place=f"{row.record_type}.{row.key}" if kind is FieldKind.ENCRYPTED else "",
    )
    return plain if row.default_text is None else _with_default(plain, row.default_text)


def _kept_in(row: FieldDefinition) -> Any:
    """Where its values are found; not where it has an index of its own, or is encrypted and never twice the same."""
    own = row.index_state == "ready" or row.kind == FieldKind.ENCRYPTED
    return None if own else Base.metadata.tables[row.record_type].c.custom


def _with_default(field: Field, text: str) -> Field:
    if field.kind in SOURCED:
        return field
    try:
        return replace(field, default=field.parse(text, Context(NOBODY)))
    except Invalid:  # what was right for the kind or the choices of another day
        return field


def _condition(row: dict[str, Any] | None) -> Condition | None:
    return Condition(row["field"], frozenset(row["values"])) if row else None


def _choice(row: dict[str, Any]) -> Choice:
    return Choice(row["key"], words_in(row["label"]), row.get("tone", ""), retired=row.get("retired", False))


def _source(kind: FieldKind, link_type: str | None) -> Source | None:
    if kind is FieldKind.PERSON:
        return PEOPLE
    return link_sources.get(link_type or "") if kind is FieldKind.LINK else None
