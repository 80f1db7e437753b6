"""What makes tampering with the log show."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model


class Seal(Model):
    """One link of the chain: `hash` is over the event and the hash before (see chain.py). Positions count from 1."""

    __tablename__ = "seals"

    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Sealing(Model):
    """How far sealing has come (see sealing.py). There is one row."""

    __tablename__ = "sealing"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # always 1
    below: Mapped[int] = mapped_column(BigInteger)  # every event with a smaller id is sealed
    ahead: Mapped[int] = mapped_column(BigInteger)  # so will be those smaller than this …
    running: Mapped[list[str]] = mapped_column(ARRAY(Text))  # … once these transactions have ended


class LogExport(Model):
    """Somebody takes lines of the log away as a file, which a worker writes and which is forgotten after a day."""

    __tablename__ = "log_exports"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_by_id: Mapped[int]
    asked: Mapped[dict[str, str]] = mapped_column(JSONB)  # by the keys of queries.FILTERS
    suffix: Mapped[str]
    total: Mapped[int]
    written: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    storage_key: Mapped[str | None]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # gettext id and what fills it
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]


class Verification(Model):
    """Somebody, or the night, asked whether the log is whole. `verdict` is as verify.py writes it."""

    __tablename__ = "verifications"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_by_id: Mapped[int | None]
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    checked: Mapped[int] = mapped_column(default=0, server_default="0")  # lines so far …
    total: Mapped[int | None]  # … of so many when a worker began
    finished_at: Mapped[dt.datetime | None]
    verdict: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
