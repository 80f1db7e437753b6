"""The table of a new type of record, for the migration that makes it.

As every table of records was when the second one came. What changes for all of them later is a migration of its own
and never a change here: migrations that have run must go on meaning the same.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

_THERE = "deleted_at IS NULL"


def make(op: Any, table: str, *own: sa.Column[Any], links: dict[str, str] | None = None) -> None:
    """`own` are the type's columns besides what every record has; `links` are those of them that name another record:
    column → table, emptied when that is purged. The sequence of its numbers and the indexes of its lists come along."""
    op.execute(sa.schema.CreateSequence(sa.Sequence(f"{table}_numbers")))
    big, moment, now = sa.BigInteger(), sa.DateTime(timezone=True), sa.text("now()")
    links = links or {}
    op.create_table(
        table,
        sa.Column("id", big, sa.Identity(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *own,
        sa.Column("owner_id", big),
        sa.Column("department_id", big),
        sa.Column("custom", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("search", postgresql.TSVECTOR(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("last_follow_up_at", moment),
        sa.Column("next_follow_up_on", sa.Date()),
        sa.Column("version", big, server_default=sa.text("1"), nullable=False),
        sa.Column("import_id", big),
        sa.Column("created_by_id", big),
        sa.Column("created_at", moment, server_default=now, nullable=False),
        sa.Column("updated_at", moment, server_default=now, nullable=False),
        sa.Column("deleted_at", moment),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("number", name=op.f(f"uq_{table}_number")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f(f"fk_{table}_owner_id")),
        *(
            sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="SET NULL")
            for column, to in links.items()
        ),
    )
    _indexes(op, table)
    for column in links:
        op.create_index(f"ix_{table}_{column}", table, [column], postgresql_where=sa.text(f"{column} IS NOT NULL"))


def pooled(op: Any, table: str) -> None:
    """What a pooled type needs besides: of each pool the newest first. NULL is no value an index could be kept in order
    by, so everybody's pool has one of its own; and what has no owner is in few departments, which the planner must know
    or it sorts whole pools."""
    newest = [sa.text("updated_at DESC"), sa.text("id DESC")]
    nobodys = f"owner_id IS NULL AND {_THERE}"
    op.create_index(f"ix_{table}_pool", table, ["department_id", *newest], postgresql_where=sa.text(nobodys))
    everybodys = sa.text(f"department_id IS NULL AND {nobodys}")
    op.create_index(f"ix_{table}_pool_of_all", table, newest, postgresql_where=everybodys)
    op.execute(f"CREATE STATISTICS {table}_pools (mcv) ON owner_id, department_id FROM {table}")
    op.execute(f"ALTER STATISTICS {table}_pools SET STATISTICS 1000")


def searched_while_written(op: Any, table: str) -> None:
    """Every search reads all that waits to be merged into the index of words, which while many people save is up to the
    usual four megabytes. Since migration 0064 each connection says it (crm/infra/db.py), no longer the index."""
    op.execute(f"ALTER INDEX ix_{table}_search SET (gin_pending_list_limit = 256)")  # kilobytes


def mergeable(op: Any, table: str) -> None:
    """Two records can be made one: what has gone into another says so. Tables made after migration 0035 ask for it."""
    op.add_column(table, sa.Column("merged_into_id", sa.BigInteger()))


def _indexes(op: Any, table: str) -> None:
    def index(name: str, columns: list[Any], where: str = "", **options: Any) -> None:
        narrowed = {"postgresql_where": sa.text(where)} if where else {}
        op.create_index(f"ix_{table}_{name}", table, columns, **narrowed, **options)

    newest = [sa.text("updated_at DESC"), sa.text("id DESC")]
    index("updated", newest, _THERE)
    index("owner_updated", ["owner_id", *newest], _THERE)
    index("department_updated", ["department_id", *newest], _THERE)
    index("sort_key", ["sort_key", "id"], _THERE)
    index("created", ["created_at", "id"], _THERE)
    for name, column in (("last_follow_up", "last_follow_up_at"), ("next_follow_up", "next_follow_up_on")):
        index(name, [column, "id"], f"{_THERE} AND {column} IS NOT NULL")
    index("search", ["search"], postgresql_using="gin")
    by_value = {"postgresql_using": "gin", "postgresql_ops": {"custom": "jsonb_path_ops"}}
    index("custom", ["custom"], "custom <> '{}'", **by_value)
    index("deleted", ["deleted_at"], "deleted_at IS NOT NULL")
    # As customers have it: of common words and own fields the planner must know more than the hundred commonest.
    op.execute(f"ALTER TABLE {table} ALTER COLUMN search SET STATISTICS 1000")


def drop(op: Any, table: str) -> None:
    op.drop_table(table)
    op.execute(sa.schema.DropSequence(sa.Sequence(f"{table}_numbers")))
