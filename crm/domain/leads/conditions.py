"""Conditions of rules: the lists' own comparisons, which mean the same on every day and for everybody."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement

from crm.domain.leads.fields import EDITABLE
from crm.kernel.access import NOBODY, Actor
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context, Field
from crm.kernel.kinds import FieldKind
from crm.kernel.operators import criterion
from crm.kernel.shaping import fields_for, shape_of
from crm.kernel.text import N_

Condition = Sequence[str]  # field key, operator, value
MOVING = frozenset({"of", "during"})  # operators that mean something else tomorrow, or to somebody else
_NEVER = frozenset({FieldKind.LINK, FieldKind.ENCRYPTED})


def _of_the_house(actor: Actor) -> Actor:
    """Who reads a lead to judge it: every field, in the shape of whoever is acting, and nobody's records."""
    return replace(NOBODY, shape=actor.shape)


def fields_of_rules(actor: Actor) -> dict[str, Field]:
    """What a rule may ask: everything people fill in, the company's own fields too."""
    whole = (*EDITABLE, *shape_of(actor, "leads").fields)
    known = fields_for(_of_the_house(actor), "leads", whole)
    return {each.key: each for each in known if each.kind not in _NEVER}


def criterion_of(actor: Actor, condition: Condition) -> ColumnElement[bool]:
    """Raises Invalid where it makes no sense, or none any more."""
    key, operator, value = condition
    field = fields_of_rules(actor).get(key)
    if field is None or operator in MOVING:
        raise Invalid(N_("There is no field called “%(field)s”."), field=key)
    return criterion(field, operator, value, Context(_of_the_house(actor)))


def makes_sense(actor: Actor, condition: Condition) -> bool:
    try:
        criterion_of(actor, condition)
    except Invalid:
        return False
    return True
