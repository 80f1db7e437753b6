"""An import that is taken back, or made again, and what became of each of its records.

`import_undo_rows` has no foreign keys: they would be checked once per row, for rows that only a worker writes.
"""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Identity, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.imports.models import Import
from crm.infra.db import Model


class Kind(StrEnum):
    PREVIEW = "preview"  # what undoing would do; nothing is changed
    UNDO = "undo"
    REDO = "redo"


class State(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What became of what a row had done."""

    REMOVED = "removed"  # it was made by the import and is in the recycle bin now
    RESTORED = "restored"  # it has what it had before the import
    BROUGHT_BACK = "brought_back"  # out of the recycle bin, when made again
    CHANGED = "changed"  # it has the file's values again
    PARTLY = "partly"  # some values; others were changed since
    KEPT = "kept"  # somebody has worked on it since
    GONE = "gone"  # it is not there any more


class Caused(StrEnum):
    """What became of what rules of automation had made on account of it."""

    RECALLED = "recalled"
    WORKED_ON = "worked_on"


class Step(StrEnum):
    """rows → caused → asked → told; making again has the first two only."""

    ROWS = "rows"
    CAUSED = "caused"  # what rules of automation made on account of it
    ASKED = "asked"  # changes that wait for a second person
    TOLD = "told"  # messages nobody has read yet


_SUM = " + ".join(Outcome)


class ImportUndo(Model):
    """It belongs to whoever asked for it and runs with the rights they have at each moment. Rows are taken from the
    last to the first; `line` is the last that was dealt with, of things caused the last run of a rule."""

    __tablename__ = "import_undos"
    __table_args__ = (
        Index("ix_import_undos_import", "import_id", "id"),
        Index("ix_import_undos_running", "import_id", unique=True, postgresql_where=text("state = 'running'")),
        CheckConstraint(f"CASE WHEN state = 'done' THEN total = {_SUM} ELSE total >= {_SUM} END", name="adds_up"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey(Import.id))
    kind: Mapped[str]
    of_id: Mapped[int | None] = mapped_column(ForeignKey("import_undos.id"))  # what is made again
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(default=State.RUNNING)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # {"message", "params"}

    total: Mapped[int]
    removed: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    restored: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    brought_back: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    changed: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    partly: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    kept: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    gone: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    recalled: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # of what rules made
    worked_on: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # of those, what is kept
    withdrawn: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # changes that waited
    untold: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # messages

    step: Mapped[str] = mapped_column(default=Step.ROWS)
    line: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # in a row without progress
    retry_at: Mapped[dt.datetime | None]
    progressed_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]

    @property
    def reached(self) -> int:
        return sum(getattr(self, each.value) for each in Outcome)

    @property
    def conflicts(self) -> int:
        return self.partly + self.kept


class ImportUndoRow(Model):
    """`line` is that of the file, nothing for what rules made. `fields` are the keys of those that were put back.

    `conflicts` are [[why, field key or null, {…}], …]: see deciding.py.
    """

    __tablename__ = "import_undo_rows"
    __table_args__ = (
        Index("ix_import_undo_rows_outcome", "undo_id", "outcome", "id"),
        Index("ix_import_undo_rows_line", "undo_id", "line"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    undo_id: Mapped[int]
    line: Mapped[int | None]
    record_type: Mapped[str]
    record_id: Mapped[int]
    outcome: Mapped[str]
    fields: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    conflicts: Mapped[list[list[Any]] | None] = mapped_column(JSON(none_as_null=True))
