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


@dataclass(frozen=True)
class KeyRotationStarted(Fact):
    name = "keys.rotation_started"
    sentence = N_("has %(total)s encrypted values encrypted anew with the key %(key_id)s")
    icon = "settings"

    key_id: str
    total: int


@dataclass(frozen=True)
class KeyRotationFinished(Fact):
    name = "keys.rotation_finished"
    sentence = N_(
        "encrypted %(done)s values with the key %(key_id)s; %(unreadable)s could not be read and stay as they are"
    )
    icon = "check"

    key_id: str
    done: int
    unreadable: int


@dataclass(frozen=True)
class KeyForgotten(Fact):
    name = "keys.forgotten"
    sentence = N_("removed the key %(key_id)s: no value needs it any more")
    icon = "trash-2"

    key_id: str
