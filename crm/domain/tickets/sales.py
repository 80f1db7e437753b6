"""A ticket that needs sales: whoever owns its customer is told, sees it and has a task; both end together.

Of any number of tickets at once it is done in as many statements as of one, for each person who is asked.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import or_, select, update

from crm.domain.customers.models import Customer
from crm.domain.notifications.actions import Kind, News, gathering, notify
from crm.domain.people.models import Person
from crm.domain.people.queries import names
from crm.domain.people.sharing import take_back
from crm.domain.people.standing_in import an_administrator, heads_above, there_for
from crm.domain.tasks import actions as tasks
from crm.domain.tasks.choices import CANCELLED, OPEN
from crm.domain.tasks.choices import DONE as TASK_DONE
from crm.domain.tasks.deriving import find_customers
from crm.domain.tasks.models import Task
from crm.domain.tickets.choices import DONE
from crm.domain.tickets.events import SalesAnswered, SalesAsked, SalesNotAsked
from crm.domain.tickets.models import Ticket
from crm.domain.tickets.showing import show_to
from crm.infra.db import db
from crm.kernel.access import Actor, Reach, unscoped
from crm.kernel.events import record_many
from crm.kernel.permissions import Action, permission

_MAY = {permission("tasks", each): Reach.ALL for each in (Action.READ, Action.CREATE, Action.EDIT, Action.ASSIGN)}
ASKS_ANEW = frozenset({"needs_sales", "customer"})
FOLLOWS = "sales"  # what is shown because sales are asked
_URGENT = {"urgent": "high", "high": "high"}  # priority of the ticket → of the task


def follow(actor: Actor, ids: Collection[int], anew: Collection[int] = ()) -> None:
    """After the mark, the status or the customer of these tickets was set or changed, or they went into the bin or into
    another one, or came back. Of those in `anew` it is found anew whose it is to look after."""
    if not ids:
        return
    concerned = Ticket.id.in_(ids), or_(Ticket.needs_sales, Ticket.sales_task_id.is_not(None))
    with unscoped("who is to look after it is found and told, whoever marks it"):
        tickets = db.session.scalars(select(Ticket).where(*concerned).order_by(Ticket.id)).all()
        has = _tasks(tickets)
        undone = [each for each in tickets if each.needs_sales and each.status not in DONE]
        waiting = [each for each in undone if each.deleted_at is None]
        _become(actor, TASK_DONE, (has[each.id] for each in tickets if each not in undone and each.id in has))
        _drop(actor, [each for each in undone if each not in waiting], has)
        _become(actor, OPEN, (has[each.id] for each in waiting if each.id in has and each.id not in anew))
        _ask(actor, [each for each in waiting if each.id in anew or each.id not in has], has, anew)


def _become(actor: Actor, status: str, some: Iterable[Task]) -> None:
    """What is open ends, or what has ended is open again."""
    changes = [(each.id, {"status": status}) for each in some if (each.status == OPEN) != (status == OPEN)]
    if changes:
        tasks.change_many(_for_sales(actor), changes)


def _drop(actor: Actor, tickets: Collection[Ticket], has: Mapping[int, Task]) -> None:
    """Nobody is asked any more, and nobody sees it for that."""
    _become(actor, CANCELLED, (has[each.id] for each in tickets if each.id in has))
    take_back(actor, "tickets", {each.id: None for each in tickets}, FOLLOWS)


def _ask(actor: Actor, tickets: Sequence[Ticket], has: Mapping[int, Task], anew: Collection[int]) -> None:
    """Of many at once each is told at once: of a file in one mail. Whoever has the task already goes on with it."""
    whose = _whose(tickets)
    asked = [each for each in tickets if each.id in whose]
    told = [each for each in asked if each.id not in has or has[each.id].owner_id != whose[each.id]]
    nobodys = [each for each in tickets if each.id not in whose]
    _drop(actor, nobodys, has)
    record_many(actor, "tickets", [(each.id, SalesNotAsked()) for each in nobodys if each.id in anew])
    with gathering():  # that they are given a task is part of what they are told below
        keys = _hand_over(actor, [each for each in asked if each.id in has], has, whose)
        keys |= _make(actor, [each for each in asked if each.id not in has], whose)
    take_back(actor, "tickets", {each.id: whose[each.id] for each in asked}, FOLLOWS)
    show_to(actor, _by_person(whose), FOLLOWS)
    known = names(set(whose.values()))
    record_many(actor, "tickets", [(each.id, SalesAsked(known[whose[each.id]])) for each in told])
    news = [News(whose[each.id], "tickets", each.id, keys[each.id]) for each in told]
    notify(Kind.NEEDS_SALES, news, by=actor)


def _make(actor: Actor, tickets: Sequence[Ticket], whose: Mapping[int, int]) -> dict[int, str]:
    """Ticket → what is told of it, once."""
    made = tasks.create_many(_for_sales(actor), [_values(each, whose[each.id]) for each in tickets]) if tickets else ()
    for each, task_id in zip(tickets, made, strict=True):
        each.sales_task_id = task_id
    db.session.flush()
    return {each.id: f"{each.id}:{each.sales_task_id}" for each in tickets}


def _hand_over(
    actor: Actor, tickets: Sequence[Ticket], has: Mapping[int, Task], whose: Mapping[int, int]
) -> dict[int, str]:
    """The task there is goes to whoever is to do it now, with whose customer it is about."""
    changes = [(has[each.id].id, {"owner": whose[each.id], "status": OPEN}) for each in tickets]
    if changes:
        tasks.change_many(_for_sales(actor), changes)
        find_customers([(has[each.id].id, {"about": has[each.id].about}) for each in tickets])
    return {each.id: f"{each.id}:{each.sales_task_id}:{each.version}" for each in tickets}


def _by_person(whose: Mapping[int, int]) -> dict[int, list[int]]:
    return {to: [id_ for id_, each in whose.items() if each == to] for to in set(whose.values())}


def _values(ticket: Ticket, to: int) -> dict[str, Any]:
    """Named by the number alone: whoever sees the task need not see the ticket, nor whose it is."""
    values = {"name": ticket.number, "owner": to, "about": f"tickets:{ticket.id}", "kind": "call", "remind": "0"}
    return values | {"priority": _URGENT.get(ticket.priority, "normal")}


def done(actor: Actor, task_ids: Sequence[int]) -> None:
    """Whoever does the task has looked after the ticket. Called with every task that is done; what ends because the
    ticket is solved was looked after by whoever solved it."""
    waits = Ticket.sales_task_id.in_(task_ids), Ticket.needs_sales, Ticket.status.not_in(DONE)
    there = *waits, Ticket.deleted_at.is_(None)
    changed = update(Ticket).where(*there).values(needs_sales=False, version=Ticket.version + 1).returning(Ticket)
    with unscoped("the task is done, whoever may see the ticket"):
        found = db.session.scalars(changed, execution_options={"populate_existing": True}).all()
    record_many(actor, "tickets", [(each.id, SalesAnswered({"needs_sales": [True, False]})) for each in found])
    news = [
        News(each.owner_id, "tickets", each.id, f"{each.id}:{each.sales_task_id}:{each.version}")
        for each in found
        if each.owner_id is not None and each.owner_id != actor.id
    ]
    notify(Kind.SALES_DONE, news, by=actor)


tasks.when_done.append(done)


def _tasks(tickets: Collection[Ticket]) -> dict[int, Task]:
    """Ticket → the task of sales it has."""
    by_task = {each.sales_task_id: each.id for each in tickets if each.sales_task_id is not None}
    there = select(Task).where(Task.id.in_(by_task), Task.deleted_at.is_(None))
    return {by_task[each.id]: each for each in db.session.scalars(there)} if by_task else {}


def _whose(tickets: Collection[Ticket]) -> dict[int, int]:
    """Ticket → who owns its customer; where they are away, who leads their department; where nobody owns it, who leads
    the department that has it, or an administrator. Of what names no customer it is nobody."""
    columns = Ticket.id, Customer.owner_id, Customer.department_id
    asked = select(*columns).join(Customer, Customer.id == Ticket.customer_id)
    rows = db.session.execute(asked.where(Ticket.id.in_([each.id for each in tickets]))).all() if tickets else ()
    owners = {row.owner_id for row in rows if row.owner_id is not None}
    people = db.session.scalars(select(Person).where(Person.id.in_(owners))).all()
    stands = {each.id: there_for(each.id) for each in people}
    without = {row.department_id for row in rows if stands.get(row.owner_id) is None}
    leads = {each: next(iter(heads_above(each)), None) or an_administrator() for each in without}
    whose = {row.id: stands.get(row.owner_id) or leads.get(row.department_id) for row in rows}
    return {id_: to for id_, to in whose.items() if to is not None}


def _for_sales(actor: Actor) -> Actor:
    """Whoever marks a ticket need not be allowed to give tasks to others."""
    return replace(actor, reach={**actor.reach, **_MAY}, fields={**actor.fields, "tasks": {}})
