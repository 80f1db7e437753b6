"""Many workers at the same steps, and one that dies: of each step everybody is told once. Real connections."""

import datetime as dt
import threading
from dataclasses import replace

from flask import Flask
from sqlalchemy import func, select

from crm.config import Settings
from crm.domain.notifications.models import Notification
from crm.domain.people.models import Department
from crm.domain.tickets import actions, escalating
from crm.domain.tickets.clocks import TicketStep
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.sla import escalate
from crm.kernel.access import Reach
from crm.kernel.permissions import Action, permission
from tests.jobs.test_pool_faults import alone, at_once, somebody

__all__ = ["alone"]
TICKETS = 60


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_however_many_workers_there_are_and_one_that_dies_each_is_told_once(
    alone: tuple[Flask, Settings], monkeypatch
) -> None:
    monkeypatch.setattr(escalating, "BATCH", 7)
    boss = somebody("service")
    department = Department(name="Service", path="/1/", head_id=boss.id)
    db.session.add(department)
    db.session.flush()
    department.path, boss.department_id = f"/{department.id}/", department.id
    db.session.commit()
    with clock.frozen(clock.now() + dt.timedelta(seconds=5)):
        actions.create_many(_allowed(boss), [{"name": f"Ticket {n}", "owner": boss.id} for n in range(TICKETS)])
        db.session.commit()
    with clock.frozen(clock.now() + dt.timedelta(days=60)):
        assert escalating.step() == 7
        db.session.rollback()  # a worker that dies here
        assert (count(Notification), count(TicketStep)) == (0, 0)

        def work(ready: threading.Barrier) -> None:
            ready.wait(60)
            while escalating.step():
                db.session.commit()

        assert at_once(alone[0], work, work, work) == [""] * 3
        assert escalate() == 0
    # Near and late of the answer and of the solution: of each clock the last is told, all four are taken.
    assert (count(Notification), count(TicketStep)) == (2 * TICKETS, 4 * TICKETS)


def _allowed(person):
    return replace(person.actor, reach={permission("tickets", each): Reach.ALL for each in Action})
