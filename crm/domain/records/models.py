"""What the table of every type of record has, and the indexes that every list of records needs."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Identity, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.domain.timeline.models import Followed
from crm.infra.db import Model
from crm.kernel.access import Scoped


class Kept(Scoped, Followed):
    """A record of its own: with a number, an owner, a timeline, fields of the company's own and a place in lists.

    Departments have no foreign key: one costs 4 µs a row, and they come from their own table.
    """

    __abstract__ = True
    mergeable = True

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    department_id: Mapped[int | None]
    custom: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))

    # Derived from the columns a type is searched by, in every write: see derived.py.
    sort_key: Mapped[str]
    search: Mapped[str] = mapped_column(TSVECTOR, deferred=True)
    search_text: Mapped[str] = mapped_column(deferred=True)

    last_follow_up_at: Mapped[dt.datetime | None]
    next_follow_up_on: Mapped[dt.date | None] = mapped_column(Date)

    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    import_id: Mapped[int | None]  # the import that made it
    created_by_id: Mapped[int | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[dt.datetime | None]
    # Of two that were one: the one that goes on. It is deleted as well, and in no recycle bin.
    merged_into_id: Mapped[int | None]


class NumberDay(Model):
    """Where a type's sequence stood when a day began: the day's numbers count from there, without any lock."""

    __tablename__ = "number_days"

    record_type: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    base: Mapped[int]


_THERE = "deleted_at IS NULL"


def kept_indexes(table: str, *, counted: bool = False) -> tuple[Index, ...]:
    """Every list: newest change first, of everything, of a department or of one owner. Common words are found by
    walking these, rare ones by the index of words. `counted`: how many came in any stretch of days, whoever's, is read
    from an index alone."""
    whose: dict[str, Any] = {"postgresql_include": ["owner_id", "department_id"]} if counted else {}
    newest = (text("updated_at DESC"), text("id DESC"))
    by_follow_up = (
        ("last_follow_up", "last_follow_up_at"),
        ("next_follow_up", "next_follow_up_on"),
    )
    return (
        Index(f"ix_{table}_updated", *newest, postgresql_where=text(_THERE)),
        Index(f"ix_{table}_owner_updated", "owner_id", *newest, postgresql_where=text(_THERE)),
        Index(f"ix_{table}_department_updated", "department_id", *newest, postgresql_where=text(_THERE)),
        Index(f"ix_{table}_sort_key", "sort_key", "id", postgresql_where=text(_THERE)),
        Index(f"ix_{table}_created", "created_at", "id", postgresql_where=text(_THERE), **whose),
        *(
            Index(f"ix_{table}_{name}", column, "id", postgresql_where=text(f"{_THERE} AND {column} IS NOT NULL"))
            for name, column in by_follow_up
        ),
        Index(f"ix_{table}_search", "search", postgresql_using="gin"),
        Index(  # values of administrators' own fields, whichever they are
            f"ix_{table}_custom",
            "custom",
            postgresql_using="gin",
            postgresql_ops={"custom": "jsonb_path_ops"},
            postgresql_where=text("custom <> '{}'"),
        ),
        Index(f"ix_{table}_deleted", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
    )


def tag_index(table: str) -> Index:
    return Index(f"ix_{table}_tags", "tags", postgresql_using="gin", postgresql_where=text("tags IS NOT NULL"))


def pool_indexes(table: str) -> tuple[Index, ...]:
    """Of a pooled type: of each department's pool and of everybody's the newest first."""
    newest, nobodys = (text("updated_at DESC"), text("id DESC")), f"owner_id IS NULL AND {_THERE}"
    everybodys = text(f"department_id IS NULL AND {nobodys}")
    return (
        Index(f"ix_{table}_pool", "department_id", *newest, postgresql_where=text(nobodys)),
        Index(f"ix_{table}_pool_of_all", *newest, postgresql_where=everybodys),
    )
