"""Records are found inside the words of their names: soft finds Microsoft."""

from alembic import op

from crm.domain.records.inside import add_inside

revision = "0038"
down_revision = "0034"
branch_labels = None
depends_on = None

NAMED_BY = {
    "customers": (),
    "contacts": (),
    "leads": ("company",),
    "opportunities": (),
    "tasks": (),
    "orders": ("external_number",),
    "products": ("code", "category"),
}


def upgrade() -> None:
    for table, texts in NAMED_BY.items():
        add_inside(op.get_bind(), table, *texts)


def downgrade() -> None:
    """The release before does not ask for these tokens, and writes a row without them when it changes."""
