"""What can happen to a tag."""

from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class TagMade(Fact):
    name = "tag.made"
    sentence = N_("made the tag “%(title)s”")
    icon = "plus"

    title: str
    values: dict[str, Any]


@dataclass(frozen=True)
class TagChanged(Fact):
    name = "tag.changed"
    sentence = N_("changed the tag “%(title)s”")
    icon = "tag"

    title: str
    changes: dict[str, Any]


@dataclass(frozen=True)
class TagMerged(Fact):
    name = "tag.merged"
    sentence = N_("made the tag “%(title)s” one with “%(other)s”")
    icon = "tag"

    title: str
    other: str
