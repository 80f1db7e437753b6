"""The outbox of mail, templates of mail and messages, and how each person wants to be told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0042"
branch_labels = None
depends_on = None

DELIVERED = (
    {
        "key": "introduction",
        "name": "Introduction of the owner · 负责人自我介绍",
        "channel": "mail",
        "record_type": "customers",
        "subject": {"en": "Your contact at {{company}}", "zh_CN": "您在{{company}}的联系人"},
        "body": {
            "en": "Dear Sir or Madam,\n\nfrom now on I look after {{customer.name}}. Whatever you need from"
            " {{company}}, please write to me: {{owner.email}}\n\nKind regards\n{{owner.name}}",
            "zh_CN": "您好！\n\n今后由我负责{{customer.name}}的相关事宜。如有任何需要，请随时与我联系：{{owner.email}}"
            "\n\n此致\n{{owner.name}}\n{{company}}",
        },
    },
    {
        "key": "have_a_look",
        "name": "Please have a look · 请关注",
        "channel": "message",
        "record_type": "customers",
        "subject": {},
        "body": {
            "en": "Please have a look at {{customer.name}}",
            "zh_CN": "请关注：{{customer.name}}",
        },
    },
)
_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "mail_templates",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("subject", postgresql.JSONB(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("channel IN ('mail', 'message')", name=op.f("ck_mail_templates_channel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_templates")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_templates_key")),
    )
    op.bulk_insert(
        sa.table(
            "mail_templates",
            *(sa.column(each) for each in ("key", "name", "channel", "record_type")),
            *(sa.column(each, postgresql.JSONB()) for each in ("subject", "body")),
        ),
        list(DELIVERED),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("made_of", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("num_nonnulls(person_id, address) = 1", name=op.f("ck_mails_one_receiver")),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_mails_sent")),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'withheld')", name=op.f("ck_mails_state")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mails_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("key", name=op.f("uq_mails_key")),
    )
    op.create_index("ix_mails_due", "mails", ["run_at", "id"], postgresql_where=_WAITING)
    op.create_index("ix_mails_failed", "mails", ["id"], postgresql_where=sa.text("state = 'failed'"))
    op.create_index("ix_mails_done", "mails", ["created_at"], postgresql_where=sa.text("state <> 'waiting'"))
    op.create_table(
        "notification_preferences",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kinds", postgresql.JSONB(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_to", sa.Time(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("digest_at", sa.Time(), nullable=False),
        sa.CheckConstraint("digest IN ('daily', 'weekly', 'none')", name=op.f("ck_notification_preferences_digest")),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_to IS NULL)", name=op.f("ck_notification_preferences_quiet")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_notification_preferences_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notification_preferences")),
    )
    for column in (
        sa.Column("in_page", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("by_mail", sa.Text(), server_default=sa.text("'never'"), nullable=False),
        sa.Column("mail_id", sa.BigInteger(), nullable=True),  # a number only: mails are forgotten earlier
        sa.Column("template_id", sa.BigInteger(), nullable=True),
    ):
        op.add_column("notifications", column)
    op.create_check_constraint(
        op.f("ck_notifications_by_mail"), "notifications", "by_mail IN ('once', 'digest', 'never')"
    )
    op.create_foreign_key(
        op.f("fk_notifications_template_id_mail_templates"), "notifications", "mail_templates", ["template_id"], ["id"]
    )
    op.create_index(
        "ix_notifications_mail", "notifications", ["mail_id"], postgresql_where=sa.text("mail_id IS NOT NULL")
    )
    op.create_index(
        "ix_notifications_digest",
        "notifications",
        ["person_id", "id"],
        postgresql_where=sa.text("by_mail = 'digest' AND mail_id IS NULL"),
    )
    op.drop_index("ix_notifications_unread", "notifications")
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["person_id"],
        postgresql_where=sa.text("read_at IS NULL AND in_page"),
    )


def downgrade() -> None:
    op.drop_index("ix_notifications_unread", "notifications")
    for column in ("template_id", "mail_id", "by_mail", "in_page"):
        op.drop_column("notifications", column)
    op.create_index(
        "ix_notifications_unread", "notifications", ["person_id"], postgresql_where=sa.text("read_at IS NULL")
    )
    for table in ("notification_preferences", "mails", "mail_templates"):
        op.drop_table(table)
