"""Merges with all they moved, searches for pairs and what they found."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB, REAL
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model

WAITING, KEYING, COMPARING, DONE = "waiting", "keying", "comparing", "done"


class Merge(Model):
    """`before` and `after` are packed values of the survivor's fields that the merge changed; `taken` are values of
    `custom` that only one record may have and that the one that is gone gave up for the survivor; `waits` are by field
    the changes that the merge asked for and a second person confirms. Once it is forgotten
    it cannot be undone; the row stays, as it says where the address of the one that is gone leads."""

    __tablename__ = "merges"
    __table_args__ = (
        Index("ix_merges_gone", "record_type", "gone_id"),
        Index("ix_merges_survivor", "record_type", "survivor_id", postgresql_where=text("undone_at IS NULL")),
        Index("ix_merges_kept", "merged_at", postgresql_where=text("forgotten_at IS NULL AND undone_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    record_type: Mapped[str]
    survivor_id: Mapped[int]
    gone_id: Mapped[int]
    gone_name: Mapped[str]
    gone_number: Mapped[str]
    before: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    taken: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    waits: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    merged_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[int | None]
    undone_at: Mapped[dt.datetime | None]
    undone_by_id: Mapped[int | None]
    forgotten_at: Mapped[dt.datetime | None]


class MergeItem(Model):
    """A row that a merge moved, by the place that led to the one and leads to the other now: “contacts.customer_id”."""

    __tablename__ = "merge_items"

    merge_id: Mapped[int] = mapped_column(ForeignKey(Merge.id, ondelete="CASCADE"), primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[int] = mapped_column(primary_key=True)


class DuplicateSearch(Model):
    """A search through all records of a type. First their keys are written down, up to the record `upto`; then those
    that have a key in common are compared, up to the key `upto`."""

    __tablename__ = "duplicate_searches"
    __table_args__ = (
        Index("ix_duplicate_searches_waiting", "id", postgresql_where=text("finished_at IS NULL")),
        Index("ix_duplicate_searches_type", "record_type", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    record_type: Mapped[str]
    asked_by_id: Mapped[int | None]
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]
    state: Mapped[str] = mapped_column(default=WAITING)
    upto: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    last: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    looked_at: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # records
    found: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # pairs


class DuplicateKey(Model):
    """What the records of the search under way have in common; empty between searches."""

    __tablename__ = "duplicate_keys"

    key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class DuplicatePair(Model):
    """Two records that are alike; `first_id` is the smaller. Once somebody has said that they are not the same they are
    never shown again."""

    __tablename__ = "duplicate_pairs"
    __table_args__ = (
        Index(
            "ix_duplicate_pairs_best",
            "record_type",
            text("score DESC"),
            "first_id",
            "second_id",
            postgresql_where=text("parted_at IS NULL"),
        ),
    )

    record_type: Mapped[str] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(primary_key=True)
    second_id: Mapped[int] = mapped_column(primary_key=True)
    score: Mapped[float] = mapped_column(REAL)
    search_id: Mapped[int]
    parted_at: Mapped[dt.datetime | None]
    parted_by_id: Mapped[int | None]
