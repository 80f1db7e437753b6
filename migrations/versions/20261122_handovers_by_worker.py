"""Hand-overs are done by a worker, with each record written down."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_NUMBERS = ("total", "given", "back", "left", "attempts")


def upgrade() -> None:
    op.create_table(
        "handover_items",
        sa.Column("handover_id", sa.BigInteger(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("handover_id", "record_type", "record_id", name=op.f("pk_handover_items")),
    )
    op.add_column("handovers", sa.Column("state", sa.Text(), server_default="done", nullable=False))
    for name in _NUMBERS:
        op.add_column("handovers", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("handovers", sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("handovers", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("handovers", sa.Column("created_by_id", sa.BigInteger(), nullable=True))
    op.add_column("handovers", sa.Column("undone_by_id", sa.BigInteger(), nullable=True))
    op.execute(
        "INSERT INTO handover_items (handover_id, record_type, record_id, settled)"
        " SELECT h.id, t.key, r.id::bigint, h.undone_at IS NOT NULL"
        " FROM handovers h, jsonb_each(h.records) t, jsonb_array_elements_text(t.value) r(id)"
    )
    op.execute(
        "UPDATE handovers h SET state = CASE WHEN undone_at IS NULL THEN 'done' ELSE 'undone' END, total = n, given = n"
        " FROM (SELECT id, (SELECT count(*) FROM handover_items i WHERE i.handover_id = handovers.id) AS n"
        " FROM handovers) counted WHERE counted.id = h.id"
    )
    op.drop_column("handovers", "records")
    op.create_index(
        "ix_handovers_under_way", "handovers", ["id"], postgresql_where=sa.text("state IN ('giving', 'returning')")
    )
    op.create_index(
        "ix_handover_items_out",
        "handover_items",
        ["handover_id", "record_type", "record_id"],
        postgresql_where=sa.text("NOT settled"),
    )


def downgrade() -> None:
    op.add_column("handovers", sa.Column("records", postgresql.JSONB(), server_default="{}", nullable=False))
    op.execute(
        "UPDATE handovers h SET records = found.records FROM (SELECT handover_id, jsonb_object_agg(record_type, ids) AS"
        " records FROM (SELECT handover_id, record_type, jsonb_agg(record_id) AS ids FROM handover_items GROUP BY 1, 2) i"
        " GROUP BY 1) found WHERE found.handover_id = h.id"
    )
    op.alter_column("handovers", "records", server_default=None)
    op.drop_index("ix_handovers_under_way", "handovers")
    for name in ("state", *_NUMBERS, "retry_at", "reason", "created_by_id", "undone_by_id"):
        op.drop_column("handovers", name)
    op.drop_table("handover_items")
