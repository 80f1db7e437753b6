"""What somebody is to be told. No sentence is kept: it is made when it is read, of what the reader may see then."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.infra.db import Model

ONCE, DIGEST, NEVER = "once", "digest", "never"  # by mail: at once, with others, not at all


class Notification(Model):
    """`key` is what happened, so that nobody is told of it twice: `mentioned:81`, `birthday:12:2026-11-26`."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_notifications_newest", "person_id", "id"),
        CheckConstraint("by_mail IN ('once', 'digest', 'never')", name="by_mail"),
        Index("ix_notifications_unread", "person_id", postgresql_where=text("read_at IS NULL AND in_page")),
        Index("ix_notifications_mail", "mail_id", postgresql_where=text("mail_id IS NOT NULL")),
        Index(
            "ix_notifications_digest",
            "person_id",
            "id",
            postgresql_where=text("by_mail = 'digest' AND mail_id IS NULL"),
        ),
        Index("ix_notifications_read", "read_at", postgresql_where=text("read_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    kind: Mapped[str]
    key: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    by_id: Mapped[int | None]  # whose deed it was
    occurred_at: Mapped[dt.datetime]
    read_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    in_page: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    by_mail: Mapped[str] = mapped_column(default=NEVER, server_default=NEVER)
    mail_id: Mapped[int | None]  # the mail that tells it; no foreign key, since mails are forgotten earlier
    rule_id: Mapped[int | None]  # the rule of automation that says so
    template_id: Mapped[int | None] = mapped_column(ForeignKey("mail_templates.id"))  # of a message's words


class Preferences(Model):
    """How somebody wants to be told; whoever has none is told as `crm/domain/notifications/preferences.py` says.

    `kinds` is {kind: [in the page, by mail]}, as far as it differs from what is usual. Times are the company's.
    """

    __tablename__ = "notification_preferences"
    __table_args__ = (
        CheckConstraint("digest IN ('daily', 'weekly', 'none')", name="digest"),
        CheckConstraint("(quiet_from IS NULL) = (quiet_to IS NULL)", name="quiet"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True)
    kinds: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    quiet_from: Mapped[dt.time | None]
    quiet_to: Mapped[dt.time | None]
    digest: Mapped[str]
    digest_at: Mapped[dt.time]
