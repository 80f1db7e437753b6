"""The actions of rules, through the verbs of each type, as the rule's own actor."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from crm.domain.automation import whom
from crm.domain.automation.digests import tell_owners
from crm.domain.automation.turn import Denied, Turn
from crm.domain.mail.actions import To
from crm.domain.mail_templates.actions import post_from
from crm.domain.mail_templates.queries import template as template_by_id
from crm.domain.notifications.actions import Kind, News, gathered
from crm.domain.registry import RECORD_TYPES
from crm.domain.webhooks.actions import post
from crm.kernel.company import company
from crm.kernel.errors import RuleBroken
from crm.kernel.fields import Context, Field, read_rows
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_

Given = Mapping[str, Any]
_NOBODY = N_("There is nobody to give it to: %(whom)s.")
_NOT_WRITTEN = N_("The rule may not fill in “%(field)s”.")
_NOT_HELD = N_("The rule may not change this %(record)s.")
_HIDDEN = "…"


def _field(turn: Turn, key: str) -> Field:
    field = turn.type.by_key().get(key)
    if field is None or not field.writable_by(turn.actor):
        raise Denied(_NOT_WRITTEN, field=field.label if field is not None else key)
    return field


def _change(turn: Turn, values: Mapping[str, Any], *also: Action) -> dict[str, Any]:
    for action in (Action.EDIT, *also):
        if not turn.actor.holds(turn.record, permission(turn.type.key, action)):
            raise Denied(_NOT_HELD)
    changed = turn.type.verbs.change(turn.actor, turn.record, values)
    return {"changed": bool(changed), **({"waiting": True} if changed.waiting else {})}


def set_field(turn: Turn, given: Given) -> dict[str, Any]:
    field = _field(turn, given["field"])
    reading = read_rows([field], [{field.key: given["value"]}], Context(turn.actor))[0]
    if problem := reading.problems.get(field.key):
        raise RuleBroken(problem.message, **problem.params)
    return {"field": field.key, **_change(turn, reading.values)}


def assign(turn: Turn, given: Given) -> dict[str, Any]:
    person = _one(turn, given["whom"])
    return {"people": [person], **_change(turn, {"owner": person}, Action.ASSIGN)}


def put_tag(turn: Turn, given: Given) -> dict[str, Any]:
    field = _field(turn, "tags")
    there = field.tags.now(field.value_in(turn.record) or ())
    if given["tag"] in there:
        return {"changed": False}
    return _change(turn, {"tags": [*there, given["tag"]]})


def task(turn: Turn, given: Given) -> dict[str, Any]:
    person = _one(turn, given["whom"])
    values: dict[str, Any] = {"name": _filled(turn, given["title"], person), "owner": person}
    values["due"] = company.today() + dt.timedelta(days=int(given["days"]))
    if turn.type.key != "tasks":
        values["about"] = f"{turn.type.key}:{turn.record.id}"
    return {"made": ["tasks", _create(turn, "tasks", values)], "people": [person]}


def create(turn: Turn, given: Given) -> dict[str, Any]:
    person = _one(turn, given["whom"])
    values = {"name": _filled(turn, given["title"], person), "owner": person, **_links(turn, given["type"])}
    return {"made": [given["type"], _create(turn, given["type"], values)], "people": [person]}


def _links(turn: Turn, type_key: str) -> dict[str, Any]:
    """What is made belongs to the record, or to the customer of the record."""
    own = {field.links: field.value_in(turn.record) for field in turn.type.fields if field.links}
    own[turn.type.key] = turn.record.id
    found: dict[str, Any] = {}
    for field in RECORD_TYPES[type_key].fields:
        if field.links and field.editable and field.links != type_key:
            value = own.get(field.links)
            if value is None and field.required:
                raise RuleBroken(N_("It has no %(title)s to belong to yet."), title=field.label)
            if value is not None:
                found[field.key] = value
    return found


def _create(turn: Turn, type_key: str, values: Mapping[str, Any]) -> int:
    type_ = RECORD_TYPES[type_key]
    if not turn.actor.may(type_.may_create):
        raise Denied(N_("The rule may not create this."))
    return int(type_.verbs.create_many(turn.actor, [values])[0])


def notify_people(turn: Turn, given: Given) -> dict[str, Any]:
    """No sentence is kept: it is made when it is read, of what the reader may see then. Of one event everybody is told
    once, however many rules say so.
    """
    told, template = whom.people(turn, given["whom"]), given.get("template")
    said = {"subject_type": turn.type.key, "subject_id": turn.record.id, "key": turn.key, "rule_id": turn.rule.id}
    said |= {"template_id": template, "event_id": turn.own_event}
    news, kind = [News(each, **said) for each in told], Kind.MESSAGE if template else Kind.AUTOMATED
    if (held := gathered()) is not None:
        held.extend(news)
    else:
        turn.desk.news += [(kind, each) for each in news]
    return {"people": told}


def mail(turn: Turn, given: Given) -> dict[str, Any]:
    """One of ours reads in it what they may see when it is sent. Within a deed of many it is counted for the digest."""
    template = template_by_id(given["template"])
    if template is None:
        raise RuleBroken(N_("The template of the mail is not there any more."))
    told = whom.people(turn, given["whom"])
    if (news := gathered()) is not None:
        news.extend(News(each, turn.type.key, turn.record.id) for each in told)
        return {"people": told}
    for each in told:
        key = f"automation:{turn.key}:{each}"
        post_from(turn.actor, template, turn.type.key, turn.record.id, To(person_id=each), key=key)
    return {"people": told}


def webhook(turn: Turn, given: Given) -> dict[str, Any]:
    post(
        given["endpoint"],
        turn.key,
        turn.rule.name,
        turn.type,
        turn.record,
        turn.actor,
    )
    return {"endpoint": given["endpoint"]}


def digest(turn: Turn, given: Given) -> dict[str, Any]:
    return {"people": tell_owners(turn.record, turn.actor.branch if turn.rule.department_id else None)}


def _one(turn: Turn, who: str) -> int:
    found = whom.people(turn, who)
    if not found:
        raise RuleBroken(_NOBODY, whom=whom.WORDS.get(who, who))
    return found[0]


def _filled(turn: Turn, text: str, person: int) -> str:
    """What a record is known by stands there only for whoever may see the record."""
    sees = whom.may_see(turn, person)
    known = {"{name}": str(turn.record.name), "{number}": str(turn.record.number)}
    for place, value in known.items():
        text = text.replace(place, value if sees else _HIDDEN)
    return text[:200]
