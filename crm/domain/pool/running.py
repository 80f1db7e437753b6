"""A night: who is meant is written down first, then done in batches that are one transaction each.

The row of the night is locked for as long as a batch lasts, and each customer is looked at again with its row locked.
So however many workers there are, and however one of them dies, nobody is returned twice, and whoever was called
meanwhile stays where they are.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert as put

from crm.domain.customers import holding
from crm.domain.customers.events import CustomerReturned
from crm.domain.customers.models import Customer
from crm.domain.customers.pool_rules import read
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.actions import SYSTEM
from crm.domain.pool.due import all_due, still_due
from crm.domain.pool.models import RETURN, WARN, PoolRun, PoolRunItem
from crm.domain.pool.moving import let_go
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.company import company

BATCH = 200
_KEPT = dt.timedelta(days=60)


def begin(day: dt.date) -> None:
    """Once a day, however often it is asked for. Nights of long ago are forgotten; the log has what they did."""
    db.session.execute(put(PoolRun).values(day=day).on_conflict_do_nothing())
    db.session.execute(delete(PoolRun).where(PoolRun.day < day - _KEPT))


def last_run() -> PoolRun | None:
    return db.session.scalars(select(PoolRun).order_by(PoolRun.day.desc()).limit(1)).first()


def step() -> bool:
    """A worker's turn: one batch. False when nothing waits, or another worker is at it."""
    unfinished = select(PoolRun).where(PoolRun.finished_at.is_(None)).order_by(PoolRun.id).limit(1)
    locked = unfinished.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    run = db.session.scalars(locked).first()
    if run is None:
        return False
    if run.total is None:
        run.total = _collect(run)
    elif waiting := _waiting(run):
        _deal_with(run, waiting)
    else:
        run.finished_at = clock.now()
    db.session.flush()
    return True


def _collect(run: PoolRun) -> int:
    for deed, _, meant in all_due(read(), run.day):
        chosen = meant.with_only_columns(literal(run.id), Customer.id, literal(deed))
        rows = put(PoolRunItem).from_select(["run_id", "customer_id", "deed"], chosen).on_conflict_do_nothing()
        db.session.execute(rows.execution_options(scoped=True))
    return db.session.scalar(select(func.count()).where(PoolRunItem.run_id == run.id)) or 0


def _waiting(run: PoolRun) -> Sequence[Any]:
    statement = select(PoolRunItem.customer_id, PoolRunItem.deed).where(PoolRunItem.run_id == run.id, ~PoolRunItem.done)
    return db.session.execute(statement.order_by(PoolRunItem.customer_id).limit(BATCH)).all()


def _deal_with(run: PoolRun, items: Sequence[Any]) -> None:
    ids = [each.customer_id for each in items]
    columns = (Customer.id, Customer.owner_id, Customer.department_id)
    there = select(*columns).where(Customer.id.in_(ids)).order_by(Customer.id).with_for_update()
    rows = db.session.execute(there.execution_options(scoped=True)).all()
    for deed in (RETURN, WARN):
        meant = {each.customer_id for each in items if each.deed == deed}
        due = still_due(read(), [row for row in rows if row.id in meant], deed, run.day)
        if due and deed == RETURN:
            _return(run, due)
        elif due:
            _warn(run, due)
    done = update(PoolRunItem).where(PoolRunItem.run_id == run.id, PoolRunItem.customer_id.in_(ids)).values(done=True)
    db.session.execute(done.execution_options(synchronize_session=False))


def _return(run: PoolRun, rows: Collection[Any]) -> None:
    pools = read()

    def fact(row: Any) -> CustomerReturned:
        counted = pools.of(row.department_id).counted
        return CustomerReturned(_days(run, row), {"owner": [row.owner_id, None]}, counted)

    let_go(SYSTEM, list(rows), fact)
    notify(Kind.POOLED, [News(row.owner_id, "customers", row.id, f"{row.id}:{run.day}") for row in rows])
    run.returned += len(rows)


def _warn(run: PoolRun, rows: Collection[Any]) -> None:
    """Of one silence an owner is told once, whatever night it is."""
    holding.set_hold([row.id for row in rows], warned_at=clock.now())
    told = [News(row.owner_id, "customers", row.id, f"{row.id}:{row.heard.date()}") for row in rows]
    notify(Kind.POOL_NEAR, told)
    run.warned += len(rows)


def _days(run: PoolRun, row: Any) -> int:
    return int((company.midnight(run.day) - row.heard).days)
