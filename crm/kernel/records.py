"""A type of record: what the surfaces that serve every type (lists, forms, import, search, API) need to know."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from crm.kernel.access import Actor
from crm.kernel.fields import Field
from crm.kernel.layouts import Section, in_parts, laid_out
from crm.kernel.listing import ListSpec
from crm.kernel.permissions import Permission
from crm.kernel.shaping import Eyes, eyes_of, fields_for, shape_of

_KEPT = 64  # sets of roles for which a process remembers how a type looks


@dataclass(frozen=True)
class RecordType:
    key: str  # table, address and folder: "customers"
    entity: Any
    label: str
    label_plural: str
    icon: str
    list: ListSpec
    bin: ListSpec
    sections: tuple[Section, ...]
    may_read: Permission
    may_create: Permission
    may_edit: Permission
    may_delete: Permission
    may_import: Permission
    create_many: Callable[..., Sequence[Any]]  # (actor, rows of values, **origin) → ids, in order
    change_many: Callable[..., Sequence[int]]
    change: Callable[[Actor, Any, Mapping[str, Any]], Any]  # (actor, record, values) → true where anything took effect
    confirm: Callable[..., None]  # (actor, record, a change that waits, seen=version) → it takes effect
    delete: Callable[[Actor, Any], None]  # into the recycle bin
    restore: Callable[[Actor, Any], None]
    purge: Callable[[Actor, Any], None]  # for good, out of the bin
    purge_old: Callable[[Actor, dt.datetime, int], int]  # (actor, deleted before, at most) → how many
    match_key: Callable[[Mapping[str, Any]], str | None]  # what exact duplicates have in common
    matches: Callable[..., dict[str, int]]  # (actor, match keys) → match key → id
    delivered: tuple[Section, ...] = ()  # of an opened type: its sections before anybody's layout
    left_out: tuple[Field, ...] = ()  # of an opened type: fields that the layout has no place for

    def open_to(self, actor: Actor) -> "RecordType":
        """This type with the fields that exist for the actor, each as they have it, in the layout of their roles."""
        return self._opened(eyes_of(actor, self.key))

    @cached_property
    def _opened(self) -> Callable[[Eyes], "RecordType"]:
        return lru_cache(_KEPT)(self._open)

    def _open(self, eyes: Eyes) -> "RecordType":
        actor = eyes.actor
        whole = self.whole(actor)
        sections, left_out = laid_out(whole, shape_of(actor, self.key).layout_for(actor.roles))
        return replace(
            self,
            sections=in_parts([each for each in sections if each.fields]),
            left_out=left_out,
            delivered=whole,
            list=self.list.open_to(actor),
        )

    def whole(self, actor: Actor) -> tuple[Section, ...]:
        """The delivered sections with the fields that exist for the actor: before any layout, empty ones too."""
        custom = shape_of(actor, self.key).custom
        fields = [(each, (*each.standard, *custom.get(each.key, ()))) for each in self.delivered or self.sections]
        return tuple(replace(each, fields=fields_for(actor, self.key, own)) for each, own in fields)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """In the order of the layout; those without a place in it last."""
        return (*self.placed, *self.left_out)

    @property
    def placed(self) -> tuple[Field, ...]:
        return tuple(field for section in self.sections for field in section.fields)

    @property
    def main(self) -> Field:
        """What a record is known by."""
        return next(each for each in self.fields if each.core)

    def writable(self, actor: Actor) -> tuple[Field, ...]:
        """The fields this actor may fill in."""
        return tuple(each for each in self.fields if each.writable_by(actor))

    def form(self, actor: Actor) -> tuple[Field, ...]:
        """Those of them that stand on the form."""
        return tuple(each for each in self.placed if each.writable_by(actor))

    def section(self, key: str) -> Section | None:
        return next((each for each in self.sections if each.key == key), None)

    def by_key(self) -> Mapping[str, Field]:
        return {each.key: each for each in self.fields}
