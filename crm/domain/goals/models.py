"""What somebody, a department or the company is to reach in a period."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Numeric, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Department, Person
from crm.infra.db import Model


class Goal(Model):
    """Of a person, of a department with those below it, or, with neither, of the company."""

    __tablename__ = "goals"
    __table_args__ = (
        CheckConstraint("target > 0", name="target"),
        CheckConstraint("person_id IS NULL OR department_id IS NULL", name="whose"),
        Index(
            "uq_goals_one",
            "period",
            "starts_on",
            "measure",
            text("coalesce(person_id, 0)"),
            text("coalesce(department_id, 0)"),
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    measure: Mapped[str]
    period: Mapped[str]
    starts_on: Mapped[dt.date]
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id, ondelete="CASCADE"))
    target: Mapped[Decimal] = mapped_column(Numeric(16, 2))
    set_by_id: Mapped[int | None]
    set_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
