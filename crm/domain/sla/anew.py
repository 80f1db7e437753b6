"""All tickets that are not done, reckoned anew after what is promised changed. Who does it: crm/domain/tickets."""

from sqlalchemy import func, select, update

from crm.domain.people import structure
from crm.domain.sla.events import SlaWaits
from crm.domain.sla.models import CalendarUse, SlaRun
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.events import record
from crm.kernel.shape import reshaped


def ask(actor: Actor) -> SlaRun:
    """What was under way for older rules ends here. Every process obeys the new ones with its next write."""
    reshaped()
    unfinished = update(SlaRun).where(SlaRun.finished_at.is_(None)).values(finished_at=clock.now())
    db.session.execute(unfinished.execution_options(synchronize_session="fetch"))
    run = SlaRun(asked_by_id=actor.id, asked_at=clock.now())
    db.session.add(run)
    record(actor, run, SlaWaits())
    return run


def ask_besides() -> None:
    """Once more after what is under way, of what could not be reckoned at once. Whoever asks holds what a worker may
    wait for: nothing is locked here, and the scheduler rings for it."""
    db.session.add(SlaRun(asked_at=clock.now()))


def moved(actor: Actor) -> None:
    """A person or a department hangs from another one: another calendar may count."""
    if db.session.scalar(select(func.count()).where(CalendarUse.department_id.is_not(None))):
        ask(actor)


structure.when_moved.append(moved)


def last_run() -> SlaRun | None:
    return db.session.scalars(select(SlaRun).order_by(SlaRun.id.desc()).limit(1)).first()
