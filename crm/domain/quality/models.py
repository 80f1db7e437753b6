"""What is counted of the records each night, and how administrators want it counted."""

import datetime as dt
from typing import Any

from sqlalchemy import Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model


class QualitySettings(Model):
    """`fields` is record type → keys of the fields that are to be filled in, where it is not the standard ones."""

    __tablename__ = "quality_settings"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # always 1
    stale_days: Mapped[int] = mapped_column(SmallInteger, default=30, server_default=text("30"))
    fields: Mapped[dict[str, list[str]]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    remind_weekday: Mapped[int | None] = mapped_column(SmallInteger)  # Monday is 0; none: nobody is reminded
    remind_hour: Mapped[int] = mapped_column(SmallInteger, default=8, server_default=text("8"))
    reminded_on: Mapped[dt.date | None]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))


class QualityDay(Model):
    """That a type was counted on a day: all of it in one transaction."""

    __tablename__ = "quality_days"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    record_type: Mapped[str] = mapped_column(primary_key=True)
    counted_at: Mapped[dt.datetime]
    stale_days: Mapped[int] = mapped_column(SmallInteger)


class QualityCount(Model):
    """One owner's records of a type in one department, on one day. `counts` is key of a check → how many fail it, for
    each that was asked."""

    __tablename__ = "quality_counts"
    __table_args__ = (
        Index("uq_quality_counts", "record_type", "day", "department_id", "owner_id", unique=True),
        Index("ix_quality_counts_owner", "owner_id", "record_type", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[dt.date]
    record_type: Mapped[str]
    department_id: Mapped[int | None]
    owner_id: Mapped[int | None]
    records: Mapped[int]
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB)
