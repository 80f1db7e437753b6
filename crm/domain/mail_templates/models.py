"""Words for mails and messages about records, in each language, with places for what stands in their fields."""

import datetime as dt

from sqlalchemy import CheckConstraint, Identity, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model

MAIL, MESSAGE = "mail", "message"


class MailTemplate(Model):
    """`subject` and `body` are {language: text}; `version` is counted by every change; a message has no subject."""

    __tablename__ = "mail_templates"
    __table_args__ = (CheckConstraint("channel IN ('mail', 'message')", name="channel"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str | None] = mapped_column(unique=True)  # of a delivered one
    name: Mapped[str]
    channel: Mapped[str] = mapped_column(default=MAIL)
    record_type: Mapped[str]
    subject: Mapped[dict[str, str]] = mapped_column(JSONB)
    body: Mapped[dict[str, str]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    retired_at: Mapped[dt.datetime | None]
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    def said(self, language: str) -> tuple[str, str]:
        """Subject and body in the language, or in the first that there is."""
        body = self.body.get(language) or next(filter(None, self.body.values()), "")
        return self.subject.get(language) or next(filter(None, self.subject.values()), ""), body
