"""Roles, and the version of everything administrators shape."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm.domain.people.roles import READY_MADE

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shape",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shape")),
    )
    op.execute(sa.schema.CreateSequence(sa.Sequence("shape_versions", start=2)))
    op.execute("INSERT INTO shape (id, version) VALUES (1, 1)")
    op.create_table(
        "roles",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.Column("reach", postgresql.JSONB(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("key", name=op.f("uq_roles_key")),
    )
    op.create_table(
        "person_roles",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_person_roles_person_id")),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_person_roles_role_id")),
        sa.PrimaryKeyConstraint("person_id", "role_id", name=op.f("pk_person_roles")),
    )
    op.create_index(op.f("ix_person_roles_role_id"), "person_roles", ["role_id"])
    op.create_table(
        "shares",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("department_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (department_id IS NULL)", name=op.f("ck_shares_one_grantee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shares")),
    )
    op.create_index("ix_shares_person", "shares", ["person_id", "subject_type", "subject_id"])
    op.create_index("ix_shares_department", "shares", ["department_id", "subject_type", "subject_id"])
    op.create_index("ix_shares_subject", "shares", ["subject_type", "subject_id"])
    _ready_made()
    op.execute("INSERT INTO person_roles (person_id, role_id) SELECT p.id, r.id FROM people p JOIN roles r ON r.key = p.role")
    op.drop_column("people", "role")
    op.add_column("people", sa.Column("position", sa.Text(), nullable=True))
    op.create_index(op.f("ix_people_department_id"), "people", ["department_id"])
    op.add_column("departments", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_customers_department_updated",
        "customers",
        ["department_id", sa.text("updated_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.add_column("imports", sa.Column("department_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_imports_department_id"), "imports", "departments", ["department_id"], ["id"])
    op.execute("UPDATE imports SET department_id = p.department_id FROM people p WHERE p.id = imports.owner_id")


def _ready_made() -> None:
    insert = sa.text(
        "INSERT INTO roles (key, name, baseline, reach, fields) "
        "VALUES (:key, :name, :baseline, CAST(:reach AS jsonb), CAST(:fields AS jsonb))"
    )
    for role in READY_MADE.values():
        reach = {permission.value: how_far.name for permission, how_far in role.reach.items()}
        fields = {type_: {key: right.name for key, right in rights.items()} for type_, rights in role.fields.items()}
        given = {"key": role.key, "name": role.label, "baseline": role.baseline}
        op.execute(insert.bindparams(**given, reach=json.dumps(reach), fields=json.dumps(fields)))


def downgrade() -> None:
    op.drop_constraint(op.f("fk_imports_department_id"), "imports")
    op.drop_column("imports", "department_id")
    op.drop_index("ix_customers_department_updated", "customers")
    op.drop_column("departments", "closed_at")
    op.drop_index(op.f("ix_people_department_id"), "people")
    op.drop_column("people", "position")
    op.add_column("people", sa.Column("role", sa.Text(), nullable=False, server_default="sales_rep"))
    op.execute(
        "UPDATE people SET role = 'administrator' FROM person_roles pr JOIN roles r ON r.id = pr.role_id "
        "WHERE pr.person_id = people.id AND r.key = 'administrator'"
    )
    op.drop_table("shares")
    op.drop_table("person_roles")
    op.drop_table("roles")
    op.drop_table("shape")
    op.execute(sa.schema.DropSequence(sa.Sequence("shape_versions")))
