"""The page of a merge: two records side by side, and which of the two says what goes on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g

from crm.domain.duplicates.merging import choosable, lost
from crm.domain.duplicates.separating import Undone
from crm.kernel.fields import Field
from crm.kernel.packing import stored
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.errors import told
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
        self.fields = list(choosable(g.actor, type_).values())
        self.problem = ""

    @cached_property
    def keep(self) -> str:
        if self.given.get("keep") in self.both:
            return self.given["keep"]
        return max(self.both, key=self._weight)

    def _weight(self, which: str) -> Any:
        this, other = self.both[which], self.both[OTHER if which == ONE else ONE]
        return lost(self.type, this, other) is None, self._filled(this), this.updated_at

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
    def versions(self) -> dict[str, int]:
        """As the page was made: whoever sends it has seen these."""
        return {f"version-{which}": record.version for which, record in self.both.items()}

    @property
    def is_stale(self) -> bool:
        """Somebody has changed one of the two since."""
        return any(self.given.get(key, str(now)) != str(now) for key, now in self.versions.items())

    @cached_property
    def fixed(self) -> list[str]:
        """Labels of the fields that the actor may read and not choose. Of what they see masked nothing is compared:
        that the two differ would tell what stands there."""
        given, chosen = self.type.verbs.by_key, {each.key for each in self.fields}
        return [
            gettext(each.label)
            for each in self.type.fields
            if each.key not in chosen and (each.custom or (each.key in given and given[each.key].editable))
            if self._differs(each)
        ]

    def _differs(self, field: Field) -> bool:
        one, other = (field.value_in(record) for record in self.both.values())
        return any(value not in (None, [], "") for value in (one, other)) and (
            field.masked or not field.same(one, other)
        )

    @property
    def nouns(self) -> dict[str, str]:
        return {"record": noun(self.type.label), "records": noun(self.type.label_plural)}


def told_of(undone: Undone) -> Iterator[str]:
    """What is not as it was before the merge, a sentence for each kind of it."""
    comma = gettext(N_(", "))
    for labels, sentence in (
        (undone.fields, N_("Changed since, and left as they are: %(fields)s.")),
        (undone.waiting, N_("Goes back once a second person has confirmed it: %(fields)s.")),
        (
            undone.withdrawn,
            N_("Had waited for a second person since the merge, and is not asked for any more: %(fields)s."),
        ),
    ):
        if labels:
            yield gettext(sentence, fields=comma.join(map(gettext, labels)))
    for label, why in undone.refused:
        yield gettext(N_("“%(field)s” was not put back: %(why)s"), field=gettext(label), why=told(why))
    if undone.left:
        yield gettext(N_("Some of what came along belongs to another one by now, or is gone: it stays as it is."))
