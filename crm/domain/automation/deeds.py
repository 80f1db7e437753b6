"""What a rule can do: each deed with what it is called, what it takes, which rights it needs and how it is done.

A table: an area above adds its line with `DEEDS[key] = Deed(…)`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crm.domain.automation import whom
from crm.domain.automation.doing import assign, create, digest, mail, notify_people, put_tag, set_field, task, webhook
from crm.domain.automation.turn import Turn
from crm.domain.automation.whens import IMPORTS
from crm.domain.mail_templates.models import MAIL, MESSAGE
from crm.domain.mail_templates.queries import templates
from crm.domain.registry import RECORD_TYPES
from crm.domain.webhooks.actions import endpoint_of
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context, Field, read_rows
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Action, Permission, permission
from crm.kernel.text import N_, clean

Given = Mapping[str, Any]
LONGEST = 200
_BY_OTHER_MEANS = frozenset({"owner", "tags"})  # assigned, put on
_NEVER = frozenset({FieldKind.ENCRYPTED})


@dataclass(frozen=True)
class Deed:
    """`check(actor, type, given)` cleans what was filled in or raises Invalid; `needs(type, given)` are the rights
    without which it cannot be done; `does(turn, given)` does it and returns what is to be told of it. `takes` are the
    controls of its form.
    """

    label: str
    takes: tuple[str, ...]
    check: Callable[[Actor, str, Given], dict[str, Any]]
    needs: Callable[[str, Given], set[Permission]]
    does: Callable[[Turn, Given], dict[str, Any]]
    of_type: Callable[[str], bool] = lambda type_key: type_key in RECORD_TYPES


def settable(actor: Actor, type_key: str) -> list[Field]:
    """The fields that a rule may fill in: those whoever writes it may."""
    fields = RECORD_TYPES[type_key].open_to(actor).writable(actor)
    return [each for each in fields if each.key not in _BY_OTHER_MEANS and each.kind not in _NEVER]


def _check_set(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    field = next((each for each in settable(actor, type_key) if each.key == given.get("field")), None)
    if field is None:
        raise Invalid(N_("Choose the field that is set."), key="field")
    text = clean(given.get("value", ""), lines=field.kind is FieldKind.LONG_TEXT)
    reading = read_rows([field], [{field.key: text}], Context(actor))[0]
    if problem := reading.problems.get(field.key):
        raise Invalid(problem.message, **{**problem.params, "key": "value"})
    return {"field": field.key, "value": text}


def _check_whom(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    return {"whom": whom.check(type_key, given.get("whom", ""))}


def _check_tag(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    field = RECORD_TYPES[type_key].open_to(actor).by_key().get("tags")
    if field is None or not field.writable_by(actor):
        raise Invalid(N_("Choose the field that is set."), key="tag")
    value = field.parse(given.get("tag", ""), Context(actor))
    if not value:
        raise Invalid(N_("Name at least one tag."), key="tag")
    return {"tag": value[0]}


def _check_task(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    return {"title": _title(given, "title"), "days": _days(given), **_check_whom(actor, type_key, given)}


def _title(given: Given, key: str) -> str:
    title = clean(given.get(key, ""))
    if not title or len(title) > LONGEST:
        raise Invalid(N_("Say what it is called, in at most %(most)s characters."), most=LONGEST, key=key)
    return title


def _days(given: Given) -> int:
    text = clean(str(given.get("days", ""))) or "0"
    if not (text.isdecimal() and len(text) < 4):
        raise Invalid(N_("A whole number from %(least)s to %(most)s."), least=0, most=999, key="days")
    return int(text)


def _check_create(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    made = given.get("type", "")
    if made not in RECORD_TYPES or not actor.may(RECORD_TYPES[made].may_create):
        raise Invalid(N_("Choose what is created."), key="type")
    return {"type": made, "title": _title(given, "title"), **_check_whom(actor, type_key, given)}


def _check_notify(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    """In the words of a template, or by the name of the rule."""
    found = _check_whom(actor, type_key, given)
    if id_ := str(given.get("message", "")):
        found["template"] = _template(MESSAGE, type_key, id_, "message")
    return found


def _template(channel: str, type_key: str, id_: str, key: str) -> int:
    if id_ not in {str(each.id) for each in templates(channel, type_key)}:
        raise Invalid(N_("Choose the template."), key=key)
    return int(id_)


def _check_mail(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    id_ = _template(MAIL, type_key, str(given.get("template", "")), "template")
    return {"template": id_, **_check_whom(actor, type_key, given)}


def _check_webhook(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    id_ = str(given.get("endpoint", ""))
    if not id_.isdecimal() or endpoint_of(int(id_)) is None:
        raise Invalid(N_("Choose the address that is told."), key="endpoint")
    return {"endpoint": int(id_)}


def _edit(type_key: str, *also: Action) -> set[Permission]:
    return {permission(type_key, each) for each in (Action.EDIT, *also)}


DEEDS: dict[str, Deed] = {
    "set": Deed(N_("Set a field"), ("field", "value"), _check_set, lambda type_key, _: _edit(type_key), set_field),
    "assign": Deed(
        N_("Give it to somebody"),
        ("whom",),
        _check_whom,
        lambda type_key, given: _edit(type_key, Action.ASSIGN) | whom.needs(type_key, given["whom"]),
        assign,
    ),
    "tag": Deed(
        N_("Put a tag on"),
        ("tag",),
        _check_tag,
        lambda type_key, _: _edit(type_key),
        put_tag,
        lambda type_key: type_key in RECORD_TYPES and "tags" in RECORD_TYPES[type_key].by_key(),
    ),
    "task": Deed(
        N_("Make a task"),
        ("title", "days", "whom"),
        _check_task,
        lambda type_key, given: (
            {permission("tasks", Action.CREATE), permission("tasks", Action.ASSIGN)}
            | whom.needs(type_key, given["whom"])
        ),
        task,
    ),
    "create": Deed(
        N_("Create a record"),
        ("type", "title", "whom"),
        _check_create,
        lambda type_key, given: (
            {
                permission(given["type"], Action.CREATE),
                permission(given["type"], Action.ASSIGN),
            }
            | whom.needs(type_key, given["whom"])
        ),
        create,
    ),
    "notify": Deed(
        N_("Tell somebody"),
        ("whom", "message"),
        _check_notify,
        lambda type_key, given: whom.needs(type_key, given["whom"]),
        notify_people,
    ),
    "mail": Deed(
        N_("Send somebody a mail"),
        ("template", "whom"),
        _check_mail,
        lambda type_key, given: whom.needs(type_key, given["whom"]),
        mail,
    ),
    "webhook": Deed(N_("Call a webhook"), ("endpoint",), _check_webhook, lambda *_: set(), webhook),
    "digest": Deed(
        N_("Tell each owner of what came in, once"),
        (),
        lambda *_: {},
        lambda *_: set(),
        digest,
        lambda type_key: type_key == IMPORTS,
    ),
}


def deeds_of(type_key: str) -> dict[str, Deed]:
    return {key: each for key, each in DEEDS.items() if each.of_type(type_key)}


def checked(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    """One action as it is kept. Raises Invalid."""
    deed = deeds_of(type_key).get(given.get("do", ""))
    if deed is None:
        raise Invalid(N_("Choose what the rule does."), key="do")
    return {"do": given["do"], **deed.check(actor, type_key, given)}


def needed(type_key: str, conditions: bool, actions: list[Given]) -> set[Permission]:
    """All that a rule must be allowed. `conditions`: whether it asks something of the related customer."""
    if type_key not in RECORD_TYPES:
        return set()
    wanted = {permission(type_key, Action.READ)} | ({permission("customers", Action.READ)} if conditions else set())
    for each in actions:
        wanted |= DEEDS[each["do"]].needs(type_key, each)
    return wanted
