"""What a list is narrowed by: in words, and as simple controls."""

from collections.abc import Collection, Mapping

from flask import g

from crm.domain.people.queries import DEPARTMENTS
from crm.kernel.arguments import Filters
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.listing import ListSpec
from crm.kernel.operators import ALL_OPERATORS, GROUPS, department_in
from crm.kernel.periods import words_of as words_of_period
from crm.kernel.sealed import opened_asked
from crm.kernel.text import N_
from crm.web.i18n import gettext

MOST_OWN = 30  # fields of the company's own that have controls without being asked for
_FROM, _TO = N_("%(field)s from"), N_("%(field)s to")
# The comparisons that have a control of their own; everything else is built row by row.
_SIMPLE: dict[FieldKind, tuple[tuple[str, str], ...]] = {
    FieldKind.CHOICE: (("is", ""),),
    FieldKind.REFERENCE: (("within", ""),),
    FieldKind.PERSON: (("is", ""),),
    FieldKind.TAGS: (("any", ""),),
    FieldKind.NUMBER: (("min", _FROM), ("max", _TO)),
    FieldKind.MONEY: (("min", _FROM), ("max", _TO)),
    FieldKind.DATE: (("gte", _FROM), ("lte", N_("%(field)s until"))),
    FieldKind.MULTI_CHOICE: (("has", ""),),
    FieldKind.YES_NO: (("is", ""),),
}


class FilterControl:
    def __init__(self, field: Field, operator: str, label: str, asked: Mapping[tuple[str, str], str]) -> None:
        self.name = f"{field.key}__{operator}"
        self.label = gettext(label, field=gettext(field.label)) if label else gettext(field.label)
        self.value = asked.get((field.key, operator), "")
        known = words_by_key(field)
        # Of tags any other may be asked for than those that mean something, and several at once.
        self.suggested = list(known.values()) if field.kind is FieldKind.TAGS else []
        self.options = [] if self.suggested else list(known.items())
        self.type = "date" if field.kind is FieldKind.DATE else "text"
        self.is_amount = field.kind in (FieldKind.NUMBER, FieldKind.MONEY)
        self.lookup = field.key if field.kind in SOURCED else ""


def controls(spec: ListSpec, filters: Filters, shown: Collection[Field]) -> list[FilterControl]:
    """The simple ones, of fields with choices, a source or an order; anything else still works from the address.

    Of very many fields of the company's own those that are shown as columns or asked for; the builder has them all.
    """
    asked = {(key, operator): value for key, operator, value in filters}
    fields = [each for each in spec.fields if each.filterable and each.kind in _SIMPLE]
    if sum(each.custom for each in fields) > MOST_OWN:
        near = {each.key for each in shown} | {key for key, _ in asked}
        fields = [each for each in fields if not each.custom or each.key in near]
    return [FilterControl(each, *simple, asked) for each in fields for simple in _SIMPLE[each.kind]]


def words(spec: ListSpec, key: str, operator: str, value: str) -> str:
    """“Level is A”"""
    field = spec.field(key)
    takes = ALL_OPERATORS[operator].takes
    if takes in MOVING:
        value = MOVING[takes](value)
    elif takes == "sealed":
        value = opened_asked(field.place, value)
    elif known := words_by_key(field):
        joined = gettext(N_(" and ") if operator == "has" else N_(" or "))
        value = joined.join(known.get(key, key) for part in value.split(",") if (key := field.tags.key(part.strip())))
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
    return {choice.key: gettext(choice.label) for choice in field.choices if not choice.means}


def _period(value: str) -> str:
    message, params = words_of_period(value)
    return gettext(message, **params)


def _group(value: str) -> str:
    if (department := department_in(value)) is None:
        return gettext(GROUPS.get(value, value))
    name = DEPARTMENTS.labels(g.actor, [department]).get(department, value)
    return gettext(N_("somebody of %(department)s or below it"), department=name)


# Values that depend on the day or on who asks, in words.
MOVING = {"period": _period, "group": _group}
