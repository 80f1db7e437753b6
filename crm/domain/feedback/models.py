"""What people who work with the program say of it, tied to the page and the version they said it on."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Department, Person
from crm.infra.db import Model
from crm.kernel.text import N_

BROKEN, UNCLEAR, MISSING, GOOD = "broken", "unclear", "missing", "good"
KINDS = {
    BROKEN: N_("Something does not work"),
    UNCLEAR: N_("Something is hard to understand"),
    MISSING: N_("Something is missing"),
    GOOD: N_("Something is good"),
}
OPEN, PLANNED, DONE, DECLINED = "open", "planned", "done", "declined"
STATUSES = {OPEN: N_("Not settled yet"), PLANNED: N_("Planned"), DONE: N_("Done"), DECLINED: N_("Will stay as it is")}


class Feedback(Model):
    """`page` is a path without what was asked there, `place` the same without numbers: what others have said of such a
    page stands together. `department_id` is where whoever said it worked then."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(map(repr, KINDS))})", name="kind"),
        CheckConstraint(f"status IN ({', '.join(map(repr, STATUSES))})", name="status"),
        Index("ix_feedback_person", "person_id", "id"),
        Index("ix_feedback_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    version: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # counted up by every answer
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))
    kind: Mapped[str]
    body: Mapped[str]
    page: Mapped[str]
    place: Mapped[str]
    program: Mapped[str]  # its version
    browser: Mapped[str]
    said_at: Mapped[dt.datetime]
    status: Mapped[str] = mapped_column(default=OPEN, server_default=OPEN)
    answer: Mapped[str] = mapped_column(default="", server_default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    answered_at: Mapped[dt.datetime | None]
