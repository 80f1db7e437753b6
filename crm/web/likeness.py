"""Who is there already, for forms: what somebody is told while they type and before a second one is made; and on a
record's page what has been merged into it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, url_for
from sqlalchemy import select

from crm.domain.duplicates.merging import until
from crm.domain.duplicates.queries import merged_into
from crm.domain.people.models import Department
from crm.domain.records.alike import NOBODY_MET, Lookalike, Met, met
from crm.domain.registry import MERGES
from crm.infra.db import db
from crm.kernel.fields import Field
from crm.kernel.packing import stored
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.formats import moment
from crm.web.forms import FieldForm
from crm.web.i18n import gettext

ANYWAY = "anyway"  # what the button says that makes a second one


@dataclass(frozen=True)
class Hint:
    """One that the reader may see."""

    url: str
    name: str
    number: str
    why: str
    merge_url: str = ""


@dataclass(frozen=True)
class Elsewhere:
    """One or more that the reader may not see: of these only whose they are is told. `key` stands for it in a form."""

    key: str
    words: str


class Hints:
    """`crm/templates/duplicates/_hints.html` shows them."""

    def __init__(self, type_: RecordType, found: Met) -> None:
        self.type, self.found = type_, found

    @classmethod
    def of(
        cls, type_: RecordType, values: Mapping[str, Any], besides: int | None = None, *, slips: bool = True
    ) -> "Hints":
        if type_.likeness is None:
            return cls(type_, NOBODY_MET)
        return cls(type_, met(g.actor, type_.entity, type_.likeness, values, besides, slips=slips))

    @property
    def any(self) -> bool:
        return bool(self.found.seen or self.found.departments)

    @cached_property
    def seen(self) -> list[Hint]:
        return [hint_of(self.type, each) for each in self.found.seen]

    @cached_property
    def elsewhere(self) -> list[Elsewhere]:
        ids = [each for each in self.found.departments if each is not None]
        rows = db.session.execute(select(Department.id, Department.name).where(Department.id.in_(ids))) if ids else ()
        known = {row.id: row.name for row in rows}
        return [_elsewhere(each, known) for each in self.found.departments]

    @property
    def access_url(self) -> str:
        return url_for("duplicates.ask_access", type_key=self.type.key)


def hint_of(type_: RecordType, one: Lookalike) -> Hint:
    why = gettext(N_(", ")).join(dict.fromkeys(map(gettext, one.why)))
    return Hint(url_for(f"{type_.key}.show", record_id=one.id), one.name, one.number, why)


def _elsewhere(department: int | None, known: Mapping[int, str]) -> Elsewhere:
    if department is None or department not in known:
        return Elsewhere("none", gettext(N_("There is one already that you may not see.")))
    sentence = N_("There is one already that you may not see; it belongs to the department %(department)s.")
    return Elsewhere(str(department), gettext(sentence, department=known[department]))


def hint_url(type_: RecordType, besides: int | None = None) -> str:
    """Empty where nothing is looked for."""
    return url_for("duplicates.hint", type_key=type_.key, besides=besides) if type_.likeness else ""


def told_by(type_: RecordType, form: FieldForm) -> list[str]:
    """The controls whose words tell who is meant."""
    return [each.id for each in form if type_.likeness and each.name in type_.likeness.fields]


def typed(type_: RecordType, args: Mapping[str, str], record: Any = None) -> dict[str, Any]:
    """What stands in the form's controls, as far as it can be read, over what the record has."""
    assert type_.likeness is not None
    known = [each for each in type_.open_to(g.actor).fields if each.key in type_.likeness.fields]
    kept = {each.key: stored(record, each) for each in known if record is not None and _readable(each)}
    form = FieldForm.posted([each for each in known if each.key in args], args)
    form.read()
    return kept | form.values


def _readable(field: Field) -> bool:
    return not field.masked


@dataclass(frozen=True)
class Merged:
    id: int
    words: str
    until: str
    url: str


class Doubles:
    """Of one record that the reader can see; `duplicates/_card.html` shows it."""

    def __init__(self, type_: RecordType, record: Any, there: Collection[str]) -> None:
        self.type, self.record, self._there = type_, record, there

    @cached_property
    def may(self) -> bool:
        able = self.type.likeness is not None and not g.actor.read_only
        return able and bool(g.actor.holds(self.record, self.type.may_edit))

    @property
    def url(self) -> str:
        return url_for("duplicates.of_one", type_key=self.type.key, record_id=self.record.id)

    @cached_property
    def merged(self) -> Sequence[Merged]:
        sentence = N_("%(title)s (%(number)s), merged %(when)s")
        return [
            Merged(
                each.id,
                gettext(sentence, title=each.gone_name, number=each.gone_number, when=moment(each.merged_at)),
                moment(until(each)),
                url_for("duplicates.undo", merge_id=each.id),
            )
            for each in (merged_into(self.type, self.record) if self.may and MERGES in self._there else ())
        ]
