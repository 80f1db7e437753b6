"""Files that belong to follow-ups."""

import datetime as dt

from sqlalchemy import ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.infra.db import Model


class Attachment(Model):
    """Reached only through a record the actor may see. Once `removed_at` is set nobody has it any more, and a worker
    forgets the file and then the row: a file cannot be taken back when the transaction is."""

    __tablename__ = "attachments"
    __table_args__ = (
        Index("ix_attachments_follow_up", "follow_up_id", postgresql_where=text("removed_at IS NULL")),
        Index("ix_attachments_subject", "subject_type", "subject_id", postgresql_where=text("removed_at IS NULL")),
        Index("ix_attachments_removed", "removed_at", postgresql_where=text("removed_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    follow_up_id: Mapped[int]  # no foreign key: the row outlives the follow-up until the file is gone
    author_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    storage_key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    removed_at: Mapped[dt.datetime | None]
