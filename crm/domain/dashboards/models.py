"""How dashboards are arranged."""

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person, Role
from crm.infra.db import Model


class DashboardArrangement(Model):
    """Of one person, of a role, or, with neither, of the company. Tiles it does not name are new: they come last."""

    __tablename__ = "dashboard_arrangements"
    __table_args__ = (
        CheckConstraint("person_id IS NULL OR role_id IS NULL", name="whose"),
        Index(
            "uq_dashboard_arrangements_one",
            "dashboard",
            text("coalesce(person_id, 0)"),
            text("coalesce(role_id, 0)"),
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    dashboard: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"))
    role_id: Mapped[int | None] = mapped_column(ForeignKey(Role.id, ondelete="CASCADE"))
    shown: Mapped[list[str]] = mapped_column(ARRAY(Text))  # keys of tiles, in order
    hidden: Mapped[list[str]] = mapped_column(ARRAY(Text))
