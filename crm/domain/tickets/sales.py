"""A ticket that needs sales: whoever owns its customer is told, sees it and has a task; both end together."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update

from crm.domain.customers.models import Customer
from crm.domain.notifications.actions import Kind, News, gathering, notify
from crm.domain.people.models import Person
from crm.domain.people.standing_in import there_for
from crm.domain.tasks import actions as tasks
from crm.domain.tasks.choices import OPEN
from crm.domain.tasks.models import Task
from crm.domain.tickets.choices import DONE
from crm.domain.tickets.events import SalesAnswered, SalesAsked
from crm.domain.tickets.models import Ticket
from crm.domain.tickets.showing import show_to
from crm.infra.db import db
from crm.kernel.access import Actor, Reach, unscoped
from crm.kernel.events import record
from crm.kernel.permissions import Action, permission

_MAY = {permission("tasks", each): Reach.ALL for each in (Action.READ, Action.CREATE, Action.EDIT, Action.ASSIGN)}
DEPENDS_ON = frozenset({"needs_sales", "status", "customer"})
_URGENT = {"urgent": "high", "high": "high"}  # priority of the ticket → of the task


def follow(actor: Actor, ids: Collection[int]) -> None:
    """After the mark, the status or the customer of these tickets was set or changed."""
    if not ids:
        return
    with unscoped("who is to look after it is found and told, whoever marks it"):
        found = db.session.scalars(select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id)).all()
        asked: list[tuple[Ticket, int]] = []
        for each in found:
            if each.needs_sales and each.status not in DONE:
                if not _goes_on(actor, each) and (to := _whose(each)) is not None:
                    asked.append((each, to))
            elif each.sales_task_id is not None:
                _end(actor, each)
        _ask(actor, asked)


def _goes_on(actor: Actor, ticket: Ticket) -> bool:
    """The task that is there already, or is taken up again."""
    task = _task(ticket)
    if task is not None and task.status != OPEN:
        tasks.change(_for_sales(actor), task, {"status": OPEN})
    return task is not None


def _ask(actor: Actor, asked: Sequence[tuple[Ticket, int]]) -> None:
    """Of many at once each is told at once: of a file in one mail."""
    if not asked:
        return
    news = []
    with gathering():  # that they are given a task is part of what they are told below
        made = tasks.create_many(_for_sales(actor), [_values(ticket, to) for ticket, to in asked])
    for (ticket, to), task_id in zip(asked, made, strict=True):
        show_to(actor, ticket, [to])
        ticket.sales_task_id = task_id
        news.append(News(to, "tickets", ticket.id, f"{ticket.id}:{task_id}"))
        record(actor, ticket, SalesAsked(db.session.get_one(Person, to).name))
    notify(Kind.NEEDS_SALES, news, by=actor)


def _values(ticket: Ticket, to: int) -> dict[str, Any]:
    """Named by the number alone: whoever sees the task need not see the ticket, nor whose it is."""
    values = {"name": ticket.number, "owner": to, "about": f"tickets:{ticket.id}", "kind": "call", "remind": "0"}
    return values | {"priority": _URGENT.get(ticket.priority, "normal")}


def _end(actor: Actor, ticket: Ticket) -> None:
    task = _task(ticket)
    if task is not None and task.status == OPEN:
        tasks.complete(_for_sales(actor), task)


def done(actor: Actor, task_ids: Sequence[int]) -> None:
    """Whoever does the task has looked after the ticket. Called with every task that is done; what ends because the
    ticket is solved was looked after by whoever solved it."""
    waits = Ticket.sales_task_id.in_(task_ids), Ticket.needs_sales, Ticket.status.not_in(DONE)
    with unscoped("the task is done, whoever may see the ticket"):
        for each in db.session.scalars(select(Ticket).where(*waits).order_by(Ticket.id)).all():
            changed = update(Ticket).where(Ticket.id == each.id).values(needs_sales=False, version=Ticket.version + 1)
            db.session.execute(changed.execution_options(synchronize_session=False))
            db.session.refresh(each)
            record(actor, each, SalesAnswered({"needs_sales": [True, False]}))
            if each.owner_id is not None and each.owner_id != actor.id:
                news = News(each.owner_id, "tickets", each.id, f"{each.id}:{each.sales_task_id}:{each.version}")
                notify(Kind.SALES_DONE, [news], by=actor)


tasks.when_done.append(done)


def _task(ticket: Ticket) -> Task | None:
    if ticket.sales_task_id is None:
        return None
    there = select(Task).where(Task.id == ticket.sales_task_id, Task.deleted_at.is_(None))
    return db.session.scalars(there).first()


def _whose(ticket: Ticket) -> int | None:
    """Who owns the customer; where they are away, who leads their department."""
    owner = db.session.scalar(select(Customer.owner_id).where(Customer.id == ticket.customer_id))
    return there_for(owner) if owner is not None else None


def _for_sales(actor: Actor) -> Actor:
    """Whoever marks a ticket need not be allowed to give tasks to others."""
    return replace(actor, reach={**actor.reach, **_MAY}, fields={**actor.fields, "tasks": {}})
