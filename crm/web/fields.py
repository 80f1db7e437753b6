"""A field on a page: how its value reads, and which control edits it. One line per kind."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask import g
from markupsafe import Markup, escape

from crm.kernel.company import company
from crm.kernel.contact import format_phone
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.masking import masked
from crm.kernel.parsing import restored
from crm.kernel.sealed import DOTS, opened
from crm.kernel.text import N_
from crm.web.formats import date, decimal, moment, money
from crm.web.i18n import gettext

Labels = Mapping[str, Mapping[Any, str]]  # by field key: stored value → what people read


def labels_for(fields: Sequence[Field], values: Collection[Mapping[str, Any]]) -> Labels:
    """The words for every sourced value of a page, one question per field."""
    told: dict[str, Mapping[Any, str]] = {}
    for field in fields:
        if field.kind in SOURCED and field.source is not None:
            wanted = {value for row in values if (value := row.get(field.key)) is not None}
            told[field.key] = field.source.labels(g.actor, wanted) if wanted else {}
    return told


def _choice(field: Field, value: Any, labels: Labels) -> str:
    choice = field.choice(value)
    return gettext(choice.label) if choice else str(value)


def _sourced(field: Field, value: Any, labels: Labels) -> str:
    return labels.get(field.key, {}).get(value, "")


def _person(field: Field, value: Any, labels: Labels) -> str:
    return _sourced(field, value, labels).rpartition(" (")[0]


def _phone(field: Field, value: Any, labels: Labels) -> str:
    number, extended, extension = format_phone(value, company.phone_region).partition(" ext. ")
    return gettext(N_("%(number)s ext. %(extension)s"), number=number, extension=extension) if extended else number


def _choices(field: Field, value: Any, labels: Labels) -> str:
    return gettext(N_(", ")).join(_choice(field, each, labels) for each in value)


def _tags(field: Field, value: Any, labels: Labels) -> str:
    return ", ".join(_choice(field, each, labels) for each in field.tags.now(value))


def _yes_no(field: Field, value: Any, labels: Labels) -> str:
    return gettext(N_("Yes")) if value else gettext(N_("No"))


def _local(field: Field, value: Any, labels: Labels) -> str:
    return str(value.astimezone(ZoneInfo(company.timezone)).strftime("%Y-%m-%dT%H:%M"))


def _time(field: Field, value: Any, labels: Labels) -> str:
    return str(value.strftime("%H:%M"))


def _encrypted(field: Field, value: Any, labels: Labels) -> str:
    try:
        return opened(field.place, value)
    except Invalid as problem:
        return gettext(problem.message)


def _encrypted_to_edit(field: Field, value: Any, labels: Labels) -> str:
    """Nothing where it cannot be read, so that no sentence is saved in its place."""
    try:
        return opened(field.place, value)
    except Invalid:
        return ""


def _text(field: Field, value: Any, labels: Labels) -> str:
    return str(value)


# Words for a cell or a fact; never empty values.
SHOW: dict[FieldKind, Callable[[Field, Any, Labels], str]] = {
    FieldKind.TEXT: _text,
    FieldKind.LONG_TEXT: _text,
    FieldKind.NUMBER: lambda field, value, labels: decimal(value),
    FieldKind.MONEY: lambda field, value, labels: money(value, field.unit),
    FieldKind.CHOICE: _choice,
    FieldKind.MULTI_CHOICE: _choices,
    FieldKind.YES_NO: _yes_no,
    FieldKind.TAGS: _tags,
    FieldKind.DATE: lambda field, value, labels: date(value),
    FieldKind.DATETIME: lambda field, value, labels: moment(value),
    FieldKind.TIME: _time,
    FieldKind.PHONE: _phone,
    FieldKind.EMAIL: _text,
    FieldKind.URL: _text,
    FieldKind.REFERENCE: _sourced,
    FieldKind.PERSON: _person,
    FieldKind.LINK: _sourced,
    FieldKind.ENCRYPTED: _encrypted,
}

# What stands in the control that edits it: read back by Field.parse to the same value.
_EDIT: dict[FieldKind, Callable[[Field, Any, Labels], str]] = {
    FieldKind.NUMBER: _text,
    FieldKind.MONEY: _text,
    FieldKind.CHOICE: _text,
    FieldKind.MULTI_CHOICE: lambda field, value, labels: ",".join(value),
    FieldKind.YES_NO: lambda field, value, labels: "yes" if value else "no",
    FieldKind.TAGS: lambda field, value, labels: ", ".join(field.tags.in_order(value)),
    FieldKind.DATE: lambda field, value, labels: value.isoformat(),
    FieldKind.DATETIME: _local,
    FieldKind.TIME: _time,
    FieldKind.PERSON: _sourced,
    FieldKind.ENCRYPTED: _encrypted_to_edit,
}

# The macro of ui/forms.html and the type of its input.
CONTROL: dict[FieldKind, tuple[str, str]] = {
    FieldKind.TEXT: ("text", "text"),
    FieldKind.LONG_TEXT: ("textarea", ""),
    FieldKind.NUMBER: ("text", "text"),
    FieldKind.MONEY: ("text", "text"),
    FieldKind.CHOICE: ("select", ""),
    FieldKind.MULTI_CHOICE: ("checks", ""),
    FieldKind.YES_NO: ("select", ""),
    FieldKind.TAGS: ("text", "text"),
    FieldKind.DATE: ("text", "date"),
    FieldKind.DATETIME: ("text", "datetime-local"),
    FieldKind.TIME: ("text", "time"),
    FieldKind.PHONE: ("text", "tel"),
    FieldKind.EMAIL: ("text", "email"),
    FieldKind.URL: ("text", "text"),
    FieldKind.REFERENCE: ("combobox", ""),
    FieldKind.PERSON: ("combobox", ""),
    FieldKind.LINK: ("combobox", ""),
    FieldKind.ENCRYPTED: ("text", "text"),
}


def show(field: Field, value: Any, labels: Labels) -> str:
    if value is None or value == []:
        return ""
    if field.masked and field.kind is FieldKind.ENCRYPTED:
        return DOTS  # not even its shape
    words = SHOW[field.kind](field, value, labels)
    return masked(words) if field.masked else words


def edit_text(field: Field, value: Any, labels: Labels) -> str:
    if value is None:
        return ""
    return _EDIT.get(field.kind, SHOW[field.kind])(field, value, labels)


def defaults(fields: Sequence[Field]) -> dict[str, str]:
    """What stands in an empty form."""
    given = {each.key: each.default for each in fields if each.default is not None}
    labels = labels_for(fields, [given])
    return {each.key: edit_text(each, given[each.key], labels) for each in fields if each.key in given}


_BREAK = Markup("<br>")
_WEBSITE = Markup('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>')
_TAG = Markup('<span class="{}">{}</span>')
_EXPLAINED = Markup('<span class="{}" title="{}">{}<span class="sr-only"> ({})</span></span>')


def _tag(field: Field, key: str) -> Markup:
    """Its colour says nothing that its words do not; what it means is there for whoever asks."""
    choice = field.choice(key)
    if choice is None:
        return _TAG.format("tag", key)
    dress = f"badge {choice.tone}" if choice.tone else "tag"
    words, meaning = gettext(choice.label), gettext(choice.help) if choice.help else ""
    return _EXPLAINED.format(dress, meaning, words, meaning) if meaning else _TAG.format(dress, words)


_RICH: dict[FieldKind, Callable[[Field, Any, str], Markup]] = {
    FieldKind.PHONE: lambda field, value, words: Markup('<a href="tel:{}">{}</a>').format(value, words),
    FieldKind.EMAIL: lambda field, value, words: Markup('<a href="mailto:{}">{}</a>').format(value, words),
    FieldKind.URL: lambda field, value, words: _WEBSITE.format(value, words),
    FieldKind.TAGS: lambda field, value, words: Markup(" ").join(_tag(field, each) for each in field.tags.now(value)),
    FieldKind.LONG_TEXT: lambda field, value, words: _BREAK.join(escape(words).split("\n")),
}


def show_rich(field: Field, value: Any, labels: Labels) -> str | Markup:
    """As `show`, where a page may have links and colours: phones, mail, websites, tags."""
    words = show(field, value, labels)
    plain = field.masked or not words or field.kind not in _RICH
    return words if plain else _RICH[field.kind](field, value, words)


def plain_to_shown(field: Field, value: Any, labels: Labels) -> str:
    """A value as an event keeps it (dates as text), shown."""
    if value in (None, "", []):
        return ""
    if field.kind is FieldKind.ENCRYPTED:
        return DOTS  # all that the log knows
    return show(field, restored(field.kind, value), labels)
