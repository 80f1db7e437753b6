"""What an administrator says about a field, checked before it becomes one."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crm.kernel.errors import Invalid
from crm.kernel.kinds import FieldKind
from crm.kernel.shaping import link_sources
from crm.kernel.text import N_, clean, sort_key

KINDS: Mapping[FieldKind, str] = {
    FieldKind.TEXT: N_("Text"),
    FieldKind.LONG_TEXT: N_("Long text"),
    FieldKind.NUMBER: N_("A number"),
    FieldKind.MONEY: N_("Amount of money"),
    FieldKind.DATE: N_("Date"),
    FieldKind.DATETIME: N_("Date and time"),
    FieldKind.CHOICE: N_("One choice"),
    FieldKind.MULTI_CHOICE: N_("Several choices"),
    FieldKind.YES_NO: N_("Yes or no"),
    FieldKind.PERSON: N_("Person"),
    FieldKind.LINK: N_("Link to a record"),
    FieldKind.PHONE: N_("Phone"),
    FieldKind.EMAIL: N_("E-mail"),
    FieldKind.URL: N_("Web address"),
    FieldKind.ENCRYPTED: N_("Encrypted text"),
}
CHOOSING = frozenset({FieldKind.CHOICE, FieldKind.MULTI_CHOICE})
TONES: Mapping[str, str] = {
    "": N_("grey"),
    "ok": N_("green"),
    "warn": N_("yellow"),
    "bad": N_("red"),
    "info": N_("blue"),
}
# What can be told from another at a glance of the database.
ONCE_ONLY = frozenset(
    {
        FieldKind.TEXT,
        FieldKind.NUMBER,
        FieldKind.PHONE,
        FieldKind.EMAIL,
        FieldKind.URL,
        FieldKind.LINK,
        FieldKind.ENCRYPTED,
    }
)
LONGEST, MOST_CHOICES = 80, 500
_NOT_A_KEY = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class ChoiceDraft:
    label: Mapping[str, str]
    key: str = ""  # of one that exists
    tone: str = ""
    retired: bool = False


@dataclass(frozen=True)
class Draft:
    label: Mapping[str, str]
    kind: FieldKind
    section: str
    help: Mapping[str, str] = field(default_factory=dict)
    choices: Sequence[ChoiceDraft] = ()
    required: bool = False
    is_unique: bool = False
    sensitive: bool = False
    default_text: str = ""
    link_type: str = ""
    unit: str = ""
    required_from: tuple[str, tuple[str, ...]] | None = None  # (field key, values)
    shown_if: tuple[str, tuple[str, ...]] | None = None

    def cleaned(self) -> "Draft":
        """As it is kept; raises Invalid with a sentence when it cannot work."""
        choosing = self.kind in CHOOSING
        draft = replace(
            self,
            label=_cleaned(self.label, LONGEST),
            help=_cleaned(self.help, 300),
            choices=_choices(self.choices) if choosing else (),
            link_type=self.link_type if self.kind is FieldKind.LINK else "",
            unit=clean(self.unit).upper() or "CNY" if self.kind is FieldKind.MONEY else "",
            default_text=clean(self.default_text),
        )
        if not draft.label:
            raise Invalid(N_("A field needs a name."))
        if draft.kind not in KINDS:
            raise Invalid(N_("Choose what kind of field it is."))
        if choosing and not any(not each.retired for each in draft.choices):
            raise Invalid(N_("Give it at least one choice."))
        if draft.kind is FieldKind.LINK and draft.link_type not in link_sources:
            raise Invalid(N_("Choose what the field links to."))
        if draft.is_unique and draft.kind not in ONCE_ONLY:
            raise Invalid(N_("A field of this kind cannot demand that each value comes only once."))
        if draft.default_text and draft.kind is FieldKind.ENCRYPTED:
            raise Invalid(N_("A new record cannot begin with an encrypted value: it would stand here for all to read."))
        if draft.unit and not re.fullmatch("[A-Z]{3}", draft.unit):
            raise Invalid(N_("A currency is three letters such as CNY."))
        return draft

    def columns(self) -> dict[str, Any]:
        return {
            "label": dict(self.label),
            "kind": self.kind.value,
            "section": self.section,
            "help": dict(self.help),
            "choices": [
                {"key": each.key, "label": dict(each.label), "tone": each.tone, "retired": each.retired}
                for each in self.choices
            ],
            "required": self.required,
            "is_unique": self.is_unique,
            "sensitive": self.sensitive,
            "default_text": self.default_text or None,
            "link_type": self.link_type or None,
            "unit": self.unit or None,
            "required_from": _condition(self.required_from),
            "shown_if": _condition(self.shown_if),
        }


def _condition(said: tuple[str, tuple[str, ...]] | None) -> dict[str, Any] | None:
    return {"field": said[0], "values": list(said[1])} if said else None


def _cleaned(by_language: Mapping[str, str], longest: int) -> dict[str, str]:
    cleaned = {language: words for language, each in by_language.items() if (words := clean(each))}
    for words in cleaned.values():
        if len(words) > longest:
            raise Invalid(N_("It has %(length)s characters; at most %(most)s fit."), length=len(words), most=longest)
    return cleaned


def _choices(drafts: Sequence[ChoiceDraft]) -> tuple[ChoiceDraft, ...]:
    """With a key for each; a new one is made from its words and never changes again."""
    choices: list[ChoiceDraft] = []
    taken = {each.key for each in drafts if each.key}
    for each in drafts:
        label = _cleaned(each.label, LONGEST)
        if not label:
            continue
        if each.tone not in TONES:
            raise Invalid(N_("Choose a colour that is offered."))
        key = each.key or key_for(label, taken)
        taken.add(key)
        choices.append(replace(each, label=label, key=key))
    if len(choices) > MOST_CHOICES:
        raise Invalid(N_("At most %(most)s choices fit."), most=MOST_CHOICES)
    return tuple(choices)


def key_for(label: Mapping[str, str], taken: Collection[str], prefix: str = "") -> str:
    """A key nobody has, from the English words or the sound of the Chinese ones."""
    words = label.get("en") or next(iter(label.values()))
    stem = prefix + (_NOT_A_KEY.sub("_", sort_key(words).lower()).strip("_")[:40].strip("_") or "field")
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}_{number}", number + 1
    return key
