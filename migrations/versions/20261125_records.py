"""Numbers for every type of record; links are emptied when what they lead to is purged; contacts."""

import sqlalchemy as sa
from alembic import op

from crm.domain.people.seeding import allow
from crm.domain.records import tables

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER SEQUENCE customer_numbers RENAME TO customers_numbers")
    op.create_table(
        "number_days",
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record_type", "day", name=op.f("pk_number_days")),
    )
    op.execute("INSERT INTO number_days SELECT 'customers', day, base FROM customer_number_days")
    op.drop_table("customer_number_days")
    op.drop_constraint(op.f("fk_customers_parent_id"), "customers")
    op.create_foreign_key(
        op.f("fk_customers_parent_id"), "customers", "customers", ["parent_id"], ["id"], ondelete="SET NULL"
    )
    op.add_column("follow_ups", sa.Column("customer_id", sa.BigInteger()))
    op.execute("UPDATE follow_ups SET customer_id = subject_id WHERE subject_type = 'customers'")
    op.create_index(
        "ix_follow_ups_customer",
        "follow_ups",
        ["customer_id", "happened_at", "id"],
        postgresql_where=sa.text("customer_id IS NOT NULL AND deleted_at IS NULL"),
    )
    tables.make(
        op,
        "contacts",
        sa.Column("customer_id", sa.BigInteger()),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Text()),
        sa.Column("role", sa.Text()),
        sa.Column("gender", sa.Text()),
        sa.Column("birthday", sa.Date()),
        sa.Column("phone", sa.Text()),
        sa.Column("phone_original", sa.Text()),
        sa.Column("email", sa.Text()),
        sa.Column("wecom", sa.Text()),
        sa.Column("remarks", sa.Text()),
        sa.Column("name_key", sa.Text(), nullable=False),
        links={"customer_id": "customers"},
    )
    op.create_index("ix_contacts_name_key", "contacts", ["name_key"])
    op.create_index(
        "ix_contacts_birthday",
        "contacts",
        [sa.text("extract(month FROM birthday)"), sa.text("extract(day FROM birthday)")],
        postgresql_where=sa.text("birthday IS NOT NULL AND deleted_at IS NULL"),
    )
    op.create_table(
        "contact_customers",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_customers")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_contact_customers_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_contact_customers_customer_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_contact_customers_contact", "contact_customers", ["contact_id", "since"])
    op.create_index("ix_contact_customers_customer", "contact_customers", ["customer_id"])
    allow(op, ["contacts"])


def downgrade() -> None:
    op.drop_table("contact_customers")
    tables.drop(op, "contacts")
    op.drop_index("ix_follow_ups_customer", "follow_ups")
    op.drop_column("follow_ups", "customer_id")
    op.drop_constraint(op.f("fk_customers_parent_id"), "customers")
    op.create_foreign_key(op.f("fk_customers_parent_id"), "customers", "customers", ["parent_id"], ["id"])
    op.create_table(
        "customer_number_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_customer_number_days")),
    )
    op.execute("INSERT INTO customer_number_days SELECT day, base FROM number_days WHERE record_type = 'customers'")
    op.drop_table("number_days")
    op.execute("ALTER SEQUENCE customers_numbers RENAME TO customer_numbers")
