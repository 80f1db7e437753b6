"""What nobody asks for but everybody needs: rows that have done their work are removed, a little at a time."""

import datetime as dt

from flask import current_app
from sqlalchemy import text

from crm.config import Settings
from crm.domain.intake.models import BECOMES
from crm.domain.people.actions import SYSTEM
from crm.domain.registry import RECORD_TYPES
from crm.domain.retention.actions import bin_days
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.base import each_in_transaction, job

# What a stranger sent goes with the record it became, or with the one that this was merged into.
_FORGOTTEN = "record_id IS NOT NULL AND " + " AND ".join(
    f"(record_type <> '{each}' OR NOT EXISTS (WITH RECURSIVE led (id) AS (SELECT record_id UNION SELECT survivor_id"
    f" FROM merges JOIN led ON gone_id = led.id AND merges.record_type = '{each}' AND undone_at IS NULL)"
    f" SELECT FROM led JOIN {each} USING (id)))"
    for each in BECOMES
)

# Table → which of its rows have done their work. An answer is asked for again within minutes, not days.
WORN_OUT = {
    "idempotency_keys": "created_at < now() - interval '3 days'",
    "drafts": "updated_at < now() - interval '60 days'",
    "bulk_items": "bulk_id IN (SELECT id FROM bulk_changes WHERE finished_at < now() - interval '30 days')",
    "notifications": "read_at < now() - interval '90 days'",
    "mails": "state <> 'waiting' AND created_at < now() - interval '90 days'",
    "exports": "storage_key IS NULL AND finished_at < now() - interval '90 days'",
    "intake_proofs": "used_at < now() - interval '2 days'",
    "intake_entries": f"outcome = 'discarded' AND decided_at < now() - interval '90 days' OR {_FORGOTTEN}",
    "sessions": "expires_at < now()",
    "account_links": "expires_at < now()",
    "deliveries": "done_at < now() - interval '30 days'",
}
_BATCH = 5_000
_PURGED = 500


@job
def tidy() -> None:
    for table, worn_out in WORN_OUT.items():
        some = f"SELECT ctid FROM {table} WHERE {worn_out} LIMIT {_BATCH}"
        each_in_transaction(lambda some=some, table=table: _remove(table, some))


@job
def purge_bins() -> None:
    """What has been in a recycle bin for so many days is removed for good."""
    settings: Settings = current_app.config["SETTINGS"]
    before = clock.now() - dt.timedelta(days=bin_days(settings.bin_days))
    for type_ in RECORD_TYPES.values():
        each_in_transaction(lambda type_=type_: type_.verbs.purge_old(SYSTEM, before, _PURGED))


def _remove(table: str, some: str) -> int:
    return db.session.execute(text(f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({some}))")).rowcount
