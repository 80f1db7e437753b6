"""The controls of a rule's form: what there is to fill in for a moment and for an action, made of the fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, url_for

from crm.domain.automation import saying, whom
from crm.domain.automation.deeds import settable
from crm.domain.automation.whens import FACTS
from crm.domain.mail_templates.models import MAIL, MESSAGE
from crm.domain.mail_templates.queries import templates
from crm.domain.registry import RECORD_TYPES
from crm.domain.webhooks.actions import endpoints
from crm.kernel.fields import Field
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.text import N_
from crm.web.filters import words_by_key
from crm.web.formats import weekdays
from crm.web.i18n import gettext, noun

Options = list[tuple[str, str]]
_DAYS = (FieldKind.DATE, FieldKind.DATETIME)
SOMEBODY = "person"  # whose name stands beside
KINDS = {
    "created": N_("one is made"),
    "changed": N_("a field changes"),
    "entered": N_("a field becomes a certain value, such as a stage"),
    "tagged": N_("a tag is put on"),
    "imported": N_("one comes in by an import"),
    "fact": N_("something else happens"),
    "date": N_("a date comes, or is some days away or past"),
    "schedule": N_("the clock says so"),
}
EVERY = {"day": N_("every day"), "week": N_("every week"), "month": N_("every month")}


@dataclass(frozen=True)
class Control:
    """`kind`: select, lookup or an input's type. `again`: another choice changes which controls follow."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    options: Options | None = None
    url: str = ""
    help: str = ""
    blank: str | None = None
    again: bool = False


class Controls:
    """Of one part of the form; `given` are its texts, `prefix` what its controls' names begin with."""

    def __init__(self, prefix: str, given: Mapping[str, str], type_key: str) -> None:
        self.prefix, self.given, self.type = prefix, given, type_key

    def select(self, key: str, label: str, options: Iterable[tuple[str, str]], **more: Any) -> Control:
        value = self.given.get(key, "")
        return Control(self.prefix + key, gettext(label), "select", value, list(options), **more)

    def text(self, key: str, label: str, kind: str = "text", **more: Any) -> Control:
        return Control(self.prefix + key, gettext(label), kind, self.given.get(key, ""), **more)

    def fields(self, key: str, fields: Iterable[Field], label: str = N_("Field")) -> Control:
        options = [(each.key, gettext(each.label)) for each in fields]
        return self.select(key, label, options, blank=gettext(N_("choose")), again=True)

    def value(self, key: str, label: str, field: Field | None, *, optional: bool = False) -> list[Control]:
        if field is None:
            return []
        blank = gettext(N_("whatever")) if optional else gettext(N_("choose"))
        if field.choices and field.kind is not FieldKind.TAGS:
            return [self.select(key, label, words_by_key(field).items(), blank=blank)]
        if field.kind is FieldKind.YES_NO:
            return [self.select(key, label, words_by_key(field).items(), blank=blank)]
        if field.kind in SOURCED:
            url = url_for("lookup.options", field=field.key)
            return [self.text(key, label, "lookup", url=url)]
        return [self.text(key, label, "date" if field.kind is FieldKind.DATE else "text")]

    def chosen(self, fields: Iterable[Field], key: str = "field") -> Field | None:
        return next((each for each in fields if each.key == self.given.get(key)), None)


def of_moment(given: Mapping[str, str], type_key: str) -> list[Control]:
    """What is to be said of the moment, once its kind is chosen."""
    made = _MOMENTS.get(given.get("kind", ""))
    return made(Controls("w-", given, type_key)) if made is not None else []


def _changed(at: Controls) -> list[Control]:
    fields = saying.watched(g.actor, at.type)
    field, sides = at.chosen(fields), (("from", N_("From")), ("to", N_("To")))
    values = [each for key, label in sides for each in at.value(key, label, field, optional=True)]
    return [at.fields("field", fields), *values]


