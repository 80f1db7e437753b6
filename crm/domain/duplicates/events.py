from dataclasses import dataclass, field
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class RecordsMerged(Fact):
    """Of the one that goes on. `moved` is {place: how many rows came along}; which they are, `merge_items` says for as
    long as it can be undone."""

    name = "record.merged"
    sentence = N_("merged “%(title)s” (%(number)s) into this one; entries that came along: %(count)s")
    icon = "arrow-right"

    title: str
    number: str
    merge_id: int
    count: int
    moved: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class LeftBehind(Fact):
    """`values` are what the one that was given up said where whoever merged may choose nothing: read here by whoever
    may read these fields."""

    name = "record.left_behind"
    sentence = N_("left behind what “%(title)s” (%(number)s) said in fields they may not change")
    icon = "history"
    tells_values = True

    title: str
    number: str
    values: dict[str, Any]


@dataclass(frozen=True)
class WentIntoAnother(Fact):
    name = "record.went_into_another"
    sentence = N_("merged this one into “%(title)s” (%(number)s)")
    icon = "arrow-right"

    title: str
    number: str
    merge_id: int


@dataclass(frozen=True)
class MergeUndone(Fact):
    """`count` came back; `left` are fields and places of which something has changed since and stays as it is."""

    name = "record.merge_undone"
    sentence = N_("separated “%(title)s” (%(number)s) from this one again; entries that went back: %(count)s")
    icon = "undo-2"

    title: str
    number: str
    merge_id: int
    count: int
    left: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class CameBack(Fact):
    name = "record.came_back"
    sentence = N_("separated this one from “%(title)s” (%(number)s) again")
    icon = "undo-2"

    title: str
    number: str
    merge_id: int


@dataclass(frozen=True)
class PairParted(Fact):
    """Whoever reads of the one may not see the other, so it is not named."""

    name = "record.pair_parted"
    sentence = N_("said that this is not the same as another one that is like it")
    icon = "x"

    other_id: int


@dataclass(frozen=True)
class DuplicatesAsked(Fact):
    name = "duplicates.asked"
    sentence = N_("asked for a search for duplicates")
    icon = "search"

    record_type: str
