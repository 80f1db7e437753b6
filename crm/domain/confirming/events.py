from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class ChangeAsked(Fact):
    """`changes` is {field: [before, after]}: what the record has, and what it is to have."""

    name = "change.asked"
    sentence = N_("asked for a change that a second person must confirm")
    icon = "clock"

    changes: dict[str, list[Any]]
    import_id: int | None = None


@dataclass(frozen=True)
class ChangeConfirmed(Fact):
    name = "change.confirmed"
    sentence = N_("confirmed a change that %(asker)s had asked for")
    icon = "circle-check"

    changes: dict[str, list[Any]]
    asker: str


@dataclass(frozen=True)
class ChangeRefused(Fact):
    name = "change.refused"
    sentence = N_("refused a change that %(asker)s had asked for. %(reason)s")
    icon = "x"

    changes: dict[str, list[Any]]
    asker: str
    reason: str = ""


@dataclass(frozen=True)
class ChangeWithdrawn(Fact):
    name = "change.withdrawn"
    sentence = N_("withdrew a change before it was confirmed")
    icon = "undo-2"

    changes: dict[str, list[Any]]
