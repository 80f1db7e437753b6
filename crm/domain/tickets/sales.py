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
from crm.domain.people.standing_in import heads_above, there_for
from crm.domain.tasks import actions as tasks
from crm.domain.tasks.choices import DONE as TASK_DONE
from crm.domain.tasks.choices import OPEN
from crm.domain.tasks.models import Task
from crm.domain.tickets.choices import DONE
from crm.domain.tickets.events import SalesAnswered, SalesAsked, SalesMissing
from crm.domain.tickets.models import Ticket
from crm.domain.tickets.showing import show_to
from crm.infra.db import db
from crm.kernel.access import Actor, Reach, unscoped
from crm.kernel.events import record_many
from crm.kernel.permissions import Action, permission

_MAY = {permission("tasks", each): Reach.ALL for each in (Action.READ, Action.CREATE, Action.EDIT, Action.ASSIGN)}
DEPENDS_ON = frozenset({"needs_sales", "status", "customer"})
_URGENT = {"urgent": "high", "high": "high"}  # priority of the ticket → of the task


def follow(actor: Actor, ids: Collection[int]) -> None:
    """After the mark, the status or the customer of these tickets was set or changed."""
    if not ids:
        return
    concerned = Ticket.id.in_(ids), or_(Ticket.needs_sales, Ticket.sales_task_id.is_not(None))
    with unscoped("who is to look after it is found and told, whoever marks it"):
        tickets = db.session.scalars(select(Ticket).where(*concerned).order_by(Ticket.id)).all()
        has = _tasks(tickets)
        waiting = [each for each in tickets if each.needs_sales and each.status not in DONE]
        ended = [has[each.id] for each in tickets if each not in waiting and each.id in has]
        _become(actor, TASK_DONE, (each for each in ended if each.status == OPEN))
        _become(actor, OPEN, (has[each.id] for each in waiting if each.id in has))
        _ask(actor, [each for each in waiting if each.id not in has])


def _become(actor: Actor, status: str, some: Iterable[Task]) -> None:
    changes = [(each.id, {"status": status}) for each in some if each.status != status]
    if changes:
        tasks.change_many(_for_sales(actor), changes)


def _ask(actor: Actor, tickets: Sequence[Ticket]) -> None:
    """Of many at once each is told at once: of a file in one mail."""
    whose = _whose(tickets)
    asked = [each for each in tickets if each.id in whose]
    record_many(actor, "tickets", [(each.id, SalesMissing()) for each in tickets if each.id not in whose])
    if not asked:
        return
    with gathering():  # that they are given a task is part of what they are told below
        made = tasks.create_many(_for_sales(actor), [_values(each, whose[each.id]) for each in asked])
    for each, task_id in zip(asked, made, strict=True):
        each.sales_task_id = task_id
    db.session.flush()
    show_to(actor, _by_person(whose))
    known = names(set(whose.values()))
    record_many(actor, "tickets", [(each.id, SalesAsked(known[whose[each.id]])) for each in asked])
    news = [News(whose[each.id], "tickets", each.id, f"{each.id}:{each.sales_task_id}") for each in asked]
    notify(Kind.NEEDS_SALES, news, by=actor)


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
    changed = update(Ticket).where(*waits).values(needs_sales=False, version=Ticket.version + 1).returning(Ticket)
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
    """Ticket → who owns its customer; where they are away or nobody owns it, who leads the department."""
    asked = select(Ticket.id, Customer.owner_id, Customer.department_id)
    asked = asked.join(Customer, Customer.id == Ticket.customer_id).where(Ticket.id.in_([each.id for each in tickets]))
    rows = db.session.execute(asked).all() if tickets else ()
    owners = {row.owner_id for row in rows if row.owner_id is not None}
    here = db.session.scalars(select(Person).where(Person.id.in_(owners))).all()  # known from here on
    stands = {each.id: there_for(each.id) for each in here}
    left = {row.department_id for row in rows if stands.get(row.owner_id) is None}
    leads = {each: next(iter(heads_above(each)), None) for each in left}
    found = {row.id: stands.get(row.owner_id) or leads.get(row.department_id) for row in rows}
    return {id_: to for id_, to in found.items() if to is not None}


def _for_sales(actor: Actor) -> Actor:
    """Whoever marks a ticket need not be allowed to give tasks to others."""
    return replace(actor, reach={**actor.reach, **_MAY}, fields={**actor.fields, "tasks": {}})
