"""Records are found by what another system calls them, whichever it is: its index begins with the id."""

from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _instead("external_id", "subject_type", "source_key")


def downgrade() -> None:
    _instead("subject_type", "source_key", "external_id")


def _instead(*columns: str) -> None:
    op.create_index("uq_external_ids_anew", "external_ids", columns, unique=True)
    op.drop_index("uq_external_ids", "external_ids")
    op.execute("ALTER INDEX uq_external_ids_anew RENAME TO uq_external_ids")
