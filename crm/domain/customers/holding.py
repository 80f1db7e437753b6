"""What follows when customers change hands: how many somebody may hold, since when it is theirs, and who goes along."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from crm.domain.customers.choices import LEVELS
from crm.domain.customers.claims import asked_for, note_claims
from crm.domain.customers.models import Customer
from crm.domain.customers.pool_models import CustomerFormer, CustomerHold
from crm.domain.customers.pool_rules import Rule, pools_of
from crm.domain.people.models import Person
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import origin
from crm.kernel.text import N_


@dataclass(frozen=True)
class Move:
    """A customer from one owner to another, or into the pool (None) or out of it."""

    customer_id: int
    before: int | None
    after: int | None
    department_id: int | None  # where it is now


# What goes along with customers that change hands; areas above put themselves here.
companions: list[Callable[[Actor, Sequence[Move]], None]] = []


def follow(
    actor: Actor, written: Sequence[tuple[int, Any]], before: Mapping[int, Mapping[str, list[Any]]] | None
) -> None:
    """`then` of the verbs."""
    ids = [id_ for id_, _ in written if before is None or "owner" in before[id_]]
    if not ids or (before is None and not pools_of(actor).any_limit):
        return
    db.session.flush()
    columns = (Customer.id, Customer.owner_id, Customer.department_id)
    rows = db.session.execute(select(*columns).where(Customer.id.in_(ids)).execution_options(scoped=True)).all()
    if before is None:
        refuse_too_many(actor, {row.owner_id for row in rows if row.owner_id is not None})
    else:
        moves = [Move(row.id, before[row.id]["owner"][0], row.owner_id, row.department_id) for row in rows]
        if not origin.get().takes_back:
            _claimed(actor, [each for each in moves if each.before is None])
        moved(actor, moves)


def _claimed(actor: Actor, moves: Sequence[Move]) -> None:
    """Out of the pool: whoever took something for themselves has claimed it."""
    got = {each.customer_id: each.after for each in moves if each.after is not None}
    given = {id_: person for id_, person in got.items() if person != actor.id}
    taken = {id_: person for id_, person in got.items() if person == actor.id} | asked_for(given)
    for person_id in sorted(set(taken.values())):
        note_claims(actor, person_id, [id_ for id_, person in taken.items() if person == person_id])


def moved(actor: Actor, moves: Sequence[Move]) -> None:
    """They have just changed hands, in this transaction."""
    note([each for each in moves if each.before != each.after])
    for companion in companions:
        companion(actor, moves)


def note(moves: Sequence[Move]) -> None:
    """Since when they are whose; a warning was for whoever had them."""
    now = clock.now()
    into = [each for each in moves if each.after is None and each.before is not None]
    _put({"customer_id": each.customer_id, "owner_since": now, "warned_at": None} for each in moves if each.after)
    _put({"customer_id": each.customer_id, "warned_at": None} for each in into)
    if into:
        key = CustomerFormer.customer_id, CustomerFormer.person_id
        rows = [dict(customer_id=each.customer_id, person_id=each.before, left_at=now) for each in into]
        statement = insert(CustomerFormer).values(sorted(rows, key=lambda each: each["customer_id"]))
        db.session.execute(statement.on_conflict_do_update(index_elements=key, set_={"left_at": now}))


def _put(rows: Any) -> None:
    given = sorted(rows, key=lambda each: each["customer_id"])
    if given:
        statement = insert(CustomerHold).values(given)
        kept = {key: statement.excluded[key] for key in given[0] if key != "customer_id"}
        db.session.execute(statement.on_conflict_do_update(index_elements=["customer_id"], set_=kept))


def set_hold(ids: Collection[int], **values: Any) -> None:
    """For each customer the same."""
    _put([{"customer_id": each, **values} for each in ids])


def refuse_too_many(actor: Actor, owners: Collection[int]) -> None:
    """After they have been given."""
    for person, rule in _limited(actor, owners):
        _refuse(rule, person.name, held(person.id))


def refuse_one_more(actor: Actor, owner_id: int, level: str | None) -> None:
    """Before one of this level is given."""
    for person, rule in _limited(actor, [owner_id]):
        _refuse(rule, person.name, held(person.id) + Counter([level]))


def refuse_coming_back(actor: Actor, customer: Customer) -> None:
    """`returns` of the verbs: whoever deletes some, takes others and brings the first ones back holds all of them."""
    if customer.owner_id is None:
        return
    try:
        refuse_one_more(actor, customer.owner_id, customer.level)
    except Invalid as problem:
        raise RuleBroken(problem.message, **problem.params) from problem


def refuse_one_of_level(actor: Actor, owner_id: int, level: str) -> None:
    """Before one that is held already becomes one of this level."""
    for person, rule in _limited(actor, [owner_id]):
        _refuse_level(rule, person.name, level, held(person.id)[level] + 1, key="level")


def _limited(actor: Actor, owners: Collection[int]) -> list[tuple[Any, Rule]]:
    """Those whose holding is limited. Their rows are locked, so that of two who give at once the second counts anew."""
    if not pools_of(actor).any_limit:
        return []
    people = select(Person.id, Person.name, Person.department_id).where(Person.id.in_(owners)).order_by(Person.id)
    rows = db.session.execute(people.with_for_update(key_share=True)).all()
    ruled = [(row, pools_of(actor).of(row.department_id)) for row in rows]
    return [(row, rule) for row, rule in ruled if rule.limits_holding]


def held(owner_id: int) -> Counter[str | None]:
    """Level → how many."""
    there = (Customer.owner_id == owner_id, Customer.deleted_at.is_(None))
    counted = select(Customer.level, func.count()).where(*there).group_by(Customer.level)
    return Counter(dict(db.session.execute(counted.execution_options(scoped=True)).all()))


def _refuse(rule: Rule, name: str, held: Counter[str | None]) -> None:
    count = sum(held.values())
    if rule.most is not None and count > rule.most:
        raise Invalid(
            N_("%(name)s may hold %(most)s %(customers)s and would have %(count)s: give some back first."),
            name=name,
            most=rule.most,
            count=count,
            key="owner",
        )
    for level in rule.most_of_level:
        _refuse_level(rule, name, level, held[level])


def _refuse_level(rule: Rule, name: str, level: str, count: int, *, key: str = "owner") -> None:
    most, words = rule.most_of_level.get(level), {each.key: each.label for each in LEVELS}
    if most is not None and count > most:
        raise Invalid(
            N_("%(name)s may hold %(most)s of level “%(level)s” and would have %(count)s: give some back first."),
            name=name,
            most=most,
            level=words.get(level, level),
            count=count,
            key=key,
        )
