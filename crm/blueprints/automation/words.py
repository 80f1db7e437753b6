"""A rule as a sentence: when something happens, if this holds, then that is done."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g

from crm.domain.automation import whom
from crm.domain.automation.asking import OF_CUSTOMER
from crm.domain.automation.rules import Rule
from crm.domain.automation.whens import FACTS, IMPORTS
from crm.domain.mail_templates.queries import template
from crm.domain.people.queries import names
from crm.domain.registry import RECORD_TYPES
from crm.domain.webhooks.actions import endpoint_of
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import SOURCED
from crm.kernel.modules import MODULES
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.fields import plain_to_shown
from crm.web.filters import words as filter_words
from crm.web.formats import number, weekdays
from crm.web.i18n import gettext, noun

Given = Mapping[str, Any]
_GONE = N_("something that is not there any more")
_CHANGED = {
    (False, False): N_("“%(field)s” of one of the %(records)s changes"),
    (True, False): N_("“%(field)s” of one of the %(records)s changes from “%(before)s”"),
    (False, True): N_("“%(field)s” of one of the %(records)s changes to “%(after)s”"),
    (True, True): N_("“%(field)s” of one of the %(records)s changes from “%(before)s” to “%(after)s”"),
}
_EVERY = {
    "day": N_("it is %(hour)s on any day, for each of the %(records)s"),
    "week": N_("it is %(hour)s on a %(day)s, for each of the %(records)s"),
    "month": N_("it is %(hour)s on day %(day)s of a month, for each of the %(records)s"),
}


def sentence(rule: Rule) -> str:
    """Of what is gone that it is."""
    when, then = (
        when_words(rule.type, rule.when),
        gettext(N_("; ")).join(action_words(rule.type, each) for each in rule.actions),
    )
    if not rule.conditions:
        return gettext(N_("When %(when)s: %(then)s."), when=when, then=then)
    asked = gettext(N_(" and ")).join(condition_words(rule.type, each) for each in rule.conditions)
    return gettext(N_("When %(when)s, if %(conditions)s: %(then)s."), when=when, conditions=asked, then=then)


def type_word(type_key: str) -> str:
    named = RECORD_TYPES[type_key].label_plural if type_key in RECORD_TYPES else MODULES[IMPORTS].label
    return gettext(named)


def records(type_key: str) -> str:
    return noun(RECORD_TYPES[type_key].label_plural)


def _field(type_key: str, key: str) -> Field | None:
    return RECORD_TYPES[type_key].open_to(g.actor).by_key().get(key) or RECORD_TYPES[type_key].list.open_to(
        g.actor
    ).by_key.get(key)


def field_words(type_key: str, key: str) -> str:
    field = _field(type_key, key)
    return gettext(field.label) if field is not None else gettext(_GONE)


def value_words(type_key: str, key: str, value: Any) -> str:
    """As events keep it."""
    field = _field(type_key, key)
    if field is None:
        return gettext(_GONE)
    labels = field.source.labels(g.actor, [value]) if field.kind in SOURCED and field.source is not None else {}
    return plain_to_shown(field, value, {key: labels})


def when_words(type_key: str, when: Given) -> str:
    if when["kind"] == "fact":
        fact = FACTS.get(when["fact"])
        return gettext(fact.sentence if fact is not None else _GONE)
    return _WHEN[when["kind"]](type_key, when, records(type_key))


def _created(type_key: str, said: Given, many: str) -> str:
    return gettext(N_("one of the %(records)s is made"), records=many)


def _imported(type_key: str, said: Given, many: str) -> str:
    return gettext(N_("one of the %(records)s comes in by an import"), records=many)


def _tagged(type_key: str, said: Given, many: str) -> str:
    tag = value_words(type_key, "tags", [said["tag"]])
    return gettext(N_("one of the %(records)s gets the tag “%(tag)s”"), records=many, tag=tag)


def _entered(type_key: str, said: Given, many: str) -> str:
    sentence_ = N_("“%(field)s” of one of the %(records)s becomes “%(after)s”")
    after = value_words(type_key, said["field"], said["to"])
    return gettext(sentence_, field=field_words(type_key, said["field"]), records=many, after=after)


def _changed(type_key: str, said: Given, many: str) -> str:
    field = field_words(type_key, said["field"])
    before, after = (value_words(type_key, said["field"], said.get(side)) for side in ("from", "to"))
    sentence_ = _CHANGED["from" in said, "to" in said]
    return gettext(sentence_, field=field, records=many, before=before, after=after)


def _scheduled(type_key: str, said: Given, many: str) -> str:
    day = weekdays()[int(said["on"]) - 1] if said["every"] == "week" else said.get("on", "")
    sentence_ = _EVERY[said["every"]]
    return gettext(sentence_, hour=f"{int(said['hour']):02}:00", day=day, records=many)


def _date(type_key: str, said: Given, many: str) -> str:
    days, field = int(said["days"]), field_words(type_key, said["field"])
    common = {"field": field, "records": many, "days": number(abs(days)), "hour": f"{int(said['hour']):02}:00"}
    if not days:
        return gettext(N_("the day “%(field)s” of one of the %(records)s has come, at %(hour)s"), **common)
    if days > 0:
        return gettext(N_("“%(field)s” of one of the %(records)s was %(days)s days ago, at %(hour)s"), **common)
    return gettext(N_("“%(field)s” of one of the %(records)s is in %(days)s days, at %(hour)s"), **common)


_WHEN = {
    "created": _created,
    "imported": _imported,
    "tagged": _tagged,
    "entered": _entered,
    "changed": _changed,
    "schedule": _scheduled,
    "date": _date,
}


def condition_words(type_key: str, condition: Sequence[str]) -> str:
    key, operator, value = condition
    of_customer = key.startswith(OF_CUSTOMER)
    about = "customers" if of_customer else type_key
    spec = RECORD_TYPES[about].list.open_to(g.actor)
    try:
        said = filter_words(spec, key.removeprefix(OF_CUSTOMER), operator, value)
    except Invalid as problem:
        said = told(problem)
    return gettext(N_("of its %(customer)s: %(words)s"), words=said) if of_customer else said


def whom_words(type_key: str, who: str) -> str:
    if who.startswith(whom.PERSON):
        id_ = int(who.removeprefix(whom.PERSON))
        return names({id_}).get(id_) or gettext(_GONE)
    return gettext(whom.WORDS[who], record=noun(RECORD_TYPES[type_key].label))


def action_words(type_key: str, given: Given) -> str:
    title = given.get("title", "")
    who = whom_words(type_key, given["whom"]) if given.get("whom") and type_key != IMPORTS else ""
    match given["do"]:
        case "set":
            field = _field(type_key, given["field"])
            value = (_typed_words(field, given["value"]) or gettext(N_("nothing"))) if field is not None else "…"
            label = field_words(type_key, given["field"])
            return gettext(N_("set “%(field)s” to “%(value)s”"), field=label, value=value)
        case "assign":
            return gettext(N_("give it to %(whom)s"), whom=who)
        case "tag":
            tag = value_words(type_key, "tags", [given["tag"]])
            return gettext(N_("put the tag “%(tag)s” on"), tag=tag)
        case "task":
            days = number(int(given["days"]))
            sentence_ = N_("make a task “%(title)s” for %(whom)s, due in %(days)s days")
            return gettext(sentence_, title=gettext(title), whom=who, days=days)
        case "create":
            made = type_word(given["type"])
            sentence_ = N_("make one of the %(made)s, “%(title)s”, for %(whom)s")
            return gettext(sentence_, made=made, title=gettext(title), whom=who)
    return _telling_words(given, who)


def _telling_words(given: Given, who: str) -> str:
    match given["do"]:
        case "notify" if given.get("template"):
            return gettext(N_("tell %(whom)s “%(title)s”"), whom=who, title=_template(given["template"]))
        case "notify":
            return gettext(N_("tell %(whom)s"), whom=who)
        case "mail":
            return gettext(N_("send the mail “%(title)s” to %(whom)s"), whom=who, title=_template(given["template"]))
        case "webhook":
            endpoint = endpoint_of(given["endpoint"])
            title = endpoint.name if endpoint is not None else gettext(_GONE)
            return gettext(N_("call the webhook “%(title)s”"), title=title)
        case "digest":
            return gettext(N_("tell each owner of what came in, once"))
    return gettext(_GONE)


def _template(id_: int) -> str:
    row = template(id_)
    return row.name if row is not None else gettext(_GONE)


def _typed_words(field: Field | None, text: str) -> str:
    choice = field.choice(field.spellings.get(text, text)) if field is not None and field.choices else None
    return gettext(choice.label) if choice is not None else text
