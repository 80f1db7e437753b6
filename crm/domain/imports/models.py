"""An import, its rows as staged by the check, and what became of each.

`import_rows` and `import_results` have no foreign key: it would be checked once per row, a million
times, for rows that only crm/jobs/imports.py writes and crm/domain/imports/actions.py removes.
"""

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    REAL,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    String,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.imports.states import ENDED, WORKING, Outcome, State
from crm.domain.people.models import Department
from crm.infra.db import Model
from crm.kernel.access import Scoped
from crm.kernel.permissions import Permission


class Import(Scoped, Model):
    """One file on its way in. The counters are the truth that pages show; a worker alone moves them."""

    __tablename__ = "imports"
    read_permission = Permission.IMPORTS_READ
    __table_args__ = (
        Index("ix_imports_owner", "owner_id", text("id DESC"), postgresql_where=text("deleted_at IS NULL")),
        Index(
            "ix_imports_working",
            "id",
            postgresql_where=text("state IN ('inspecting', 'checking', 'comparing', 'rehearsing', 'running')"),
        ),
        Index("ix_imports_parent", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index("ix_imports_starts", "starts_at", postgresql_where=text("state = 'checked' AND starts_at IS NOT NULL")),
        CheckConstraint("rows = valid + invalid + duplicate_file + duplicate_stored", name="checked_adds_up"),
        CheckConstraint(
            "CASE state WHEN 'done' THEN rows = created + updated + merged + skipped + failed "
            "ELSE rows >= created + updated + merged + skipped + failed END",
            name="adds_up",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))  # whoever uploaded it: it runs with their rights
    record_type: Mapped[str]
    filename: Mapped[str]
    storage_key: Mapped[str | None]  # None once the file is purged
    size: Mapped[int]
    sha256: Mapped[str]

    state: Mapped[str] = mapped_column(default=State.INSPECTING)
    stopped_in: Mapped[str | None]  # the state it was in when it failed or was cancelled
    problem: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True)
    )  # {"message": a gettext id, "params": {…}}
    cancel_requested: Mapped[bool] = mapped_column(default=False)

    inspection: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), deferred=True
    )  # crm.infra.sheets.Inspection; large
    sheet: Mapped[str] = mapped_column(default="")  # chosen by the person; "" is the reader's guess
    encoding: Mapped[str] = mapped_column(default="")
    delimiter: Mapped[str] = mapped_column(default="")
    heading_row: Mapped[int | None]  # None is the reader's guess, 0 says there is none
    mapping: Mapped[dict[str, str | None] | None] = mapped_column(JSONB(none_as_null=True))  # column index → field key
    # Field key → {text of the file, folded: what it means here, as the field reads it}.
    translations: Mapped[dict[str, dict[str, str]]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    # Field key → a rule of converting.py; field key → what a row has that says nothing; [column, separator, parts].
    conversions: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    fallbacks: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    splits: Mapped[list[list[Any]]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    source: Mapped[str] = mapped_column(
        default="", server_default=text("''")
    )  # the system whose ids the file speaks of
    source_column: Mapped[int | None]  # where the id of a row's own record stands
    # Type that follows → {"mapping": column → field key, "fallbacks": as above}; what it follows itself.
    followed: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    parent_id: Mapped[int | None]
    template_id: Mapped[int | None]  # that it was matched by, or whose matching was kept as one
    duplicates: Mapped[str | None]  # key of states.DUPLICATES
    similar: Mapped[str] = mapped_column(default="create", server_default=text("'create'"))  # key of states.SIMILAR
    starts_at: Mapped[dt.datetime | None]  # when a checked one is to run by itself
    automates: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # rules hear of its records

    rows: Mapped[int] = mapped_column(default=0)
    blank: Mapped[int] = mapped_column(default=0)
    valid: Mapped[int] = mapped_column(default=0)
    invalid: Mapped[int] = mapped_column(default=0)
    duplicate_file: Mapped[int] = mapped_column(default=0)
    duplicate_stored: Mapped[int] = mapped_column(default=0)
    warned: Mapped[int] = mapped_column(default=0)  # rows that can go in but have something odd
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    merged: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    skipped: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)

    checked_line: Mapped[int] = mapped_column(default=0)  # the checkpoints: lines up to here are dealt with
    run_line: Mapped[int] = mapped_column(default=0)
    # Runs of it: from the second on only of rows that people corrected.
    passes: Mapped[int] = mapped_column(SmallInteger, default=1, server_default=text("1"))
    alike: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # rows like a record or another row
    compared_line: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    compared_at: Mapped[dt.datetime | None]  # all of it
    # Of a comparison through keys: rows, and records, whose keys are written down. None: the index is asked for rows.
    keyed_line: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    keyed_record: Mapped[int | None] = mapped_column(BigInteger)
    rehearsed: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # rows, and up to which line
    rehearsed_line: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    # {"at": when, "duplicates": as was chosen, each Outcome: rows}
    rehearsal: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    fraction: Mapped[float] = mapped_column(default=0.0)  # 0 … 1 of the phase under way
    phase_began_at: Mapped[dt.datetime | None]  # this worker's turn, for the rate
    phase_began_rows: Mapped[int] = mapped_column(default=0)
    phase_began_fraction: Mapped[float] = mapped_column(default=0.0)
    progressed_at: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)  # in a row without progress
    retry_at: Mapped[dt.datetime | None]

    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]
    undone_at: Mapped[dt.datetime | None]  # it was taken back, as crm/domain/undoing/ does it
    verified_rows: Mapped[int | None]  # that people compared, as of the last sample that was signed
    verified_wrong: Mapped[int | None]
    purged_at: Mapped[dt.datetime | None]  # the rows are gone, the numbers stay
    deleted_at: Mapped[dt.datetime | None]

    @property
    def name(self) -> str:
        """What it is called where it is shared."""
        return self.filename

    @property
    def is_working(self) -> bool:
        return self.state in WORKING

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    @property
    def is_resumable(self) -> bool:
        if self.undone_at is not None or (self.storage_key is None and self.stopped_in != State.RUNNING):
            return False
        return self.state == State.FAILED and self.stopped_in in WORKING

    @property
    def reached(self) -> int:
        """Rows that have become something."""
        return self.created + self.updated + self.merged + self.skipped + self.failed

    @property
    def came_in(self) -> int:
        """Rows that made or changed a record."""
        return self.created + self.updated + self.merged

    @property
    def not_reached(self) -> int:
        return self.rows - self.reached

    @property
    def duplicate(self) -> int:
        return self.duplicate_file + self.duplicate_stored

    def outcome(self, outcome: Outcome) -> int:
        return int(getattr(self, outcome.value))


