from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class FollowUpAdded(Fact):
    name = "follow_up.added"
    sentence = N_("added a follow-up")

    follow_up_id: int
    values: dict[str, Any]


@dataclass(frozen=True)
class FollowUpChanged(Fact):
    name = "follow_up.changed"
    sentence = N_("changed a follow-up")
    icon = "pencil"

    follow_up_id: int
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class FollowUpDeleted(Fact):
    name = "follow_up.deleted"
    sentence = N_("deleted a follow-up")
    icon = "trash-2"

    follow_up_id: int
    values: dict[str, Any]
