"""Saved views, and which of them a list begins with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("args", postgresql.JSONB(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("everyone", sa.Boolean(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=True),
        sa.Column("department_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(role_id, department_id) + everyone::int <= 1", name=op.f("ck_saved_views_shared_once")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_saved_views_owner_id")),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_saved_views_role_id")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_saved_views_department_id")),
    )
    op.create_index("ix_saved_views_record_type", "saved_views", ["record_type", "position", "id"])
    op.create_index(op.f("ix_saved_views_owner_id"), "saved_views", ["owner_id"])
    op.create_table(
        "first_views",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("view_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("num_nonnulls(role_id, person_id) = 1", name=op.f("ck_first_views_one_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_first_views")),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_first_views_role_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_first_views_person_id")),
        sa.ForeignKeyConstraint(
            ["view_id"], ["saved_views.id"], name=op.f("fk_first_views_view_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("record_type", "role_id", name="uq_first_views_role"),
        sa.UniqueConstraint("record_type", "person_id", name="uq_first_views_person"),
    )
    op.create_index(op.f("ix_first_views_view_id"), "first_views", ["view_id"])


def downgrade() -> None:
    op.drop_table("first_views")
    op.drop_table("saved_views")