class ImportRow(Model):
    """A row of the file: the cells as they stood and, where all is well, the values ready to be stored."""

    __tablename__ = "import_rows"
    __table_args__ = (
        Index("ix_import_rows_problems", "import_id", "line", postgresql_where=text("problems IS NOT NULL")),
        Index("ix_import_rows_state", "import_id", "state", "line", postgresql_where=text("state <> 'valid'")),
        Index("ix_import_rows_changes", "import_id", "line", postgresql_where=text("changes IS NOT NULL")),
        Index("ix_import_rows_alike", "import_id", "line", postgresql_where=text("likeness IS NOT NULL")),
    )

    import_id: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]  # RowState
    raw: Mapped[list[str]] = mapped_column(JSON)
    values: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # [[field key or null, column index or null, gettext id, params, "bad" or "warn"], …]
    problems: Mapped[list[list[Any]] | None] = mapped_column(JSON(none_as_null=True))
    match_key: Mapped[str | None]
    duplicate_line: Mapped[int | None]  # the first row of the file like this one
    duplicate_id: Mapped[int | None]  # the stored record like this one
    changes: Mapped[list[str] | None] = mapped_column(ARRAY(String))  # "field key:kind of change" each
    likeness: Mapped[float | None] = mapped_column(REAL)  # the score of what it is most like: see ImportLike
    decision: Mapped[str | None]  # a key of DUPLICATES that somebody chose for this row alone
    decided_id: Mapped[int | None]  # and the record it is about


class ImportResult(Model):
    """What became of a row; written together with the record and the checkpoint, or not at all."""

    __tablename__ = "import_results"
    __table_args__ = (
        Index("ix_import_results_outcome", "import_id", "outcome", "line"),
        Index(
            "ix_import_results_updated",
            "import_id",
            "record_id",
            postgresql_where=text("outcome IN ('updated', 'merged')"),
        ),
    )

    import_id: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str]  # Outcome
    record_id: Mapped[int | None]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # as of Import
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # packed, of what was changed
