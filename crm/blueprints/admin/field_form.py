"""The form of a field: what stands in it, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flask import g
from werkzeug.datastructures import MultiDict

from crm.config import LANGUAGES
from crm.domain.fields.drafts import KINDS, TONES, ChoiceDraft, Draft
from crm.domain.fields.models import FieldDefinition, FieldOverride
from crm.domain.fields.values import Fitting, Twice
from crm.domain.registry import RECORD_TYPES
from crm.kernel.access import NOBODY
from crm.kernel.conditions import ASKING, FILLED
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.records import RecordType
from crm.kernel.shaping import link_sources
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.filters import words_by_key
from crm.web.i18n import gettext, into

LANGUAGE_NAMES = {"en": "English", "zh_CN": "中文"}
EMPTY_ROWS = 3  # for more choices; saving brings three more
_NAMES = ("key", "tone", "state", "order", *LANGUAGES)


@dataclass(frozen=True)
class ChoiceRow:
    key: str
    words: Mapping[str, str]
    tone: str
    state: str  # "" or "retired"
    order: str


def kind_names() -> list[tuple[str, str]]:
    return [(kind.value, gettext(words)) for kind, words in KINDS.items()]


def draft_of(type_: RecordType, form: "MultiDict[str, str]") -> Draft:
    kind, section = form.get("kind", ""), form.get("section", "")
    if kind not in set(KINDS):
        raise Invalid(N_("Choose what kind of field it is."))
    if type_.section(section) is None:
        raise Invalid(N_("Choose where it stands."))
    rows = sorted(
        _rows(form), key=lambda row: (not row.order.isdecimal(), int(row.order) if row.order.isdecimal() else 0)
    )
    return Draft(
        label=by_language(form, "label"),
        kind=FieldKind(kind),
        section=section,
        help=by_language(form, "help"),
        choices=tuple(ChoiceDraft(row.words, row.key, row.tone, row.state == "retired") for row in rows),
        required="required" in form,
        is_unique="is_unique" in form,
        sensitive="sensitive" in form,
        default_text=form.get("default_text", ""),
        link_type=form.get("link_type", ""),
        unit=form.get("unit", ""),
        required_from=_condition(form.getlist("required_from")),
        shown_if=_condition(form.getlist("shown_if")),
    )


def _condition(sent: list[str]) -> tuple[str, tuple[str, ...]] | None:
    """Ticked as `field:value`, all of one field."""
    pairs = [each.partition(":")[::2] for each in sent]
    if len({key for key, _ in pairs}) > 1:
        raise Invalid(N_("Tick the values of one field only."))
    return (pairs[0][0], tuple(value for _, value in pairs)) if pairs else None


def by_language(form: Mapping[str, str], name: str) -> dict[str, str]:
    return {language: form.get(f"{name}-{language}", "") for language in LANGUAGES}


def _rows(form: "MultiDict[str, str]") -> list[ChoiceRow]:
    """One row of inputs for each choice, sent as columns."""
    columns = {name: form.getlist(f"choice-{name}") for name in _NAMES}
    rows = zip(*columns.values(), strict=False)
    named = [dict(zip(_NAMES, row, strict=True)) for row in rows]
    return [
        ChoiceRow(each["key"], {it: each[it] for it in LANGUAGES}, each["tone"], each["state"], each["order"])
        for each in named
    ]


def _ticks(field: Field) -> tuple[str, list[tuple[str, str]]]:
    known = words_by_key(field)
    return gettext(field.label), [(f"{field.key}:{key}", words) for key, words in known.items()]


class FieldPage:
    """`posted` is what was sent and is shown again; without it the field as it is, or an empty one."""

    def __init__(
        self,
        type_: RecordType,
        definition: FieldDefinition | None = None,
        posted: "MultiDict[str, str] | None" = None,
        problem: str = "",
    ) -> None:
        self.type, self.definition, self.posted, self.problem = type_, definition, posted, problem
        self.preview: Fitting | None = None
        self.twice: Twice | None = None

    def text(self, name: str) -> str:
        if self.posted is not None:
            return self.posted.get(name, "")
        return str(getattr(self.definition, name, None) or "")

    def ticked(self, name: str) -> bool:
        return name in self.posted if self.posted is not None else bool(getattr(self.definition, name, False))

    def words(self, name: str) -> list[tuple[str, str, str]]:
        """(language, its name, what it is called in it)."""
        known = by_language(self.posted, name) if self.posted is not None else getattr(self.definition, name, {})
        return [(language, LANGUAGE_NAMES[language], known.get(language, "")) for language in LANGUAGES]

    @cached_property
    def choices(self) -> list[ChoiceRow]:
        if self.posted is not None:
            rows = [each for each in _rows(self.posted) if each.key or any(each.words.values())]
        else:
            kept = self.definition.choices if self.definition else []
            rows = [_row(at, each) for at, each in enumerate(kept, 1)]
        return [*rows, *[ChoiceRow("", {}, "", "", "")] * EMPTY_ROWS]

    @cached_property
    def _asking(self) -> list[Field]:
        """Every other field there is that has choices, whatever is kept from this administrator."""
        own = self.definition.key if self.definition else ""
        sections = self.type.whole(replace(NOBODY, shape=g.actor.shape))
        fields = [field for each in sections for field in each.fields]
        return [each for each in fields if each.kind in ASKING and each.key != own]

    @property
    def stages(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """(field, [(`field:value`, words)]) of every single choice there is."""
        return [_ticks(each) for each in self._asking if each.kind is FieldKind.CHOICE]

    @property
    def askers(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The same of every field with choices, and that it is filled in at all."""
        filled = gettext(N_("anything"))
        found = [(each.key, *_ticks(each)) for each in self._asking]
        return [(label, [*ticks, (f"{key}:{FILLED}", filled)]) for key, label, ticks in found]

    def ticks(self, name: str) -> list[str]:
        """What is ticked for `required_from` or `shown_if`."""
        if self.posted is not None:
            return self.posted.getlist(name)
        said = getattr(self.definition, name, None) or {"field": "", "values": []}
        return [f"{said['field']}:{value}" for value in said["values"]]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return kind_names()

    @property
    def tones(self) -> list[tuple[str, str]]:
        return [(tone, gettext(words)) for tone, words in TONES.items()]

    @property
    def sections(self) -> list[tuple[str, str]]:
        return [(each.key, gettext(each.label)) for each in self.type.sections]

    @property
    def link_types(self) -> list[tuple[str, str]]:
        return [(key, gettext(RECORD_TYPES[key].label)) for key in link_sources if key in RECORD_TYPES]

    def misfits(self) -> list[tuple[str, int, str]]:
        found = self.preview.misfits if self.preview else []
        return [(words, count, told(problem)) for words, count, problem in found[:20]]


def _row(at: int, kept: Mapping[str, Any]) -> ChoiceRow:
    state = "retired" if kept.get("retired") else ""
    return ChoiceRow(kept["key"], kept["label"], kept.get("tone", ""), state, str(at * 10))


class StandardPage:
    """A standard field: what it is called, whether it is there, whether it must be filled in."""

    def __init__(self, type_: RecordType, field: Field, override: FieldOverride | None) -> None:
        self.type, self.field, self.override, self.problem = type_, field, override, ""

    @property
    def words(self) -> list[tuple[str, str, str, str]]:
        """(language, its name, what it is called in it, what it was delivered as)."""
        own = self.override.label if self.override else {}
        return [(it, LANGUAGE_NAMES[it], own.get(it, ""), into(it, self.field.label)) for it in LANGUAGES]

    def posted_label(self, form: Mapping[str, str]) -> dict[str, str]:
        """A name that is the delivered one is none of the company's own."""
        sent = by_language(form, "label")
        return {it: words for it, words in sent.items() if words.strip() != into(it, self.field.label)}

    @property
    def is_indispensable(self) -> bool:
        return self.field.core or self.field.required
