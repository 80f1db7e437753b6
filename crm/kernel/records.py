"""A type of record: what the surfaces that serve every type (lists, forms, import, search, API) need to know."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from crm.kernel.access import Actor
from crm.kernel.fields import Field
from crm.kernel.listing import ListSpec
from crm.kernel.permissions import Permission
from crm.kernel.shaping import fields_for, shape_of


@dataclass(frozen=True)
class Section:
    """Fields that stand and are edited together."""

    key: str
    label: str
    fields: tuple[Field, ...]

    @property
    def standard(self) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if not each.custom)


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
    change: Callable[[Actor, Any, Mapping[str, Any]], bool]  # (actor, record, values) → whether anything differed
    delete: Callable[[Actor, Any], None]  # into the recycle bin
    restore: Callable[[Actor, Any], None]
    purge: Callable[[Actor, Any], None]  # for good, out of the bin
    purge_old: Callable[[Actor, dt.datetime, int], int]  # (actor, deleted before, at most) → how many
    match_key: Callable[[Mapping[str, Any]], str | None]  # what exact duplicates have in common
    matches: Callable[..., dict[str, int]]  # (actor, match keys) → match key → id

    def open_to(self, actor: Actor) -> "RecordType":
        """This type with the fields that exist for the actor, each as they have it."""
        custom = shape_of(actor, self.key).custom
        whole = [(each, (*each.standard, *custom.get(each.key, ()))) for each in self.sections]
        sections = tuple(replace(each, fields=fields_for(actor, self.key, fields)) for each, fields in whole)
        sections = tuple(each for each in sections if each.fields)
        return self if sections == self.sections else replace(self, sections=sections, list=self.list.open_to(actor))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return tuple(field for section in self.sections for field in section.fields)

    def writable(self, actor: Actor) -> tuple[Field, ...]:
        """The fields this actor may fill in."""
        return tuple(each for each in self.fields if each.writable_by(actor))

    def section(self, key: str) -> Section | None:
        return next((each for each in self.sections if each.key == key), None)

    def by_key(self) -> Mapping[str, Field]:
        return {each.key: each for each in self.fields}
