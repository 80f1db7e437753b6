from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class PersonDeactivated(Fact):
    name = "person.deactivated"
    sentence = N_("closed this person's account")
    icon = "log-out"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class PersonReactivated(Fact):
    name = "person.reactivated"
    sentence = N_("opened this person's account again")
    icon = "undo-2"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class RecordHandedOver(Fact):
    """`changes` is {"owner": [before, after]}, as of any other change."""

    name = "record.handed_over"
    sentence = N_("handed this over, as its owner's account was closed")
    icon = "users"

    changes: dict[str, list[Any]]
    handover_id: int


@dataclass(frozen=True)
class RecordHandedBack(Fact):
    name = "record.handed_back"
    sentence = N_("gave this back, as its owner's account was opened again")
    icon = "undo-2"

    changes: dict[str, list[Any]]
    handover_id: int
