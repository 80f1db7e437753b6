"""Forms by which strangers write to us, and everything that came in by them."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Department
from crm.infra.db import Model
from crm.kernel.language import Words

LEADS, TICKETS = BECOMES = ("leads", "tickets")
MADE, ATTACHED, HELD, DISCARDED = OUTCOMES = ("made", "attached", "held", "discarded")
IN_ALL = "('made', 'attached', 'held', 'discarded')"


class IntakeForm(Model):
    """`fields` are [{"key", "required"}] in the order they are asked; `preset` {field key: text} is set on what comes
    in; `consents` [{"version", "text": {language: words}}], of which the last counts and none is ever taken away."""

    __tablename__ = "intake_forms"
    __table_args__ = (CheckConstraint("kind IN ('leads', 'tickets')", name="kind"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    version: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # counted up by every change
    key: Mapped[str] = mapped_column(unique=True)  # in its address
    kind: Mapped[str]  # the type of record that becomes of it
    title: Mapped[dict[str, str]] = mapped_column(JSONB)  # language → words
    intro: Mapped[dict[str, str]] = mapped_column(JSONB)
    fields: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    preset: Mapped[dict[str, str]] = mapped_column(JSONB)
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))  # whose pool or queue it goes into
    consents: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    proof: Mapped[bool]  # a browser has to do some work before it may send
    origins: Mapped[list[str]] = mapped_column(ARRAY(Text))  # sites that may have the form, as https://example.com
    active: Mapped[bool]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    @property
    def name(self) -> str:
        return str(Words(self.title)) or self.key

    @property
    def consent(self) -> dict[str, Any] | None:
        """The one that counts; None where nothing is asked."""
        last = self.consents[-1] if self.consents else None
        return last if last and any(last["text"].values()) else None


class IntakeEntry(Model):
    """What somebody sent: nothing is lost, and what they agreed to can be proved. `given` is what was typed, by field
    key; `account` the same in words for us. An address stands here as a keyed hash only."""

    __tablename__ = "intake_entries"
    __table_args__ = (
        CheckConstraint(f"outcome IN {IN_ALL}", name="outcome"),
        CheckConstraint("(outcome IN ('made', 'attached')) = (record_id IS NOT NULL)", name="record"),
        Index("ix_intake_entries_form", "form_id", "id"),
        Index("ix_intake_entries_outcome", "form_id", "outcome", "id"),
        Index("ix_intake_entries_held", "form_id", "id", postgresql_where=text("outcome = 'held'")),
        Index("ix_intake_entries_digest", "digest", "came_at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey(IntakeForm.id))
    reference: Mapped[str] = mapped_column(unique=True)  # what the visitor is told
    came_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    given: Mapped[dict[str, str]] = mapped_column(JSONB)
    account: Mapped[str]
    digest: Mapped[str]  # of sender and text: the same twice is one
    address_hash: Mapped[str]
    language: Mapped[str]
    origin: Mapped[str | None]
    consent_version: Mapped[int | None]
    outcome: Mapped[str]
    suspicion: Mapped[str | None]  # why it was held
    record_type: Mapped[str | None]
    record_id: Mapped[int | None]
    decided_by_id: Mapped[int | None]
    decided_at: Mapped[dt.datetime | None]


class IntakeProof(Model):
    """A piece of work that has been handed in: good once. Here and not in Redis, which may be empty."""

    __tablename__ = "intake_proofs"
    __table_args__ = (Index("ix_intake_proofs_used", "used_at"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
