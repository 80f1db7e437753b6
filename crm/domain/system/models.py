"""What is known of the program's own running. Nothing of it is about customers, and nothing personal is in it."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model

EVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)  # the "hour" that counts since the beginning


class SystemHour(Model):
    """How often something was done in an hour, and how long it took; once more in the row of EVER."""

    __tablename__ = "system_hours"

    hour: Mapped[dt.datetime] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)  # numbers.REQUEST, JOB or SIGN_IN
    name: Mapped[str] = mapped_column(primary_key=True)  # template of the route, name of the job
    method: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True)  # 2xx, done, ok …
    count: Mapped[int]
    seconds: Mapped[float]
    database_seconds: Mapped[float]
    buckets: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))  # by numbers.BOUNDS
    slowest: Mapped[float]
    slowest_id: Mapped[str]  # of the request


class SystemProcess(Model):
    """A process that runs; whoever ends in order takes its row away. `gauges` are what it measures of itself."""

    __tablename__ = "system_processes"

    key: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # web, worker, scheduler
    machine: Mapped[str]
    pid: Mapped[int]
    since: Mapped[dt.datetime]
    heard_at: Mapped[dt.datetime]
    version: Mapped[str]
    gauges: Mapped[dict[str, Any]] = mapped_column(JSONB)


class SystemJob(Model):
    """How a kind of job went the last time, and its failures until somebody has dealt with them."""

    __tablename__ = "system_jobs"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    job: Mapped[str] = mapped_column(unique=True)
    queue: Mapped[str]
    begun_at: Mapped[dt.datetime]
    seconds: Mapped[float]
    outcome: Mapped[str]
    done_at: Mapped[dt.datetime | None]
    failed_at: Mapped[dt.datetime | None]
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    error_kind: Mapped[str] = mapped_column(server_default="")
    error_place: Mapped[str] = mapped_column(server_default="")


class SystemError(Model):
    __tablename__ = "system_errors"
    __table_args__ = (UniqueConstraint("kind", "place"), Index("ix_system_errors_last_at", "last_at"))

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    place: Mapped[str]
    count: Mapped[int]
    first_at: Mapped[dt.datetime]
    last_at: Mapped[dt.datetime]
    at_work: Mapped[str]
    request_id: Mapped[str]


class SystemTrouble(Model):
    """Something that is red, of which administrators were told; `ended_at` when it was well again."""

    __tablename__ = "system_troubles"
    __table_args__ = (
        Index("uq_system_troubles_open", "kind", "about", unique=True, postgresql_where=text("ended_at IS NULL")),
        CheckConstraint("ended_at >= began_at", name="order"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    about: Mapped[str] = mapped_column(server_default="")
    began_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


class SystemMonth(Model):
    """The report of a month: `told` is {section: {key: number}} as `monthly.py` counts it. Kept for good."""

    __tablename__ = "system_months"

    month: Mapped[dt.date] = mapped_column(primary_key=True)  # its first day
    told: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSONB)
    counted_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]  # counted for the last time
