"""Addresses of other programs that are told what happened, and what was sent to them."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model


class WebhookEndpoint(Model):
    """`secret` is sealed; it is shown once, when the endpoint is made."""

    __tablename__ = "webhook_endpoints"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    url: Mapped[str]
    secret: Mapped[str]
    retired_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class WebhookDelivery(Model):
    """One message to one endpoint: the outbox of webhooks. `key` is the webhook-id, the same however often it is sent,
    so that whoever gets it twice knows it.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("ix_webhook_deliveries_due", "run_at", postgresql_where=text("run_at IS NOT NULL")),
        Index("ix_webhook_deliveries_newest", "endpoint_id", text("id DESC")),
        Index("ix_webhook_deliveries_created", "created_at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey(WebhookEndpoint.id))
    key: Mapped[str] = mapped_column(unique=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    run_at: Mapped[dt.datetime | None] = mapped_column(server_default=func.now())  # None: sent, or given up
    sent_at: Mapped[dt.datetime | None]
    answer: Mapped[int | None]  # the status of the last answer
    error: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
