"""The conditions of a rule: the lists' own comparisons, of a record and of the customer it belongs to.

They are asked of the database as the list of the type is, with the rights of whoever asks: the rule itself when it
runs, so that a record beyond its reach meets none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select

from crm.domain.registry import RECORD_TYPES
from crm.kernel.access import Actor
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.listing import ListSpec
from crm.kernel.text import N_

Condition = tuple[str, str, str]  # field key, operator, value; of the customer's fields the key is `customer.level`
OF_CUSTOMER = "customer."
SELF_DEPENDENT = frozenset({"of"})  # operators that mean something else to everybody: a rule is nobody
_NEVER = frozenset({FieldKind.ENCRYPTED})
MOST = 12


def customer_field(type_key: str) -> Field | None:
    """The field that leads to a record's customer."""
    fields = RECORD_TYPES[type_key].fields if type_key in RECORD_TYPES else ()
    return next((each for each in fields if each.links == "customers" and each.key == "customer"), None)


def own_fields(actor: Actor, type_key: str) -> list[Field]:
    spec = RECORD_TYPES[type_key].list.open_to(actor)
    return [each for each in spec.fields if each.filterable and each.kind not in _NEVER]


def customer_fields(actor: Actor, type_key: str) -> list[Field]:
    """Those of the related customer, by the keys that conditions name them with."""
    if customer_field(type_key) is None or not actor.may(RECORD_TYPES["customers"].may_read):
        return []
    return [replace(each, key=OF_CUSTOMER + each.key) for each in own_fields(actor, "customers")]


def spec_for(actor: Actor, type_key: str) -> ListSpec:
    """A list with all fields that conditions may name, for the controls and the words of filters."""
    fields = (*own_fields(actor, type_key), *customer_fields(actor, type_key))
    return replace(RECORD_TYPES[type_key].list, fields=fields)


def parted(conditions: Iterable[Condition]) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """Of the record, and of its customer as the list of customers has them."""
    own, theirs = [], []
    for key, operator, value in conditions:
        if key.startswith(OF_CUSTOMER):
            theirs.append((key.removeprefix(OF_CUSTOMER), operator, value))
        else:
            own.append((key, operator, value))
    return tuple(own), tuple(theirs)


def meeting(actor: Actor, type_key: str, conditions: Sequence[Condition]) -> Select[Any]:
    """The ids of records that meet them all and exist for the actor. Raises Invalid where they make no sense."""
    type_ = RECORD_TYPES[type_key]
    own, theirs = parted(conditions)
    _refuse_moving((*own, *theirs))
    found = type_.list.select(actor, Query(filters=own)).with_only_columns(type_.entity.id)
    if not theirs:
        return found
    link = customer_field(type_key)
    if link is None:
        raise Invalid(N_("There is no field called “%(field)s”."), field=theirs[0][0])
    customers = RECORD_TYPES["customers"]
    whose = customers.list.select(actor, Query(filters=theirs)).with_only_columns(customers.entity.id)
    return found.where(link.column.in_(whose))  # type: ignore[union-attr]


def _refuse_moving(conditions: Iterable[Condition]) -> None:
    for key, operator, _ in conditions:
        if operator in SELF_DEPENDENT:
            raise Invalid(N_("There is no field called “%(field)s”."), field=key)


def check(actor: Actor, type_key: str, conditions: Sequence[Condition]) -> None:
    """Raises Invalid for what makes no sense to whoever writes it."""
    if len(conditions) > MOST:
        raise Invalid(N_("A rule has at most %(most)s conditions."), most=MOST, key="f0")
    meeting(actor, type_key, conditions)
