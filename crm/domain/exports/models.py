"""Exports: what somebody takes away of a list, as which file, and how far the file is."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.exports.formats import FORMATS
from crm.domain.people.models import Person
from crm.infra.db import Model
from crm.kernel.asking import Query
from crm.kernel.company import company

TICKED = "ticked"  # among what was asked: ids, with commas between


class Export(Model):
    """`asked` is the list's question as its address has it, and what was ticked; `rights` is what the file was written
    with (see rights.py).

    The file goes after some days, the row later: what somebody took away today is counted by it.
    """

    __tablename__ = "exports"
    __table_args__ = (
        Index("ix_exports_own", "owner_id", "id"),
        Index("ix_exports_waiting", "id", postgresql_where=text("finished_at IS NULL")),
        Index("ix_exports_regular", "regular_id", "id", postgresql_where=text("regular_id IS NOT NULL")),
        Index("ix_exports_kept", "finished_at", postgresql_where=text("storage_key IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    record_type: Mapped[str]
    asked: Mapped[list[list[str]]] = mapped_column(JSONB)
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))  # keys, in order
    names: Mapped[str]  # of formats.NAMES
    format: Mapped[str]  # of formats.FORMATS
    total: Mapped[int | None]  # None until somebody has counted
    written: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    rights: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    draft_key: Mapped[str | None]  # under which the attempt under way keeps its file
    storage_key: Mapped[str | None]
    size: Mapped[int | None]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # gettext id and what fills it
    regular_id: Mapped[int | None]  # the wish that asked for it by itself
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]

    @property
    def query(self) -> Query:
        return Query.from_args((key, value) for key, value in self.asked)

    @property
    def ticked(self) -> tuple[int, ...] | None:
        """The rows that were ticked in the list, where only these are meant."""
        said = next((value for key, value in self.asked if key == TICKED), None)
        return None if said is None else tuple(map(int, said.split(",")))

    @property
    def filename(self) -> str:
        day = self.created_at.astimezone(ZoneInfo(company.timezone)).date()
        return f"{self.record_type}-{day.isoformat()}-{self.id}.{FORMATS[self.format].suffix}"

    @property
    def topic(self) -> str:
        """Of the news about it."""
        return f"export:{self.id}"
