"""What an administrator says of the moment of a rule, from texts to what is kept."""

from collections.abc import Callable, Mapping
from typing import Any

from crm.domain.automation.timing import DATES, EVERY, date_field
from crm.domain.automation.whens import DATE, FACTS, IMPORTS, SCHEDULE
from crm.domain.registry import RECORD_TYPES
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import plain
from crm.kernel.fields import Context, Field, read_rows
from crm.kernel.kinds import FieldKind
from crm.kernel.text import N_, clean

Given = Mapping[str, Any]
_SECRET = frozenset({FieldKind.ENCRYPTED})
ENTERABLE = frozenset({FieldKind.CHOICE, FieldKind.YES_NO, FieldKind.PERSON})
LAST_DAY = {"week": 7, "month": 28}


def watched(actor: Actor, type_key: str) -> list[Field]:
    """The fields of which a rule may hear that they changed: those that whoever writes it may read."""
    fields = RECORD_TYPES[type_key].open_to(actor).fields
    return [each for each in fields if not each.masked and each.kind not in _SECRET and each.key not in _KEPT_BY_ITSELF]


_KEPT_BY_ITSELF = frozenset({"number", "created", "updated", "last_follow_up", "next_follow_up"})


def enterable(actor: Actor, type_key: str) -> list[Field]:
    """Stages, statuses and whatever else has a few values that a record enters."""
    return [each for each in watched(actor, type_key) if each.kind in ENTERABLE]


def dated(actor: Actor, type_key: str) -> list[Field]:
    fields = RECORD_TYPES[type_key].list.open_to(actor).fields
    return [each for each in fields if each.kind in DATES and not each.masked]


def kinds_for(type_key: str) -> list[str]:
    """The kinds of moments there are for a type."""
    facts = ["fact"] if any(each.type == type_key for each in FACTS.values()) else []
    if type_key == IMPORTS:
        return facts
    tagged = ["tagged"] if "tags" in RECORD_TYPES[type_key].by_key() else []
    return ["created", "changed", "entered", *tagged, "imported", *facts, DATE, SCHEDULE]


def checked_when(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    kind = given.get("kind", "")
    if kind not in kinds_for(type_key):
        raise Invalid(N_("Choose when the rule is asked."), key="kind")
    return {"kind": kind, **_CHECK.get(kind, _nothing)(actor, type_key, given)}


def _nothing(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    return {}


def _changed(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    field = _one_of(watched(actor, type_key), given)
    found: dict[str, Any] = {"field": field.key}
    for side in ("from", "to"):
        if text := clean(given.get(side, "")):
            found[side] = value_of(actor, field, text, side)
    return found


def _entered(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    field = _one_of(enterable(actor, type_key), given)
    value = value_of(actor, field, clean(given.get("to", "")), "to")
    if value is None:
        raise Invalid(N_("Say what it becomes."), key="to")
    return {"field": field.key, "to": value}


def _tagged(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    field = RECORD_TYPES[type_key].open_to(actor).by_key()["tags"]
    tags = value_of(actor, field, clean(given.get("tag", "")), "tag")
    if not tags:
        raise Invalid(N_("Name at least one tag."), key="tag")
    return {"tag": tags[0]}


def _dated(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    field = date_field(actor, type_key, given.get("field", ""))
    if field is None:
        raise Invalid(N_("Choose the date."), key="field")
    days = whole(given.get("days", "0") or "0", -366, 366, "days")
    return {"field": field.key, "days": days, "hour": whole(given.get("hour", "8") or "8", 0, 23, "hour")}


def _scheduled(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    every = given.get("every", "")
    if every not in EVERY:
        raise Invalid(N_("Choose how often."), key="every")
    found: dict[str, Any] = {"every": every, "hour": whole(given.get("hour", "8") or "8", 0, 23, "hour")}
    if every in LAST_DAY:
        found["on"] = whole(given.get("on", "1") or "1", 1, LAST_DAY[every], "on")
    return found


def _fact(actor: Actor, type_key: str, given: Given) -> dict[str, Any]:
    known = [key for key, each in FACTS.items() if each.type == type_key]
    fact = given.get("fact") or (known[0] if len(known) == 1 else "")
    if fact not in known:
        raise Invalid(N_("Choose what has to happen."), key="fact")
    return {"fact": fact}


_CHECK: dict[str, Callable[[Actor, str, Given], dict[str, Any]]] = {
    "changed": _changed,
    "entered": _entered,
    "tagged": _tagged,
    "date": _dated,
    "schedule": _scheduled,
    "fact": _fact,
}


def _one_of(fields: list[Field], given: Given) -> Field:
    field = next((each for each in fields if each.key == given.get("field")), None)
    if field is None:
        raise Invalid(N_("Choose the field."), key="field")
    return field


def value_of(actor: Actor, field: Field, text: str, key: str) -> Any:
    """As events keep it."""
    reading = read_rows([field], [{field.key: text}], Context(actor))[0]
    if text and (problem := reading.problems.get(field.key)):
        raise Invalid(problem.message, **{**problem.params, "key": key})
    return plain(reading.values.get(field.key))


def whole(text: Any, least: int, most: int, key: str) -> int:
    given = clean(str(text)).replace("−", "-")
    if not (given.removeprefix("-").isdecimal() and len(given) < 6 and least <= int(given) <= most):
        raise Invalid(N_("A whole number from %(least)s to %(most)s."), least=least, most=most, key=key)
    return int(given)
