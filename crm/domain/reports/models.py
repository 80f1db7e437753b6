"""Reports that somebody gave a name, and when they are sent by themselves."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Department, Person, Role
from crm.domain.reports.asking import Question
from crm.infra.db import Model


class Report(Model):
    """`asked` is the question as an address has it. Shown to its owner, and to one audience at most."""

    __tablename__ = "reports"
    __table_args__ = (CheckConstraint("num_nonnulls(role_id, department_id) + everyone::int <= 1", name="shared_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str]
    name: Mapped[str]
    description: Mapped[str]
    asked: Mapped[list[list[str]]] = mapped_column(JSONB)
    owner_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    everyone: Mapped[bool] = mapped_column(default=False)
    role_id: Mapped[int | None] = mapped_column(ForeignKey(Role.id))
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))  # and those below it
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    @property
    def question(self) -> Question:
        return Question.from_args((key, value) for key, value in self.asked)

    @property
    def is_shared(self) -> bool:
        return self.everyone or any(each is not None for each in (self.role_id, self.department_id))


class ReportMailing(Model):
    """One person's wish that a report is mailed to them and others at set times. `on_day` as of RegularExport."""

    __tablename__ = "report_mailings"
    __table_args__ = (Index("ix_report_mailings_due", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey(Report.id, ondelete="CASCADE"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    every: Mapped[str]
    on_day: Mapped[int] = mapped_column(SmallInteger)
    hour: Mapped[int] = mapped_column(SmallInteger)  # of the company's clock
    people: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    next_at: Mapped[dt.datetime]


def values_of(report: Report) -> dict[str, Any]:
    """What can be changed of a report."""
    keys = ("name", "description", "asked", "everyone", "role_id", "department_id")
    return {key: getattr(report, key) for key in keys}
