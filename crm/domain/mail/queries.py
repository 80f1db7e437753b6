"""What waits in the outbox, and what could not be sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from crm.domain.mail.models import FAILED, WAITING, MailRow
from crm.infra import clock
from crm.infra.db import db

PAGE = 50


def next_due() -> MailRow | None:
    """One whose time has come, locked. By ix_mails_due."""
    due = select(MailRow).where(MailRow.state == WAITING, MailRow.run_at <= clock.now())
    first = due.order_by(MailRow.run_at, MailRow.id).limit(1)
    return db.session.scalars(first.with_for_update(skip_locked=True)).first()


def still_waiting(mail_id: int) -> MailRow | None:
    """Locked again after the attempt was counted; None where somebody else has it."""
    wanted = select(MailRow).where(MailRow.id == mail_id, MailRow.state == WAITING)
    locked = wanted.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return db.session.scalars(locked).first()


@dataclass(frozen=True)
class Standing:
    waiting: int
    tried: int  # of them those that the server has not taken so far
    failed: int
    error: str  # what the server said last to one of those that wait


def standing() -> Standing:
    waits = MailRow.state == WAITING
    waiting, tried = db.session.execute(
        select(func.count(), func.count().filter(MailRow.error.is_not(None))).where(waits)
    ).one()
    failed = db.session.scalar(select(func.count()).where(MailRow.state == FAILED)) or 0
    said = select(MailRow.error).where(waits, MailRow.error.is_not(None)).order_by(MailRow.run_at.desc()).limit(1)
    return Standing(waiting, tried, failed, db.session.scalar(said) or "")


def failed(before: int | None = None) -> Sequence[MailRow]:
    """The newest first, one more than a page. By ix_mails_failed."""
    some = select(MailRow).where(MailRow.state == FAILED)
    if before is not None:
        some = some.where(MailRow.id < before)
    return db.session.scalars(some.order_by(MailRow.id.desc()).limit(PAGE + 1)).all()
