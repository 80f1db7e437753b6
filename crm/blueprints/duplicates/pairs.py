"""The pairs of a type that are alike, as lines of the workbench."""

from dataclasses import dataclass
from typing import Any

from flask import g, url_for

from crm.domain.duplicates.queries import PAGE, Pair, last_search, pairs, place_of
from crm.domain.duplicates.searching import THRESHOLD, percent, under_way
from crm.kernel.access import FieldRight, Reach
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.i18n import gettext, noun


@dataclass(frozen=True)
class Line:
    first: Any
    second: Any
    percent: int
    why: str
    merge_url: str
    part_url: str


class Workbench:
    def __init__(self, type_: RecordType, after: str) -> None:
        self.type = type_
        found = pairs(g.actor, type_, _place(type_, after))
        self.lines = [line for each in found[:PAGE] if self._is_one(line := self._line(each))]
        last = found[PAGE - 1] if len(found) > PAGE else None
        place = f"{last.first.id},{last.second.id}" if last else ""  # their score may tell more than is shown
        self.older = url_for("duplicates.index", type_key=type_.key, after=place) if place else ""
        self.last = last_search(type_)
        self.progress = Progress(type_)

    @property
    def found(self) -> int | None:
        """How many pairs there are: for whoever sees all of the type."""
        whole = g.actor.reach_of(self.type.may_read) is Reach.ALL
        return self.last.found if self.last and whole else None

    @property
    def nouns(self) -> dict[str, str]:
        return {"record": noun(self.type.label), "records": noun(self.type.label_plural)}

    def _is_one(self, line: Line) -> bool:
        """Two that are alike only by what the reader may not read are no pair to them."""
        assert self.type.likeness is not None
        keys = self.type.likeness.fields.keys() - {"name"}
        reads_all = all(g.actor.right_to(self.type.key, key) >= FieldRight.READ for key in keys)
        return reads_all or line.percent >= round(THRESHOLD * 100)

    def _line(self, pair: Pair) -> Line:
        """What the reader may not read of the two speaks neither for nor against it here."""
        likeness = self.type.likeness
        assert likeness is not None
        one, other = (
            likeness.features(
                {
                    column: getattr(each, column)
                    for key, column in likeness.fields.items()
                    if key == "name" or g.actor.right_to(self.type.key, key) >= FieldRight.READ
                }
            )
            for each in (pair.first, pair.second)
        )
        alike = likeness.compare(one, other)
        both = {"first": pair.first.id, "second": pair.second.id}
        return Line(
            pair.first,
            pair.second,
            round(alike.score * 100),
            gettext(N_(", ")).join(dict.fromkeys(map(gettext, alike.why))),
            url_for("duplicates.merge_form", type_key=self.type.key, **both),
            url_for("duplicates.part", type_key=self.type.key, **both),
        )


class Progress:
    """How far the search under way is; `label` is empty where none is."""

    def __init__(self, type_: RecordType) -> None:
        search = under_way(type_)
        self.type = type_
        self.label = gettext(N_("Looking for duplicates")) if search else ""
        self.percent = percent(search) if search else None


def _place(type_: RecordType, after: str) -> tuple[float, int, int] | None:
    first, _, second = after.partition(",")
    return place_of(type_, int(first), int(second)) if first.isdecimal() and second.isdecimal() else None
