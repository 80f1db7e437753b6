from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class ViewSaved(Fact):
    name = "saved_view.saved"
    sentence = N_("saved the view “%(title)s”")
    icon = "list-filter"

    title: str
    args: list[list[str]]


@dataclass(frozen=True)
class ViewChanged(Fact):
    """`changes` is {what: [before, after]}."""

    name = "saved_view.changed"
    sentence = N_("changed a saved view")
    icon = "list-filter"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class ViewDeleted(Fact):
    name = "saved_view.deleted"
    sentence = N_("deleted the view “%(title)s”")
    icon = "trash-2"

    title: str
    args: list[list[str]]
