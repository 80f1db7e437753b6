"""What a changed promise, calendar or level of a customer makes of tickets that are not done."""

from collections.abc import Collection

from sqlalchemy import BigInteger, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from crm.domain.customers import levelling
from crm.domain.sla import anew
from crm.domain.sla.models import SlaRun
from crm.domain.tickets.choices import UNDONE
from crm.domain.tickets.deadlines import reckon
from crm.domain.tickets.models import Ticket
from crm.infra import clock
from crm.infra.db import db

BATCH = 2_000
_OPEN = (Ticket.status.in_(UNDONE),)  # in the recycle bin too: it may come back


def step() -> bool:
    """A worker's turn: one batch, one transaction. False when nothing waits, or another worker is at it."""
    waiting = select(SlaRun).where(SlaRun.finished_at.is_(None)).order_by(SlaRun.id)
    run = db.session.scalars(waiting.limit(1).with_for_update(skip_locked=True)).first()
    if run is None:
        return False
    if run.total is None:
        counted = select(func.count()).select_from(Ticket).where(*_OPEN).execution_options(scoped=True)
        run.total = db.session.scalar(counted) or 0
    following = select(Ticket.id).where(*_OPEN, Ticket.id > run.after_id).order_by(Ticket.id).limit(BATCH)
    ids = db.session.scalars(following.with_for_update().execution_options(scoped=True)).all()
    if ids:
        reckon(ids)
        run.after_id, run.done = ids[-1], run.done + len(ids)
    else:
        run.finished_at = clock.now()
    db.session.flush()
    return True


def of_customers(customer_ids: Collection[int]) -> None:
    """Their level is another one, or they have become one with another.

    Whoever writes on a ticket holds it, and then waits for its customer: it keeps when it was last spoken to, and the
    database looks up the links of a row that is written twice. So whoever holds the customer, as here, waits for no
    ticket: those that somebody has in hand are left to a worker.
    """
    theirs = Ticket.customer_id == any_(literal(sorted(customer_ids), ARRAY(BigInteger)))
    concerned = select(Ticket.id).where(theirs, *_OPEN).execution_options(scoped=True)
    free = db.session.scalars(concerned.with_for_update(skip_locked=True, key_share=True)).all()
    reckon(free)
    if set(db.session.scalars(concerned)) - set(free):
        anew.ask_besides()


levelling.when_levelled.append(of_customers)
