"""A change to many records at once, and what became of each of them.

`bulk_items` has no foreign keys: they would be checked once per record, for rows that only a worker writes.
"""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql import text

from crm.infra.db import Model


class State(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What became of a record."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"  # it was so already
    DENIED = "denied"  # whoever asked may see it, but not do this to it
    REFUSED = "refused"  # a rule forbids it; the item says which
    WAITING = "waiting"  # a second person is to confirm it
    GONE = "gone"  # removed or given away since it was asked for


UNDOABLE = (Outcome.CHANGED, Outcome.WAITING)
_SUM = " + ".join(Outcome)


class BulkChange(Model):
    """It belongs to whoever asked for it and runs with the rights they have at each moment.

    `asked` is {"ids": […]} or {"query": [[argument of the list's address, value], …]}; the first turn of a
    worker writes down which records that are, and `total` with it. `values` are packed, by field key.
    """

    __tablename__ = "bulk_changes"
    __table_args__ = (
        Index("ix_bulk_changes_running", "id", postgresql_where=text("state = 'running'")),
        Index("ix_bulk_changes_owner", "owner_id", "id"),
        CheckConstraint(
            f"CASE WHEN state = 'done' THEN total = {_SUM} ELSE coalesce(total, 0) >= {_SUM} END", name="adds_up"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    record_type: Mapped[str]
    action: Mapped[str]  # key of actions.ACTIONS
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB)
    values: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    automates: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # rules hear of each record
    reason: Mapped[str | None]  # whoever asked for it may have said why: of every change it makes
    undo_of_id: Mapped[int | None] = mapped_column(ForeignKey("bulk_changes.id"), unique=True)

    state: Mapped[str] = mapped_column(default=State.RUNNING)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # {"message", "params"}
    total: Mapped[int | None]
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    denied: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    gone: Mapped[int] = mapped_column(default=0)

    attempts: Mapped[int] = mapped_column(default=0)  # in a row without progress
    retry_at: Mapped[dt.datetime | None]
    progressed_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]

    @property
    def reached(self) -> int:
        return sum(getattr(self, outcome.value) for outcome in Outcome)

    @property
    def not_reached(self) -> int:
        return (self.total or 0) - self.reached


class BulkItem(Model):
    """One record of a change; written together with the record, or not at all."""

    __tablename__ = "bulk_items"
    __table_args__ = (
        Index("ix_bulk_items_waiting", "bulk_id", "record_id", postgresql_where=text("outcome IS NULL")),
        Index("ix_bulk_items_outcome", "bulk_id", "outcome", "record_id"),
    )

    bulk_id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str | None]  # Outcome
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # packed, of what was changed
    version: Mapped[int | None]  # of the record after the change: undone only while it is still that
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # as of BulkChange
