"""Records that are made one, searches for pairs that are alike, requests for access."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm.domain.records import tables

revision = "0035"
down_revision = "0037"
branch_labels = None
depends_on = None

_TYPES = ("customers", "contacts", "opportunities", "leads", "tasks", "products", "orders")
_BIG, _MOMENT, _NOW = sa.BigInteger(), sa.DateTime(timezone=True), sa.text("now()")


def upgrade() -> None:
    for each in _TYPES:
        tables.mergeable(op, each)
    _merges()
    _searches()
    _requests()


def _merges() -> None:
    empty = {"type_": postgresql.JSONB(), "nullable": False}
    op.create_table(
        "merges",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("survivor_id", _BIG, nullable=False),
        sa.Column("gone_id", _BIG, nullable=False),
        sa.Column("gone_name", sa.Text(), nullable=False),
        sa.Column("gone_number", sa.Text(), nullable=False),
        *(sa.Column(each, **empty) for each in ("before", "after", "taken")),
        sa.Column("merged_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("actor_id", _BIG),
        sa.Column("undone_at", _MOMENT),
        sa.Column("undone_by_id", _BIG),
        sa.Column("forgotten_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
    )
    in_force = sa.text("undone_at IS NULL")
    op.create_index("ix_merges_gone", "merges", ["record_type", "gone_id"])
    op.create_index("ix_merges_survivor", "merges", ["record_type", "survivor_id"], postgresql_where=in_force)
    kept = sa.text("forgotten_at IS NULL AND undone_at IS NULL")
    op.create_index("ix_merges_kept", "merges", ["merged_at"], postgresql_where=kept)
    op.create_table(
        "merge_items",
        sa.Column("merge_id", _BIG, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("row_id", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("merge_id", "place", "row_id", name=op.f("pk_merge_items")),
        sa.ForeignKeyConstraint(["merge_id"], ["merges.id"], name=op.f("fk_merge_items_merge_id"), ondelete="CASCADE"),
    )


def _searches() -> None:
    none = sa.text("0")
    op.create_table(
        "duplicate_searches",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("asked_by_id", _BIG),
        sa.Column("asked_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("finished_at", _MOMENT),
        sa.Column("state", sa.Text(), nullable=False),
        *(sa.Column(each, _BIG, server_default=none, nullable=False) for each in ("upto", "last", "looked_at", "found")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_searches")),
    )
    waiting = sa.text("finished_at IS NULL")
    op.create_index("ix_duplicate_searches_waiting", "duplicate_searches", ["id"], postgresql_where=waiting)
    op.create_index("ix_duplicate_searches_type", "duplicate_searches", ["record_type", "id"])
    op.create_table(
        "duplicate_keys",
        sa.Column("key", _BIG, nullable=False),
        sa.Column("record_id", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("key", "record_id", name=op.f("pk_duplicate_keys")),
    )
    op.create_table(
        "duplicate_pairs",
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("first_id", _BIG, nullable=False),
        sa.Column("second_id", _BIG, nullable=False),
        sa.Column("score", sa.REAL(), nullable=False),
        sa.Column("search_id", _BIG, nullable=False),
        sa.Column("parted_at", _MOMENT),
        sa.Column("parted_by_id", _BIG),
        sa.PrimaryKeyConstraint("record_type", "first_id", "second_id", name=op.f("pk_duplicate_pairs")),
    )
    best = ["record_type", sa.text("score DESC"), "first_id", "second_id"]
    op.create_index("ix_duplicate_pairs_best", "duplicate_pairs", best, postgresql_where=sa.text("parted_at IS NULL"))


def _requests() -> None:
    op.create_table(
        "access_requests",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", _BIG, nullable=False),
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("asked_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("answered_at", _MOMENT),
        sa.Column("answered_by_id", _BIG),
        sa.Column("granted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_requests")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_access_requests_person_id")),
    )
    op.create_index(
        "uq_access_requests_open",
        "access_requests",
        ["subject_type", "subject_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
    )


def downgrade() -> None:
    for table in ("access_requests", "duplicate_pairs", "duplicate_keys", "duplicate_searches", "merge_items", "merges"):
        op.drop_table(table)
    for each in _TYPES:
        op.drop_column(each, "merged_into_id")
