"""People who sign in, the departments they belong to and the roles they have."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Text, false, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.infra.db import Model


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
    second_factor: Mapped[bool] = mapped_column(default=False, server_default=false())  # whoever has it needs one
    retired_at: Mapped[dt.datetime | None]


class PersonRole(Model):
    """`until` is when it ends by itself, if it was lent (`lending.py`)."""

    __tablename__ = "person_roles"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey(Role.id), primary_key=True, index=True)
    until: Mapped[dt.datetime | None]


class Person(Model):
    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # as crm.kernel.contact.email_key writes it
    name: Mapped[str]
    position: Mapped[str | None]  # what stands on the business card
    password_hash: Mapped[str | None]
    verified_at: Mapped[dt.datetime | None]  # when a link mailed to the address was used
    second_factor: Mapped[bool] = mapped_column(default=False, server_default=false())  # beside the password: a code
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id), index=True)
    language: Mapped[str | None]
    theme: Mapped[str] = mapped_column(default="auto")
    data_saver: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    away_until: Mapped[dt.date | None]  # the last day of it
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    department: Mapped[Department | None] = relationship(lazy="raise", foreign_keys=[department_id])

    @property
    def actor(self) -> Any:
        """What this person may do now, as the rest of the program wants to know it."""
        from crm.domain.people.policy import actor_of

        return actor_of(self)


class WebSession(Model):
    """A browser somebody has signed in with, until it ends. Its key is in the cookie; here is the hash of it."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    device: Mapped[str]
    address: Mapped[str]
    begun_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]  # noted once in a few minutes
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)  # the earlier of the two limits


class SecondFactor(Model):
    """What makes somebody's codes. The secret is sealed by the vault; of recovery codes there are hashes."""

    __tablename__ = "second_factors"

    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True)
    secret: Mapped[str]
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)  # no code of it or of an earlier one is taken again
    recovery: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # not used yet
    confirmed_at: Mapped[dt.datetime | None]


class AccountLink(Model):
    """A link mailed to somebody, good once; `address` is the one that it proves. Here is the hash of what is in it."""

    __tablename__ = "account_links"

    digest: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    purpose: Mapped[str]
    address: Mapped[str]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
