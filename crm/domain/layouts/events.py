from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class LayoutMade(Fact):
    name = "layout.made"
    sentence = N_("made the layout “%(layout)s”")
    icon = "plus"

    layout: str


@dataclass(frozen=True)
class LayoutChanged(Fact):
    """`changes` may be of name, roles (their names), position; of sections (their names in order), of each section by
    its key (the keys of its fields in order), wide and left_out (keys of fields)."""

    name = "layout.changed"
    sentence = N_("changed the layout “%(layout)s”")
    icon = "pencil"

    layout: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class LayoutRetired(Fact):
    name = "layout.retired"
    sentence = N_("removed the layout “%(layout)s”")
    icon = "trash-2"

    layout: str


@dataclass(frozen=True)
class LayoutBroughtBack(Fact):
    name = "layout.brought_back"
    sentence = N_("brought the layout “%(layout)s” back")
    icon = "undo-2"

    layout: str
