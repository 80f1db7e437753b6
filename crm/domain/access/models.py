"""Who asks to see something, and what was answered."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.infra.db import Model

SYSTEM = "system"


class AccessRequest(Model):
    """Of a record, its owner is asked; of a list (`subject_type` alone) and of the program itself (SYSTEM), whoever
    administers. Whoever has no account yet says who they are, and is `person_id` once one was made for them. `until` is
    when what was granted ends, if it does."""

    __tablename__ = "access_requests"
    __table_args__ = (
        CheckConstraint(f"subject_type = '{SYSTEM}' OR person_id IS NOT NULL", name="somebody"),
        Index(
            "uq_access_requests_open",
            "subject_type",
            "subject_id",
            "person_id",
            unique=True,
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index(
            "uq_access_requests_list",
            "subject_type",
            "person_id",
            unique=True,
            postgresql_where=text("answered_at IS NULL AND subject_id IS NULL"),
        ),
        Index(
            "uq_access_requests_email",
            "email",
            unique=True,
            postgresql_where=text("answered_at IS NULL AND email > ''"),
        ),
        Index("ix_access_requests_administered", "id", postgresql_where=text("subject_id IS NULL")),
        Index("ix_access_requests_person", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    subject_type: Mapped[str]
    subject_id: Mapped[int | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    name: Mapped[str] = mapped_column(default="", server_default="")
    email: Mapped[str] = mapped_column(default="", server_default="")
    organisation: Mapped[str] = mapped_column(default="", server_default="")
    reason: Mapped[str] = mapped_column(default="", server_default="")
    language: Mapped[str] = mapped_column(default="", server_default="")  # of whoever has no account
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    answered_at: Mapped[dt.datetime | None]
    answered_by_id: Mapped[int | None]
    granted: Mapped[bool] = mapped_column(default=False, server_default=false())
    until: Mapped[dt.datetime | None]
    answer: Mapped[str] = mapped_column(default="", server_default="")


class Door(Model):
    """One row: whether whoever has no account may ask for one."""

    __tablename__ = "door"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    open: Mapped[bool]
