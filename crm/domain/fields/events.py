from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class FieldMade(Fact):
    name = "field.made"
    sentence = N_("made the field “%(field)s”")
    icon = "plus"

    field: str
    definition: dict[str, Any]


@dataclass(frozen=True)
class FieldChanged(Fact):
    name = "field.changed"
    sentence = N_("changed the field “%(field)s”")
    icon = "pencil"

    field: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class FieldRetired(Fact):
    name = "field.retired"
    sentence = N_("retired the field “%(field)s”")
    icon = "trash-2"

    field: str


@dataclass(frozen=True)
class FieldBroughtBack(Fact):
    name = "field.brought_back"
    sentence = N_("brought the field “%(field)s” back")
    icon = "undo-2"

    field: str


@dataclass(frozen=True)
class StandardFieldChanged(Fact):
    name = "field.standard_changed"
    sentence = N_("changed the standard field “%(field)s”")
    icon = "pencil"

    field: str
    changes: dict[str, list[Any]]
