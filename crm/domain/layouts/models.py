"""Layouts that administrators made: how form and page of a type are arranged for some roles."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model


class Layout(Model):
    """`sections` is [{key, label: {language: words}, fields: [keys]}] in order; of several layouts the first counts."""

    __tablename__ = "layouts"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str]
    name: Mapped[str]
    position: Mapped[int]
    roles: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    wide: Mapped[list[str]] = mapped_column(ARRAY(Text))  # keys of the fields over both columns
    left_out: Mapped[list[str]] = mapped_column(ARRAY(Text))  # keys of those that stand nowhere
    retired_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[int | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
