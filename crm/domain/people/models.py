"""People who sign in, and the departments they belong to."""

import datetime as dt
import secrets

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.domain.people.roles import ROLES
from crm.infra.db import Model
from crm.kernel.access import Actor


def new_stamp() -> str:
    return secrets.token_urlsafe(12)


class Department(Model):
    """A branch of the company. `path` is the ids from the root, `/1/4/`, so a subtree is a prefix."""

    __tablename__ = "departments"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    path: Mapped[str] = mapped_column(default="/")


class Person(Model):
    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # as crm.kernel.contact.email_key writes it
    name: Mapped[str]
    password_hash: Mapped[str | None]
    session_stamp: Mapped[str] = mapped_column(default=new_stamp)  # changes with the password: ends every session
    role: Mapped[str]
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))
    language: Mapped[str | None]
    theme: Mapped[str] = mapped_column(default="auto")
    data_saver: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    department: Mapped[Department | None] = relationship(lazy="raise")

    @property
    def actor(self) -> Actor:
        """What this person may do, as the rest of the program wants to know it."""
        role = ROLES[self.role]
        return Actor(self.id, self.name, role.permissions, role.reach, self.department_id)

    def end_sessions(self) -> None:
        self.session_stamp = new_stamp()
