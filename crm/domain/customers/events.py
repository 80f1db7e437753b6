"""What can happen to a customer, and to the rules of their pool."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm.domain.records.events import facts_of
from crm.kernel.events import Fact
from crm.kernel.text import N_

FACTS = facts_of("Customer")


_RETURNED = {
    "": N_("returned this %(customer)s to the public pool: no follow-up for %(days)s days"),
    "deals": N_("returned this %(customer)s to the public pool: no follow-up or deal for %(days)s days"),
    "orders": N_("returned this %(customer)s to the public pool: no follow-up or order for %(days)s days"),
}


@dataclass(frozen=True)
class CustomerReturned(Fact):
    """By the rules, at night. `days` without anything of what the rule `counted` besides follow-ups."""

    name = "customer.returned"
    sentence = N_("returned this %(customer)s to the public pool: no follow-up, deal or order for %(days)s days")
    icon = "inbox"

    days: int
    changes: dict[str, list[Any]]
    counted: str = "deals orders"

    @classmethod
    def says(cls, payload: Mapping[str, Any]) -> str:
        return _RETURNED.get(payload.get("counted", "deals orders"), cls.sentence)


@dataclass(frozen=True)
class CustomerReleased(Fact):
    """By hand, with a reason."""

    name = "customer.released"
    sentence = N_("put this %(customer)s into the public pool")
    icon = "inbox"
    tells_why = True

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class CustomerClaimed(Fact):
    """`pool` is the department it was taken from; nothing: everybody's."""

    name = "customer.claimed"
    sentence = N_("claimed this %(customer)s from the public pool")
    icon = "users"

    pool: int | None
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class CustomerProtected(Fact):
    name = "customer.protected"
    sentence = N_("keeps this %(customer)s out of the public pool until %(until)s")
    icon = "clock"
    tells_why = True

    until: str


@dataclass(frozen=True)
class CustomerUnprotected(Fact):
    name = "customer.unprotected"
    sentence = N_("does not keep this %(customer)s out of the public pool any more")
    icon = "clock"
    tells_why = True


@dataclass(frozen=True)
class PoolRuleChanged(Fact):
    """`whose` is a department; nothing: the whole company."""

    name = "pool_rule.changed"
    sentence = N_("changed the rule of the public pool")
    icon = "settings"

    department: str | None
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class PoolRuleRemoved(Fact):
    name = "pool_rule.removed"
    sentence = N_("removed the rule of the public pool of “%(department)s”: the one above counts again")
    icon = "settings"

    department: str
