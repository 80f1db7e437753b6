"""The form of a field: what stands in it, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from werkzeug.datastructures import MultiDict

from crm.config import LANGUAGES
from crm.domain.fields.drafts import KINDS, TONES, ChoiceDraft, Draft
from crm.domain.fields.models import FieldDefinition, FieldOverride
from crm.domain.fields.values import Fitting
from crm.domain.registry import RECORD_TYPES
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.records import RecordType
from crm.kernel.shaping import link_sources
from crm.kernel.text import N_
from crm.web.errors import told
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
    rows = sorted(_rows(form), key=lambda row: (not row.order.isdigit(), int(row.order) if row.order.isdigit() else 0))
    return Draft(
        label=by_language(form, "label"),
        kind=FieldKind(kind),
        section=section,
        help=by_language(form, "help"),
        choices=tuple(ChoiceDraft(row.words, row.key, row.tone, row.state == "retired") for row in rows),
        required="required" in form,
        is_unique="is_unique" in form,
        default_text=form.get("default_text", ""),
        link_type=form.get("link_type", ""),
        unit=form.get("unit", ""),
        required_from=_from_stage(form.getlist("required_from")),
    )


def _from_stage(sent: list[str]) -> tuple[str, tuple[str, ...]] | None:
    """Ticked as `field:value`; of one field, as a stage or a status is one."""
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

    @property
    def stages(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """(field, [(`field:value`, words)]) of every single choice there is."""
        own = self.definition.key if self.definition else ""
        choosing = [each for each in self.type.fields if each.kind is FieldKind.CHOICE and each.key != own]
        return [
            (gettext(each.label), [(f"{each.key}:{it.key}", gettext(it.label)) for it in each.choices])
            for each in choosing
        ]

    @property
    def ticked_stages(self) -> list[str]:
        if self.posted is not None:
            return self.posted.getlist("required_from")
        said = (self.definition.required_from if self.definition else None) or {"field": "", "values": []}
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
