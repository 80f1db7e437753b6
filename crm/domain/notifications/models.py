"""What somebody is to be told. No sentence is kept: it is made when it is read, of what the reader may see then."""

import datetime as dt

from sqlalchemy import ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.infra.db import Model


class Notification(Model):
    """`key` is what happened, so that nobody is told of it twice: `mentioned:81`, `birthday:12:2026-11-26`."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_notifications_newest", "person_id", "id"),
        Index("ix_notifications_unread", "person_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notifications_read", "read_at", postgresql_where=text("read_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    kind: Mapped[str]
    key: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    by_id: Mapped[int | None]  # whose deed it was
    occurred_at: Mapped[dt.datetime]
    read_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
