"""A type of record: what the surfaces that serve every type (lists, forms, import, search, API) need to know."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Protocol

from crm.kernel.access import Actor
from crm.kernel.fields import Field
from crm.kernel.layouts import Section, in_parts, laid_out
from crm.kernel.likeness import Likeness
from crm.kernel.listing import ListSpec
from crm.kernel.permissions import Action, Permission, permission
from crm.kernel.shaping import Eyes, eyes_of, fields_for, shape_of

_KEPT = 64  # sets of roles for which a process remembers how a type looks


class Verbs(Protocol):
    """The writers of a type: crm/domain/records/verbs.py says what each does."""

    @property
    def create_many(self) -> Callable[..., Sequence[Any]]: ...  # (actor, rows of values, **origin) → ids, in order
    @property
    def change_many(self) -> Callable[..., Sequence[int]]: ...
    @property
    def change(self) -> Callable[[Actor, Any, Mapping[str, Any]], Any]: ...  # true where anything took effect
    @property
    def confirm(self) -> Callable[..., None]: ...  # (actor, record, a change that waits, seen=version)
    @property
    def delete(self) -> Callable[[Actor, Any], None]: ...  # into the recycle bin
    @property
    def delete_many(self) -> Callable[..., None]: ...  # (actor, records, import_id=): the import is undone
    @property
    def restore_many(self) -> Callable[..., None]: ...  # (actor, records, import_id=): it is made again
    @property
    def put_back_many(self) -> Callable[..., None]: ...  # (actor, (record, values) pairs, import_id=)
    @property
    def restore(self) -> Callable[[Actor, Any], None]: ...
    @property
    def binned(self) -> Callable[[Actor, Any], None]: ...  # what follows from its going into the bin or coming back
    @property
    def returns(self) -> Callable[[Actor, Any], None]: ...  # refuses what may not come back
    @property
    def open_fields(self) -> Callable[[Actor], dict[str, Field]]: ...  # by key, those the actor has
    @property
    def purge(self) -> Callable[[Actor, Any], None]: ...  # for good, out of the bin
    @property
    def facts(self) -> Any: ...  # crm/domain/records/events.py
    @property
    def purge_old(self) -> Callable[[Actor, dt.datetime, int], int]: ...  # (actor, deleted before, at most) → how many


class Matching(Protocol):
    """What exact duplicates of a type have in common."""

    @property
    def match_key(self) -> Callable[[Mapping[str, Any]], str | None]: ...
    @property
    def matches(self) -> Callable[..., dict[str, int]]: ...  # (actor, match keys) → match key → id


@dataclass(frozen=True)
class RecordType:
    """`letter` after g leads to its list; `badges` are the fields that stand beside a record's name."""

    key: str  # table, address, folder and module: "customers"
    entity: Any
    label: str
    label_plural: str
    icon: str
    letter: str
    list: ListSpec
    bin: ListSpec
    sections: tuple[Section, ...]
    verbs: Verbs
    matching: Matching
    likeness: Likeness | None = None  # what two are compared by; without it none are looked for, and none are merged
    badges: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()  # what is told of a record in another's related list
    delivered: tuple[Section, ...] = ()  # of an opened type: its sections before anybody's layout
    left_out: tuple[Field, ...] = ()  # of an opened type: fields that the layout has no place for

    @property
    def may_read(self) -> Permission:
        return permission(self.key, Action.READ)

    @property
    def may_create(self) -> Permission:
        return permission(self.key, Action.CREATE)

    @property
    def may_edit(self) -> Permission:
        return permission(self.key, Action.EDIT)

    @property
    def may_assign(self) -> Permission:
        return permission(self.key, Action.ASSIGN)

    @property
    def may_delete(self) -> Permission:
        return permission(self.key, Action.DELETE)

    @property
    def may_import(self) -> Permission:
        return permission(self.key, Action.IMPORT)

    @property
    def may_export(self) -> Permission:
        return permission(self.key, Action.EXPORT)

    @property
    def may_confirm(self) -> Permission:
        return permission(self.key, Action.CONFIRM)

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
