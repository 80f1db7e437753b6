"""A value as a cell of a list, and where it is edited."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import g, request

from crm.domain.registry import RECORD_TYPES
from crm.kernel.asking import Query
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.listing import ListSpec
from crm.web.fields import Labels, show
from crm.web.formats import ago
from crm.web.i18n import gettext

LINKED = "edit"  # `?edit=1`: every cell that may be edited leads to its form, for whoever has no script


@dataclass(frozen=True)
class Cell:
    words: str
    tone: str | None = None  # a badge when not None


def cell(field: Field, value: Any, labels: Labels) -> Cell:
    if value is None:
        return Cell("")
    if field.kind is FieldKind.DATETIME:
        return Cell(ago(value))
    if field.kind is FieldKind.CHOICE and (choice := field.choice(value)) and any(c.tone for c in field.choices):
        return Cell(gettext(choice.label), choice.tone)
    return Cell(show(field, value, labels))


class Edits:
    """Cells of a list that are edited in place. What the script needs stands once in the head, not in each row."""

    def __init__(self, spec: ListSpec, query: Query) -> None:
        self.spec, self.query, self.key = spec, query, spec.entity.__tablename__

    @cached_property
    def written(self) -> frozenset[str]:
        """The fields whose cells the actor may edit; none in the recycle bin."""
        type_ = RECORD_TYPES.get(self.key)
        if type_ is None or type_.entity is not self.spec.entity or not g.actor.may(type_.may_edit):
            return frozenset()
        return frozenset(each.key for each in self.spec.fields if each.writable_by(g.actor))

    def may(self, row: Any) -> bool:
        return g.actor.holds(row, RECORD_TYPES[self.key].may_edit)

    @property
    def url(self) -> str:
        """Where `/<id>/<field>/edit` is a cell's form."""
        return f"/cells/{self.key}" if self.written else ""

    @property
    def place(self) -> str:
        """The list, as it travels with the form of a cell."""
        return urlencode([*self.query.to_args(), *([(LINKED, "1")] if self.is_linked else [])])

    @property
    def is_linked(self) -> bool:
        return LINKED in request.args and bool(self.written)

    @property
    def linked_args(self) -> str:
        return urlencode([*self.query.to_args(), (LINKED, "1")])

    def form_url(self, id_: int, field: str) -> str:
        return f"{self.url}/{id_}/{field}/edit?{urlencode({'list': self.place})}"
