"""Changes that wait until a second person has confirmed them."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.infra.db import Model


class State(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PendingChange(Model):
    """One field of one record. Values are packed (`crm/kernel/packing.py`); null is empty.

    Nobody has two that wait for one field of one record: to ask again is to ask for something else instead.
    """

    __tablename__ = "pending_changes"
    __table_args__ = (
        Index("ix_pending_changes_subject", "subject_type", "subject_id", postgresql_where=text("state = 'asked'")),
        Index("ix_pending_changes_asked", "subject_type", "id", postgresql_where=text("state = 'asked'")),
        Index("ix_pending_changes_import", "import_id", postgresql_where=text("import_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_type: Mapped[str]
    subject_id: Mapped[int]  # no foreign key, as of events
    field: Mapped[str]
    before: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=True)
    after: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=True)
    import_id: Mapped[int | None]  # the file that asks for it
    state: Mapped[str] = mapped_column(default=State.ASKED)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    decided_at: Mapped[dt.datetime | None]
    reason: Mapped[str | None]  # of whoever refused
