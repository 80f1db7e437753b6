"""What is shown to somebody beyond their reach: one record, to a person or a whole department.

A share lets a record be seen, nothing more: whoever is to work on it is given it, or a role. It may end by itself.
"""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, Index, ScalarSelect, Select, distinct, func, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra import clock
from crm.infra.db import Model


class Share(Model):
    __tablename__ = "shares"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (department_id IS NULL)", name="one_grantee"),
        Index("ix_shares_person", "person_id", "subject_type", "subject_id"),
        Index("ix_shares_department", "department_id", "subject_type", "subject_id"),
        Index("ix_shares_subject", "subject_type", "subject_id"),
        Index("ix_shares_until", "until", postgresql_where=text("until IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    person_id: Mapped[int | None]
    department_id: Mapped[int | None]
    created_by_id: Mapped[int | None]
    follows: Mapped[str | None]  # from which rule, which takes it back; empty where somebody has shared it
    until: Mapped[dt.datetime | None]  # when it ends by itself
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


def shared_ids(subject_type: str, person_id: int, department_id: int | None) -> Select[int]:
    """The ids of all records of a type shown to this person or to the department they are in."""
    return select(Share.subject_id).where(Share.subject_type == subject_type, _to(person_id, department_id), lasts())


def lasts() -> ColumnElement[bool]:
    """What has ended is not shown any more, though the row is there until somebody tidies up."""
    return or_(Share.until.is_(None), Share.until > clock.now())


def shown_types(person_id: Any, department_id: Any) -> "ScalarSelect[Any]":
    """The types of which anything is shown to them, to be read along with something else."""
    types = func.array_agg(distinct(Share.subject_type))
    return select(func.coalesce(types, [])).where(_to(person_id, department_id)).scalar_subquery()


def _to(person_id: Any, department_id: Any) -> ColumnElement[bool]:
    to = Share.person_id == person_id
    return to if department_id is None else or_(to, Share.department_id == department_id)
