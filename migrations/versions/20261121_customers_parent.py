"""An index for what hangs below a customer, and no foreign keys that ask again what every way in has asked.

Without the index every customer that is removed costs a walk over all. A foreign key costs 4 µs a row: codes come
from the tables they would be compared with, and neither entries of those nor departments are ever removed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ASKED_BEFORE = (("industry_code", "industries", "code"), ("region_code", "regions", "code"))
_ASKED_BEFORE += (("department_id", "departments", "id"),)


def upgrade() -> None:
    op.create_index(
        "ix_customers_parent", "customers", ["parent_id"], postgresql_where=sa.text("parent_id IS NOT NULL")
    )
    for column, _, _ in _ASKED_BEFORE:
        op.drop_constraint(f"fk_customers_{column}", "customers", type_="foreignkey")


def downgrade() -> None:
    for column, table, key in _ASKED_BEFORE:
        op.create_foreign_key(f"fk_customers_{column}", "customers", table, [column], [key])
    op.drop_index("ix_customers_parent", "customers")
