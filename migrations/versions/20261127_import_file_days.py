"""After how many days files of imports are deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("retention", sa.Column("import_file_days", sa.Integer))
    op.create_check_constraint(op.f("ck_retention_import_file_days"), "retention", "import_file_days > 0")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_retention_import_file_days"), "retention")
    op.drop_column("retention", "import_file_days")
