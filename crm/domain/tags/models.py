"""Tags with a meaning."""

import datetime as dt

from sqlalchemy import ForeignKey, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model


class Tag(Model):
    """Nothing is ever deleted: records go on having it, and the log on naming it."""

    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)  # what records keep; never changes
    label: Mapped[dict[str, str]] = mapped_column(JSONB)  # language → words
    description: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    tone: Mapped[str] = mapped_column(default="", server_default=text("''"))
    asks_why: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    # What it once was called, or was typed as before it had a meaning.
    names: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    types: Mapped[list[str]] = mapped_column(ARRAY(Text))  # of record, for which it is offered
    position: Mapped[int]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tags.id"))
    retired_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
