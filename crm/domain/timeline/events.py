import datetime as dt
from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class FollowUpAdded(Fact):
    """The rest is told of one that was written down later, by itself or with others; `line` where a file brought it."""

    name = "follow_up.added"
    sentence = N_("added a follow-up")

    follow_up_id: int
    values: dict[str, Any]
    author_id: int | None = None
    happened_at: dt.datetime | None = None
    import_id: int | None = None
    line: int | None = None


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
    import_id: int | None = None  # the import that was undone
