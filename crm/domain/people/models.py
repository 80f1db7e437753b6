"""People who sign in, the departments they belong to and the roles they have."""

import datetime as dt
import secrets
from typing import Any

from sqlalchemy import ForeignKey, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.infra.db import Model


def new_stamp() -> str:
    return secrets.token_urlsafe(12)


class Department(Model):
    """A branch of the company. `path` is the ids from the root, `/1/4/`, so a subtree is a prefix."""

    __tablename__ = "departments"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    path: Mapped[str] = mapped_column(default="/")
    head_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", use_alter=True))  # who leads it
    closed_at: Mapped[dt.datetime | None]


class Role(Model):
    """`reach` is {permission: name of a Reach}, `fields` {type: {field key: name of a FieldRight}},
    `limits` {key of roles.LIMITS: number}, where none is no limit."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(unique=True)  # of a ready-made one
    name: Mapped[str]  # as typed; of a ready-made one the gettext id
    baseline: Mapped[bool] = mapped_column(default=False)
    reach: Mapped[dict[str, str]] = mapped_column(JSONB)
    fields: Mapped[dict[str, dict[str, str]]] = mapped_column(JSONB, default=dict)
    limits: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    retired_at: Mapped[dt.datetime | None]


class PersonRole(Model):
    __tablename__ = "person_roles"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey(Role.id), primary_key=True, index=True)


class Person(Model):
    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # as crm.kernel.contact.email_key writes it
    name: Mapped[str]
    position: Mapped[str | None]  # what stands on the business card
    password_hash: Mapped[str | None]
    session_stamp: Mapped[str] = mapped_column(default=new_stamp)  # changes with the password: ends every session
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id), index=True)
    language: Mapped[str | None]
    theme: Mapped[str] = mapped_column(default="auto")
    data_saver: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    away_until: Mapped[dt.date | None]  # the last day of it
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    department: Mapped[Department | None] = relationship(lazy="raise", foreign_keys=[department_id])

    def end_sessions(self) -> None:
        self.session_stamp = new_stamp()

    @property
    def actor(self) -> Any:
        """What this person may do now, as the rest of the program wants to know it."""
        from crm.domain.people.policy import actor_of

        return actor_of(self)
