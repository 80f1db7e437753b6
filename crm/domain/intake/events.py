from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class IntakeFormChanged(Fact):
    """`changes` by what is said of a form; a new one has no before."""

    name = "intake.form_changed"
    sentence = N_("changed the public form “%(title)s”")
    icon = "settings"

    title: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class EntryReleased(Fact):
    name = "intake.released"
    sentence = N_("let in what a public form had held: %(reference)s")
    icon = "check"

    reference: str


@dataclass(frozen=True)
class EntryDiscarded(Fact):
    name = "intake.discarded"
    sentence = N_("threw away what a public form had held: %(reference)s")
    icon = "trash-2"

    reference: str


@dataclass(frozen=True)
class HeldDiscarded(Fact):
    name = "intake.held_discarded"
    sentence = N_("threw away all that a public form had held: %(count)s")
    icon = "trash-2"

    count: int
