"""The outbox of mail: what is to be sent to whom. A row says what a mail is made of, and is made into one when it is
sent, of what may be told at that moment."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.infra.db import Model

WAITING, SENT, FAILED, WITHHELD = "waiting", "sent", "failed", "withheld"


class MailRow(Model):
    """`key` is what happened, so that nobody is written to twice; `made_of` is a `Made` as JSON keeps it."""

    __tablename__ = "mails"
    __table_args__ = (
        CheckConstraint("num_nonnulls(person_id, address) = 1", name="one_receiver"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("state IN ('waiting', 'sent', 'failed', 'withheld')", name="state"),
        Index("ix_mails_due", "run_at", "id", postgresql_where=text("state = 'waiting'")),
        Index("ix_mails_failed", "id", postgresql_where=text("state = 'failed'")),
        Index("ix_mails_done", "created_at", postgresql_where=text("state <> 'waiting'")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))  # one of ours, or
    address: Mapped[str | None]  # somebody else
    by_id: Mapped[int | None]  # whose deed it is: through their eyes a mail to somebody else is made
    made_of: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(default=WAITING, server_default=WAITING)
    run_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    sent_at: Mapped[dt.datetime | None]
    message_id: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
