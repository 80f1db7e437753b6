"""What a merge asked a second person for, where an export under way keeps its file, all who have had a customer before
it came into the pool, and how tags were written before they had a meaning."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm.domain.tags.spellings import spelt

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger()


def upgrade() -> None:
    op.add_column("merges", sa.Column("waits", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("exports", sa.Column("draft_key", sa.Text()))
    op.create_table(
        "customer_formers",
        sa.Column("customer_id", _BIG, nullable=False),
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "person_id", name=op.f("pk_customer_formers")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_formers_customer_id"), ondelete="CASCADE"
        ),
    )
    op.execute(
        "INSERT INTO customer_formers SELECT customer_id, former_owner_id, left_at FROM customer_holds"
        " WHERE former_owner_id IS NOT NULL AND left_at IS NOT NULL"
    )
    op.drop_column("customer_holds", "former_owner_id")
    op.drop_column("customer_holds", "left_at")
    _spell_tags()


def _spell_tags() -> None:
    """What was typed in another case or width before the tag had a meaning."""
    bind = op.get_bind()
    for id_, label, names in bind.execute(sa.text("SELECT id, label, names FROM tags")).all():
        more = [each for each in spelt(bind, label.values()) if each not in names]
        if more:
            bind.execute(sa.text("UPDATE tags SET names = :names WHERE id = :id"), {"names": [*names, *more], "id": id_})


def downgrade() -> None:
    op.add_column("customer_holds", sa.Column("former_owner_id", _BIG))
    op.add_column("customer_holds", sa.Column("left_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE customer_holds SET former_owner_id = person_id, left_at = latest.left_at FROM"
        " (SELECT DISTINCT ON (customer_id) * FROM customer_formers ORDER BY customer_id, left_at DESC) AS latest"
        " WHERE latest.customer_id = customer_holds.customer_id"
    )
    op.drop_table("customer_formers")
    op.drop_column("exports", "draft_key")
    op.drop_column("merges", "waits")
