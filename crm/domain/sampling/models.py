"""Verification samples: rows of an import that people compare with what is stored."""

import datetime as dt

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.imports.models import Import
from crm.domain.people.models import Person
from crm.infra.db import Model

RIGHT, WRONG = "right", "wrong"


class ImportSample(Model):
    """`population` is how many rows did something, `size` how many of them are looked at: those whose
    md5(seed ‖ ":" ‖ line) is smallest, in proportion of what became of rows. The same seed gives the same rows."""

    __tablename__ = "import_samples"
    __table_args__ = (Index("ix_import_samples_import", "import_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey(Import.id))
    seed: Mapped[int]
    size: Mapped[int]
    population: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    signed_at: Mapped[dt.datetime | None]


class ImportSampleRow(Model):
    """One row of the file; `fields` are the keys of those that are wrong."""

    __tablename__ = "import_sample_rows"
    __table_args__ = (
        CheckConstraint("verdict IN ('right', 'wrong')", name="verdict"),
        Index("ix_import_sample_rows_left", "sample_id", "line", postgresql_where=text("verdict IS NULL")),
    )

    sample_id: Mapped[int] = mapped_column(ForeignKey(ImportSample.id), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str]  # the stratum: what became of the row
    record_id: Mapped[int]
    verdict: Mapped[str | None]
    fields: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    note: Mapped[str | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    at: Mapped[dt.datetime | None]


class ImportSamplePerson(Model):
    """Whoever was asked to help."""

    __tablename__ = "import_sample_people"

    sample_id: Mapped[int] = mapped_column(ForeignKey(ImportSample.id), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True, index=True)
    asked_by_id: Mapped[int | None]
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
