"""What a list is narrowed by: in words, and as simple controls."""

from collections.abc import Mapping

from flask import g

from crm.kernel.arguments import Filters
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.listing import ListSpec
from crm.kernel.operators import ALL_OPERATORS, GROUPS
from crm.kernel.periods import words_of as words_of_period
from crm.kernel.sealed import opened_asked
from crm.kernel.text import N_
from crm.web.i18n import gettext

_SIMPLE = {
    FieldKind.CHOICE: "is",
    FieldKind.REFERENCE: "within",
    FieldKind.PERSON: "is",
    FieldKind.TAGS: "has",
    FieldKind.DATE: "lte",
    FieldKind.MULTI_CHOICE: "has",
    FieldKind.YES_NO: "is",
}


class FilterControl:
    def __init__(self, field: Field, asked: Mapping[tuple[str, str], str]) -> None:
        operator = _SIMPLE[field.kind]
        self.name = f"{field.key}__{operator}"
        self.label = (
            gettext(field.label) if operator != "lte" else gettext(N_("%(field)s until"), field=gettext(field.label))
        )
        self.value = asked.get((field.key, operator), "")
        self.options = list(words_by_key(field).items())
        self.type = "date" if field.kind is FieldKind.DATE else "text"
        self.lookup = field.key if field.kind in SOURCED else ""


def controls(spec: ListSpec, filters: Filters) -> list[FilterControl]:
    """One simple control per field that has choices or a source; anything else still works from the address."""
    asked = {(key, operator): value for key, operator, value in filters}
    return [FilterControl(field, asked) for field in spec.fields if field.filterable and field.kind in _SIMPLE]


def words(spec: ListSpec, key: str, operator: str, value: str) -> str:
    """“Level is A”"""
    field = spec.field(key)
    takes = ALL_OPERATORS[operator].takes
    if takes in MOVING:
        value = MOVING[takes](value)
    elif takes == "sealed":
        value = opened_asked(field.place, value)
    elif known := words_by_key(field):
        value = gettext(N_(" or ")).join(known.get(part, part) for part in value.split(","))
    elif field.kind in SOURCED and field.source is not None:
        value = _label(field, value)
    return gettext(ALL_OPERATORS[operator].sentence, field=gettext(field.label), value=value)


def words_of(spec: ListSpec, group: Filters) -> str:
    """“Level is A or Owner is me”"""
    return gettext(N_(" or ")).join(words(spec, *each) for each in group)


def _label(field: Field, value: str) -> str:
    assert field.source is not None
    found = field.source.resolve(g.actor, [value])[value]
    return value if isinstance(found, Invalid) else field.source.labels(g.actor, [found]).get(found, value)


def words_by_key(field: Field) -> dict[str, str]:
    """What may be asked for in the words of the reader; nothing where it is free."""
    if field.kind is FieldKind.YES_NO:
        return {"yes": gettext(N_("Yes")), "no": gettext(N_("No"))}
    return {choice.key: gettext(choice.label) for choice in field.choices}


def _period(value: str) -> str:
    message, params = words_of_period(value)
    return gettext(message, **params)


# Values that depend on the day or on who asks, in words.
MOVING = {"period": _period, "group": lambda value: gettext(GROUPS.get(value, value))}
