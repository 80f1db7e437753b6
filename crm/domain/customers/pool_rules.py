"""The rules of the pool, and which of them counts where: a department's own, else the nearest above, else the
company's. Where there is none, nothing goes back and nothing is limited."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from crm.domain.customers.choices import LEVELS
from crm.domain.customers.pool_models import PoolRule
from crm.domain.people.queries import departments
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.text import N_

LONGEST_DAYS, MOST = 3650, 1_000_000


@dataclass(frozen=True)
class Rule:
    """What is None has no limit; without `days` nothing goes back. Follow-ups always count."""

    days: int | None = None  # without anything that counts
    deals: bool = True  # a deal made or worked on counts
    orders: bool = True  # an order counts
    warned_days: int = 7  # the owner is told so many days before; 0: never
    spares_deals: bool = True  # with an open deal it stays
    spares_levels: tuple[str, ...] = ()  # customers of these levels stay
    claims: int | None = None  # of one person on one day
    most: int | None = None  # customers that one person holds
    most_of_level: Mapping[str, int] = field(default_factory=dict)
    cooling_days: int = 0  # before whoever had it may claim it again

    def packed(self) -> dict[str, Any]:
        return asdict(self) | {"spares_levels": list(self.spares_levels), "most_of_level": dict(self.most_of_level)}

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> "Rule":
        known = {each.name for each in fields(cls)}
        given = {key: value for key, value in packed.items() if key in known}
        return cls(**given | {"spares_levels": tuple(given.get("spares_levels", ()))})

    @property
    def limits_holding(self) -> bool:
        return self.most is not None or bool(self.most_of_level)

    @property
    def counted(self) -> str:
        """What counts besides follow-ups."""
        return " ".join(key for key in ("deals", "orders") if getattr(self, key))

    def check(self) -> None:
        """Raises Invalid with what is wrong and the control it is about."""
        levels = {each.key for each in LEVELS}
        _whole("days", self.days, 1, LONGEST_DAYS)
        _whole("warned_days", self.warned_days, 0, LONGEST_DAYS)
        _whole("cooling_days", self.cooling_days, 0, LONGEST_DAYS)
        _whole("claims", self.claims, 0, MOST)
        _whole("most", self.most, 0, MOST)
        for level, most in self.most_of_level.items():
            _whole(f"most-{level}", most, 0, MOST)
        if not levels.issuperset(self.spares_levels) or not levels.issuperset(self.most_of_level):
            raise Invalid(N_("There is no such level."), key="spares_levels")
        if self.days is not None and self.warned_days >= self.days:
            raise Invalid(N_("The warning comes fewer days before than the days without anything."), key="warned_days")


def _whole(key: str, value: int | None, least: int, most: int) -> None:
    if value is not None and not least <= value <= most:
        raise Invalid(N_("A whole number from %(least)s to %(most)s."), least=least, most=most, key=key)


@dataclass(frozen=True)
class Pools:
    """The rule of each department, and of whoever has none; `own` are those that have one of their own."""

    of_department: Mapping[int | None, Rule]
    own: Mapping[int | None, Rule]

    def of(self, department_id: int | None) -> Rule:
        return self.of_department.get(department_id, self.of_department[None])

    @property
    def any_limit(self) -> bool:
        return any(each.limits_holding for each in self.own.values())

    def grouped(self) -> list[tuple[Rule, list[int | None]]]:
        """Each rule that sends something back, with all departments where it counts."""
        where: dict[int, tuple[Rule, list[int | None]]] = {}
        for department, rule in self.of_department.items():
            where.setdefault(id(rule), (rule, []))[1].append(department)
        return [each for each in where.values() if each[0].days is not None]

    def with_rule(self, department_id: int | None, rule: Rule | None) -> "Pools":
        """As it would be with this one; None: without one."""
        own = {key: each for key, each in self.own.items() if key != department_id}
        return spread(own if rule is None else own | {department_id: rule})


def pools_of(actor: Actor) -> Pools:
    return _kept(actor.shape) if actor.shape else read()


@lru_cache(16)
def _kept(version: int) -> Pools:
    return read()


def read() -> Pools:
    return spread({each.department_id: Rule.unpacked(each.rule) for each in db.session.scalars(select(PoolRule))})


def spread(own: Mapping[int | None, Rule]) -> Pools:
    company = own.get(None, Rule())
    found: dict[int | None, Rule] = {None: company}
    for each in departments():  # by path: those above come first
        above = found.get(each.parent_id, company)
        found[each.id] = own.get(each.id, above)
    return Pools(found, own)
