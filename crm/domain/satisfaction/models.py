"""Whether customers are content with how a ticket was solved: what they were asked, and what they said."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.tickets.models import Ticket
from crm.infra.db import Model


class Survey(Model):
    """One closing of a ticket, asked about once. Of the link only a hash is kept.

    `agent_id`, `category` and `department_id` are the ticket's when it was solved: whoever has it later is not praised
    or blamed for it.
    """

    __tablename__ = "satisfaction_surveys"
    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        CheckConstraint("(rating IS NULL) = (answered_at IS NULL)", name="answered"),
        Index("uq_satisfaction_surveys_closing", "ticket_id", "solved_at", unique=True),
        Index("ix_satisfaction_surveys_made", "made_at"),
        Index(
            "ix_satisfaction_surveys_answered",
            text("answered_at DESC"),
            text("id DESC"),
            postgresql_where=text("answered_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id, ondelete="CASCADE"))
    solved_at: Mapped[dt.datetime]
    token_hash: Mapped[str] = mapped_column(unique=True)
    mailed: Mapped[bool]  # to the contact, not copied by somebody
    made_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None]
    rating: Mapped[int | None]  # 1 to 5
    comment: Mapped[str | None]
    agent_id: Mapped[int | None]
    category: Mapped[str | None]
    department_id: Mapped[int | None]


class SatisfactionRules(Model):
    """What administrators say about asking; without a row nothing is mailed."""

    __tablename__ = "satisfaction_rules"
    __table_args__ = (CheckConstraint("days > 0 AND low BETWEEN 0 AND 4", name="bounds"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # always 1
    mails: Mapped[bool]
    days: Mapped[int]  # that a link is good for
    low: Mapped[int]  # ratings up to here are told to whoever leads the team; 0: none
