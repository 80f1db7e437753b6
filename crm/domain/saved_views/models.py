"""Questions to a list that somebody gave a name, and which of them a list begins with."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Department, Person, Role
from crm.infra.db import Model
from crm.kernel.asking import Query


class SavedView(Model):
    """`args` is the question as a list's address has it. Shown to its owner, and to one audience at most."""

    __tablename__ = "saved_views"
    __table_args__ = (
        Index("ix_saved_views_record_type", "record_type", "position", "id"),
        CheckConstraint("num_nonnulls(role_id, department_id) + everyone::int <= 1", name="shared_once"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str]
    name: Mapped[str]
    args: Mapped[list[list[str]]] = mapped_column(JSONB)
    widths: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))  # field → step
    owner_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    everyone: Mapped[bool] = mapped_column(default=False)
    role_id: Mapped[int | None] = mapped_column(ForeignKey(Role.id))
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))  # and those below it
    position: Mapped[int] = mapped_column(default=0)

    @property
    def query(self) -> Query:
        return Query.from_args((key, value) for key, value in self.args)

    @property
    def is_shared(self) -> bool:
        return self.everyone or self.role_id is not None or self.department_id is not None


class FirstView(Model):
    """What a list begins with for one person, or for everybody with a role who has not chosen."""

    __tablename__ = "first_views"
    __table_args__ = (
        CheckConstraint("num_nonnulls(role_id, person_id) = 1", name="one_kind"),
        UniqueConstraint("record_type", "role_id", name="uq_first_views_role"),
        UniqueConstraint("record_type", "person_id", name="uq_first_views_person"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str]
    role_id: Mapped[int | None] = mapped_column(ForeignKey(Role.id))
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    view_id: Mapped[int] = mapped_column(ForeignKey(SavedView.id, ondelete="CASCADE"), index=True)


def values_of(view: SavedView) -> dict[str, Any]:
    """What can be changed of a view."""
    keys = ("name", "args", "widths", "everyone", "role_id", "department_id", "position")
    return {key: getattr(view, key) for key in keys}
