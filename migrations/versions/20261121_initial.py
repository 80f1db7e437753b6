"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm.domain.reference.load import load

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("customer_numbers")))
    op.create_table('customer_number_days',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('base', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_customer_number_days'))
    )
    op.create_table('departments',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('parent_id', sa.BigInteger(), nullable=True),
    sa.Column('path', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['departments.id'], name=op.f('fk_departments_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_departments'))
    )
    op.create_table('events',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('subject_type', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('request_id', sa.Text(), nullable=True),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('caused_by', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events'))
    )
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.create_index('ix_events_timeline', ['subject_type', 'subject_id', 'occurred_at', 'id'], unique=False)

    op.create_table('import_results',
    sa.Column('import_id', sa.BigInteger(), nullable=False),
    sa.Column('line', sa.BigInteger(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('record_id', sa.BigInteger(), nullable=True),
    sa.Column('problem', sa.JSON(none_as_null=True), nullable=True),
    sa.PrimaryKeyConstraint('import_id', 'line', name=op.f('pk_import_results'))
    )
    with op.batch_alter_table('import_results', schema=None) as batch_op:
        batch_op.create_index('ix_import_results_outcome', ['import_id', 'outcome', 'line'], unique=False)

    op.create_table('import_rows',
    sa.Column('import_id', sa.BigInteger(), nullable=False),
    sa.Column('line', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('raw', sa.JSON(), nullable=False),
    sa.Column('values', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('problems', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('match_key', sa.Text(), nullable=True),
    sa.Column('duplicate_line', sa.BigInteger(), nullable=True),
    sa.Column('duplicate_id', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('import_id', 'line', name=op.f('pk_import_rows'))
    )
    with op.batch_alter_table('import_rows', schema=None) as batch_op:
        batch_op.create_index('ix_import_rows_problems', ['import_id', 'line'], unique=False, postgresql_where=sa.text('problems IS NOT NULL'))
        batch_op.create_index('ix_import_rows_state', ['import_id', 'state', 'line'], unique=False, postgresql_where=sa.text("state <> 'valid'"))

    op.create_table('industries',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('parent_code', sa.Text(), nullable=True),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_industries'))
    )
    with op.batch_alter_table('industries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_industries_parent_code'), ['parent_code'], unique=False)

    op.create_table('regions',
    sa.Column('full_name', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('parent_code', sa.Text(), nullable=True),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_regions'))
    )
    with op.batch_alter_table('regions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_regions_parent_code'), ['parent_code'], unique=False)

    op.create_table('deliveries',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('event_id', sa.BigInteger(), nullable=False),
    sa.Column('reaction', sa.Text(), nullable=False),
    sa.Column('attempts', sa.BigInteger(), nullable=False),
    sa.Column('run_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_deliveries_event_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries'))
    )
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.create_index('ix_deliveries_due', ['run_at'], unique=False, postgresql_where=sa.text('done_at IS NULL'))

    op.create_table('people',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=True),
    sa.Column('session_stamp', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('department_id', sa.BigInteger(), nullable=True),
    sa.Column('language', sa.Text(), nullable=True),
    sa.Column('theme', sa.Text(), nullable=False),
    sa.Column('data_saver', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_people_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_people')),
    sa.UniqueConstraint('email', name=op.f('uq_people_email'))
    )
    op.create_table('customers',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('industry_code', sa.Text(), nullable=True),
    sa.Column('level', sa.Text(), nullable=True),
    sa.Column('lifecycle_stage', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('region_code', sa.Text(), nullable=True),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('phone_original', sa.Text(), nullable=True),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('website', sa.Text(), nullable=True),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('tags', postgresql.ARRAY(sa.Text()), nullable=True),
    sa.Column('owner_id', sa.BigInteger(), nullable=True),
    sa.Column('department_id', sa.BigInteger(), nullable=True),
    sa.Column('parent_id', sa.BigInteger(), nullable=True),
    sa.Column('competitor', sa.Text(), nullable=True),
    sa.Column('remarks', sa.Text(), nullable=True),
    sa.Column('custom', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('name_key', sa.Text(), nullable=False),
    sa.Column('sort_key', sa.Text(), nullable=False),
    sa.Column('search', postgresql.TSVECTOR(), nullable=False),
    sa.Column('search_text', sa.Text(), nullable=False),
    sa.Column('next_follow_up_on', sa.Date(), nullable=True),
    sa.Column('version', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.Column('import_id', sa.BigInteger(), nullable=True),
    sa.Column('created_by_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_follow_up_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_customers_department_id')),
    sa.ForeignKeyConstraint(['industry_code'], ['industries.code'], name=op.f('fk_customers_industry_code')),
    sa.ForeignKeyConstraint(['owner_id'], ['people.id'], name=op.f('fk_customers_owner_id')),
    sa.ForeignKeyConstraint(['parent_id'], ['customers.id'], name=op.f('fk_customers_parent_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_customers_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customers')),
    sa.UniqueConstraint('number', name=op.f('uq_customers_number'))
    )
    with op.batch_alter_table('customers', schema=None) as batch_op:
        batch_op.create_index('ix_customers_created', ['created_at', 'id'], unique=False, postgresql_where=sa.text('deleted_at IS NULL'))
        batch_op.create_index('ix_customers_deleted', ['deleted_at'], unique=False, postgresql_where=sa.text('deleted_at IS NOT NULL'))
        batch_op.create_index('ix_customers_industry', ['industry_code'], unique=False, postgresql_where=sa.text('industry_code IS NOT NULL'))
        batch_op.create_index('ix_customers_last_follow_up', ['last_follow_up_at', 'id'], unique=False, postgresql_where=sa.text('deleted_at IS NULL AND last_follow_up_at IS NOT NULL'))
        batch_op.create_index('ix_customers_name_key', ['name_key'], unique=False)
        batch_op.create_index('ix_customers_next_follow_up', ['next_follow_up_on', 'id'], unique=False, postgresql_where=sa.text('deleted_at IS NULL AND next_follow_up_on IS NOT NULL'))
        batch_op.create_index('ix_customers_owner_updated', ['owner_id', sa.literal_column('updated_at DESC'), sa.literal_column('id DESC')], unique=False, postgresql_where=sa.text('deleted_at IS NULL'))
        batch_op.create_index('ix_customers_region', ['region_code'], unique=False, postgresql_where=sa.text('region_code IS NOT NULL'))
        batch_op.create_index('ix_customers_search', ['search'], unique=False, postgresql_using='gin')
        batch_op.create_index('ix_customers_sort_key', ['sort_key', 'id'], unique=False, postgresql_where=sa.text('deleted_at IS NULL'))
        batch_op.create_index('ix_customers_tags', ['tags'], unique=False, postgresql_using='gin', postgresql_where=sa.text('tags IS NOT NULL'))
        batch_op.create_index('ix_customers_updated', [sa.literal_column('updated_at DESC'), sa.literal_column('id DESC')], unique=False, postgresql_where=sa.text('deleted_at IS NULL'))

    op.create_table('drafts',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('texts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_drafts_person_id')),
    sa.PrimaryKeyConstraint('person_id', 'place', name=op.f('pk_drafts'))
    )
    with op.batch_alter_table('drafts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_drafts_updated_at'), ['updated_at'], unique=False)

    op.create_table('follow_ups',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('subject_type', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('result', sa.Text(), nullable=True),
    sa.Column('next_step', sa.Text(), nullable=True),
    sa.Column('next_on', sa.Date(), nullable=True),
    sa.Column('happened_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('author_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['people.id'], name=op.f('fk_follow_ups_author_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_ups'))
    )
    with op.batch_alter_table('follow_ups', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_follow_ups_author_id'), ['author_id'], unique=False)
        batch_op.create_index('ix_follow_ups_timeline', ['subject_type', 'subject_id', 'happened_at', 'id'], unique=False, postgresql_where=sa.text('deleted_at IS NULL'))

    op.create_table('idempotency_keys',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('status', sa.BigInteger(), nullable=True),
    sa.Column('location', sa.Text(), nullable=True),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_idempotency_keys_person_id')),
    sa.PrimaryKeyConstraint('person_id', 'key', name=op.f('pk_idempotency_keys'))
    )
    with op.batch_alter_table('idempotency_keys', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idempotency_keys_created_at'), ['created_at'], unique=False)

    op.create_table('imports',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('owner_id', sa.BigInteger(), nullable=False),
    sa.Column('record_type', sa.Text(), nullable=False),
    sa.Column('filename', sa.Text(), nullable=False),
    sa.Column('storage_key', sa.Text(), nullable=True),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('stopped_in', sa.Text(), nullable=True),
    sa.Column('problem', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('cancel_requested', sa.Boolean(), nullable=False),
    sa.Column('inspection', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('sheet', sa.Text(), nullable=False),
    sa.Column('encoding', sa.Text(), nullable=False),
    sa.Column('delimiter', sa.Text(), nullable=False),
    sa.Column('heading_row', sa.BigInteger(), nullable=True),
    sa.Column('mapping', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('duplicates', sa.Text(), nullable=True),
    sa.Column('rows', sa.BigInteger(), nullable=False),
    sa.Column('blank', sa.BigInteger(), nullable=False),
    sa.Column('valid', sa.BigInteger(), nullable=False),
    sa.Column('invalid', sa.BigInteger(), nullable=False),
    sa.Column('duplicate_file', sa.BigInteger(), nullable=False),
    sa.Column('duplicate_stored', sa.BigInteger(), nullable=False),
    sa.Column('warned', sa.BigInteger(), nullable=False),
    sa.Column('created', sa.BigInteger(), nullable=False),
    sa.Column('updated', sa.BigInteger(), nullable=False),
    sa.Column('skipped', sa.BigInteger(), nullable=False),
    sa.Column('failed', sa.BigInteger(), nullable=False),
    sa.Column('checked_line', sa.BigInteger(), nullable=False),
    sa.Column('run_line', sa.BigInteger(), nullable=False),
    sa.Column('fraction', sa.Double(), nullable=False),
    sa.Column('phase_began_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('phase_began_rows', sa.BigInteger(), nullable=False),
    sa.Column('phase_began_fraction', sa.Double(), nullable=False),
    sa.Column('progressed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.BigInteger(), nullable=False),
    sa.Column('retry_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('purged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("CASE state WHEN 'done' THEN rows = created + updated + skipped + failed ELSE rows >= created + updated + skipped + failed END", name=op.f('ck_imports_adds_up')),
    sa.CheckConstraint('rows = valid + invalid + duplicate_file + duplicate_stored', name=op.f('ck_imports_checked_adds_up')),
    sa.ForeignKeyConstraint(['owner_id'], ['people.id'], name=op.f('fk_imports_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imports'))
    )
    with op.batch_alter_table('imports', schema=None) as batch_op:
        batch_op.create_index('ix_imports_owner', ['owner_id', sa.literal_column('id DESC')], unique=False, postgresql_where=sa.text('deleted_at IS NULL'))
        batch_op.create_index('ix_imports_working', ['id'], unique=False, postgresql_where=sa.text("state IN ('inspecting', 'checking', 'running')"))

    # Names are skewed and common pairs must be known as common: the planner then walks the newest first.
    op.execute("ALTER TABLE customers ALTER COLUMN search SET STATISTICS 1000")
    load(op.get_bind())


def downgrade() -> None:
    with op.batch_alter_table('imports', schema=None) as batch_op:
        batch_op.drop_index('ix_imports_working', postgresql_where=sa.text("state IN ('inspecting', 'checking', 'running')"))
        batch_op.drop_index('ix_imports_owner', postgresql_where=sa.text('deleted_at IS NULL'))

    op.drop_table('imports')
    with op.batch_alter_table('idempotency_keys', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_idempotency_keys_created_at'))

    op.drop_table('idempotency_keys')
    with op.batch_alter_table('follow_ups', schema=None) as batch_op:
        batch_op.drop_index('ix_follow_ups_timeline', postgresql_where=sa.text('deleted_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_follow_ups_author_id'))

    op.drop_table('follow_ups')
    with op.batch_alter_table('drafts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_drafts_updated_at'))

    op.drop_table('drafts')
    with op.batch_alter_table('customers', schema=None) as batch_op:
        batch_op.drop_index('ix_customers_updated', postgresql_where=sa.text('deleted_at IS NULL'))
        batch_op.drop_index('ix_customers_tags', postgresql_using='gin', postgresql_where=sa.text('tags IS NOT NULL'))
        batch_op.drop_index('ix_customers_sort_key', postgresql_where=sa.text('deleted_at IS NULL'))
        batch_op.drop_index('ix_customers_search', postgresql_using='gin')
        batch_op.drop_index('ix_customers_region', postgresql_where=sa.text('region_code IS NOT NULL'))
        batch_op.drop_index('ix_customers_owner_updated', postgresql_where=sa.text('deleted_at IS NULL'))
        batch_op.drop_index('ix_customers_next_follow_up', postgresql_where=sa.text('deleted_at IS NULL AND next_follow_up_on IS NOT NULL'))
        batch_op.drop_index('ix_customers_name_key')
        batch_op.drop_index('ix_customers_last_follow_up', postgresql_where=sa.text('deleted_at IS NULL AND last_follow_up_at IS NOT NULL'))
        batch_op.drop_index('ix_customers_industry', postgresql_where=sa.text('industry_code IS NOT NULL'))
        batch_op.drop_index('ix_customers_deleted', postgresql_where=sa.text('deleted_at IS NOT NULL'))
        batch_op.drop_index('ix_customers_created', postgresql_where=sa.text('deleted_at IS NULL'))

    op.drop_table('customers')
    op.drop_table('people')
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.drop_index('ix_deliveries_due', postgresql_where=sa.text('done_at IS NULL'))

    op.drop_table('deliveries')
    with op.batch_alter_table('regions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_regions_parent_code'))

    op.drop_table('regions')
    with op.batch_alter_table('industries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_industries_parent_code'))

    op.drop_table('industries')
    with op.batch_alter_table('import_rows', schema=None) as batch_op:
        batch_op.drop_index('ix_import_rows_state', postgresql_where=sa.text("state <> 'valid'"))
        batch_op.drop_index('ix_import_rows_problems', postgresql_where=sa.text('problems IS NOT NULL'))

    op.drop_table('import_rows')
    with op.batch_alter_table('import_results', schema=None) as batch_op:
        batch_op.drop_index('ix_import_results_outcome')

    op.drop_table('import_results')
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.drop_index('ix_events_timeline')

    op.drop_table('events')
    op.drop_table('departments')
    op.drop_table('customer_number_days')
    op.execute(sa.schema.DropSequence(sa.Sequence("customer_numbers")))
