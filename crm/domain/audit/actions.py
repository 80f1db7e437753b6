"""What is done with the log itself stands in the log too."""

from sqlalchemy import select

from crm.domain.audit.events import LogVerified, VerificationAsked
from crm.domain.audit.models import Verification
from crm.domain.audit.verify import Verdict
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.events import record

NIGHT = Actor(None, "system")
NEWS = "audit:verification"  # told whenever a check has come further


def ask_for_verification(actor: Actor) -> Verification:
    """A worker answers; somebody who asks while it is being answered gets that answer."""
    waiting = next_verification()
    if waiting is not None:
        return waiting
    asked = Verification(asked_by_id=actor.id)
    db.session.add(asked)
    record(actor, asked, VerificationAsked())
    return asked


def next_verification() -> Verification | None:
    """The one that waits for a worker or that one is at."""
    statement = select(Verification).where(Verification.finished_at.is_(None)).order_by(Verification.id).limit(1)
    return db.session.scalars(statement).first()


def finish_verification(asked: Verification, verdict: Verdict) -> None:
    asked.verdict, asked.finished_at = verdict.as_json(), clock.now()
    record(NIGHT, asked, LogVerified(verdict.rows, len(verdict.wrong)))


def last_verification() -> Verification | None:
    statement = select(Verification).where(Verification.finished_at.is_not(None))
    return db.session.scalars(statement.order_by(Verification.id.desc()).limit(1)).first()
