"""A matching of columns that is kept: what templates.py works with."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model


class ImportTemplate(Model):
    """A matching that is kept: `columns` is heading key → field key, nothing for one that is left out; `splits` name
    their column by its heading key; the rest as of Import. Files whose headings have the same signature are matched by
    it."""

    __tablename__ = "import_templates"
    __table_args__ = (
        Index("ix_import_templates_signature", "record_type", "signature", postgresql_where=text("deleted_at IS NULL")),
        Index("ix_import_templates_owner", "owner_id", postgresql_where=text("deleted_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    record_type: Mapped[str]
    name: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    shared: Mapped[bool]  # with everybody who may import the type
    signature: Mapped[str]
    columns: Mapped[dict[str, str]] = mapped_column(JSONB)
    translations: Mapped[dict[str, dict[str, str]]] = mapped_column(JSONB, default=dict)
    conversions: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    fallbacks: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    splits: Mapped[list[list[Any]]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    source: Mapped[str] = mapped_column(default="", server_default=text("''"))
    source_heading: Mapped[str] = mapped_column(default="", server_default=text("''"))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[dt.datetime | None]
    deleted_at: Mapped[dt.datetime | None]
