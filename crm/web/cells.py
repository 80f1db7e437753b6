"""A value as a cell of a list."""

from dataclasses import dataclass
from typing import Any

from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.web.fields import Labels, show
from crm.web.formats import ago
from crm.web.i18n import gettext


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