def _entered(at: Controls) -> list[Control]:
    fields = saying.enterable(g.actor, at.type)
    return [at.fields("field", fields), *at.value("to", N_("Becomes"), at.chosen(fields))]


def _dated(at: Controls) -> list[Control]:
    help_ = gettext(N_("Above 0: so many days after it. Below 0: before it."))
    return [
        at.fields("field", saying.dated(g.actor, at.type), N_("Date")),
        at.text("days", N_("Days after"), "number", help=help_),
        at.text("hour", N_("From this hour on"), "number"),
    ]


def _fact(at: Controls) -> list[Control]:
    facts = [(key, gettext(each.sentence)) for key, each in FACTS.items() if each.type == at.type]
    return [at.select("fact", N_("Which event"), facts)]


def _clock(at: Controls) -> list[Control]:
    often = at.select("every", N_("How often"), [(key, gettext(words)) for key, words in EVERY.items()], again=True)
    found = [often, at.text("hour", N_("Hour"), "number")]
    match at.given.get("every"):
        case "week":
            found.append(at.select("on", N_("Day"), [(str(n), day) for n, day in enumerate(weekdays(), 1)]))
        case "month":
            found.append(at.text("on", N_("Day of the month"), "number", help="1–28"))
    return found


_MOMENTS: dict[str, Any] = {
    "changed": _changed,
    "entered": _entered,
    "tagged": lambda at: [at.text("tag", N_("Tag"))],
    "date": _dated,
    "schedule": _clock,
    "fact": _fact,
}


def of_action(number: int, given: Mapping[str, str], type_key: str, takes: Iterable[str]) -> list[Control]:
    """What is to be said of an action, once it is chosen what it is."""
    at = Controls(f"a{number}-", given, type_key)
    return [each for key in takes for each in _TAKES[key](at)]


def _field(at: Controls) -> list[Control]:
    return [at.fields("field", settable(g.actor, at.type))]


def _value(at: Controls) -> list[Control]:
    return at.value("value", N_("Value"), at.chosen(settable(g.actor, at.type)))


def _whom(at: Controls) -> list[Control]:
    record = noun(RECORD_TYPES[at.type].label)
    known = [(key, gettext(whom.WORDS[key], record=record)) for key in whom.offered(at.type)]
    known.append((SOMEBODY, gettext(N_("somebody by name"))))
    found = [at.select("whom", N_("Who"), known, blank=gettext(N_("choose")), again=True)]
    if at.given.get("whom") == SOMEBODY:
        found.append(at.text("person", N_("Person"), "lookup", url=url_for("lookup.options", field="owner")))
    return found


def _made(at: Controls) -> list[Control]:
    there = [(key, gettext(each.label)) for key, each in RECORD_TYPES.items() if g.actor.may(each.may_create)]
    return [at.select("type", N_("What"), there, blank=gettext(N_("choose")))]


def _title(at: Controls) -> list[Control]:
    help_ = gettext(N_("{name} and {number} stand for those of the record."))
    return [at.text("title", N_("Called"), help=help_)]


def _templates(channel: str, key: str, label: str, blank: str) -> Any:
    def made(at: Controls) -> list[Control]:
        there = [(str(each.id), each.name) for each in templates(channel, at.type)]
        return [at.select(key, label, there, blank=gettext(blank))]

    return made


_TAKES: dict[str, Any] = {
    "field": _field,
    "value": _value,
    "whom": _whom,
    "type": _made,
    "title": _title,
    "days": lambda at: [at.text("days", N_("Due in days"), "number")],
    "tag": lambda at: [at.text("tag", N_("Tag"))],
    "endpoint": lambda at: [at.select("endpoint", N_("Webhook"), [(str(e.id), e.name) for e in endpoints()])],
    "template": _templates(MAIL, "template", N_("Template"), N_("choose")),
    "message": _templates(MESSAGE, "message", N_("In these words"), N_("the name of the rule")),
}
