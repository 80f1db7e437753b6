"""What the check and the dry run found, beside the rows. As these without foreign keys."""

from typing import Any

from sqlalchemy import JSON, REAL, BigInteger, Index, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model


class ImportRehearsal(Model):
    """What would become of a row, as the last dry run found."""

    __tablename__ = "import_rehearsals"
    __table_args__ = (Index("ix_import_rehearsals_outcome", "import_id", "outcome", "line"),)

    import_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str]  # Outcome
    record_id: Mapped[int | None]  # of one that is here already
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # as of Import
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # as of ImportResult


class ImportLike(Model):
    """What a row is like without being the same: a record of those its importer may see, or an earlier row."""

    __tablename__ = "import_likes"

    import_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(SmallInteger, primary_key=True)  # 0 is the most alike
    record_id: Mapped[int | None]
    like_line: Mapped[int | None]
    score: Mapped[float] = mapped_column(REAL)
    why: Mapped[list[str]] = mapped_column(JSON)  # gettext ids


class ImportKey(Model):
    """What rows may have in common, while they are compared with each other."""

    __tablename__ = "import_keys"

    import_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    letters: Mapped[int | None] = mapped_column(BigInteger)  # of the whole, where the key is of half of it


class ImportHit(Model):
    """Which records have a key of the rows, while those are compared with all records: see blocking.py."""

    __tablename__ = "import_hits"

    import_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    record_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    letters: Mapped[int | None] = mapped_column(BigInteger)


class ImportCandidate(Model):
    """Which records a row may be like."""

    __tablename__ = "import_candidates"

    import_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class ImportTwin(Model):
    """Rows of one record, or in each other's way, while a dry run works: see rehearsing.py."""

    __tablename__ = "import_twins"
    __table_args__ = (Index("ix_import_twins_group", "import_id", "first_line", "line"),)

    import_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    first_line: Mapped[int] = mapped_column(primary_key=True)


class ImportFinding(Model):
    """How often the check found or did something at the cells of one field: a kind as in cleaning.py."""

    __tablename__ = "import_findings"

    import_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    first_line: Mapped[int | None]  # rows of it stand between these lines
    last_line: Mapped[int | None]
    examples: Mapped[list[list[Any]]] = mapped_column(JSONB)  # [line, before, after] each


PASSING = (ImportLike, ImportKey, ImportHit, ImportCandidate)  # what a comparison leaves, and what it works with
