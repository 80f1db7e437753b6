"""The page of a merge: two records side by side, and which of the two says what goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g

from crm.kernel.fields import Field
from crm.kernel.packing import stored
from crm.kernel.records import RecordType
from crm.web.fields import labels_for, show_rich
from crm.web.i18n import gettext, noun

ONE, OTHER = "one", "other"


@dataclass(frozen=True)
class Choice:
    """A field in which the two differ: (which, words) of both, and which is chosen."""

    key: str
    label: str
    options: list[tuple[str, Any]]
    chosen: str


class MergeForm:
    """`given` is what was posted; at first the fuller of the two goes on, of two as full the one changed last, and what
    it does not say is taken from the other."""

    def __init__(self, type_: RecordType, one: Any, other: Any, given: Mapping[str, str] | None = None) -> None:
        self.type, self.given = type_.open_to(g.actor), given or {}
        self.both = {ONE: one, OTHER: other}
        self.fields = [each for each in self.type.fields if each.writable_by(g.actor) and not each.masked]
        self.problem = ""

    @cached_property
    def keep(self) -> str:
        if self.given.get("keep") in self.both:
            return self.given["keep"]
        return max(self.both, key=lambda which: (self._filled(self.both[which]), self.both[which].updated_at))

    def _filled(self, record: Any) -> int:
        return sum(stored(record, each) is not None for each in self.fields)

    @property
    def survivor(self) -> Any:
        return self.both[self.keep]

    @property
    def gone(self) -> Any:
        return self.both[ONE if self.keep == OTHER else OTHER]

    def _chosen(self, field: Field) -> str:
        if self.given.get(f"field-{field.key}") in self.both:
            return self.given[f"field-{field.key}"]
        other = ONE if self.keep == OTHER else OTHER
        empty = stored(self.both[self.keep], field) is None and stored(self.both[other], field) is not None
        return other if empty else self.keep

    @cached_property
    def taken_over(self) -> list[str]:
        """Keys of the fields in which the survivor gets what the other has."""
        return [each.key for each in self._differing if self._chosen(each) != self.keep]

    @cached_property
    def _differing(self) -> list[Field]:
        one, other = self.both.values()
        return [each for each in self.fields if not each.same(each.value_in(one), each.value_in(other))]

    @cached_property
    def choices(self) -> list[Choice]:
        values = {which: {each.key: each.value_in(one) for each in self.fields} for which, one in self.both.items()}
        labels = labels_for(self.fields, list(values.values()))
        return [
            Choice(
                each.key,
                gettext(each.label),
                [(which, show_rich(each, values[which][each.key], labels)) for which in self.both],
                self._chosen(each),
            )
            for each in self._differing
        ]

    @property
    def nouns(self) -> dict[str, str]:
        return {"record": noun(self.type.label), "records": noun(self.type.label_plural)}
