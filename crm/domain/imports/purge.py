"""Files of imports are kept as long as administrators say, their rows as long as an import can be undone; the numbers
stay for good."""

import datetime as dt
from typing import Any

from sqlalchemy import Select, func, select

from crm.domain.imports.checking import forget_rows
from crm.domain.imports.models import Import
from crm.domain.imports.states import WORKING
from crm.domain.retention.actions import import_file_days
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import unscoped

ROWS_KEPT = dt.timedelta(days=90)


def purge_next() -> str | None:
    """Forget one import's file, or its rows; the key of a file, for whoever forgets that; None when none is due."""
    if (
        import_ := _one(
            _old(Import.created_at, dt.timedelta(days=import_file_days())).where(Import.storage_key.is_not(None))
        )
    ) is not None:
        key, import_.storage_key = import_.storage_key, None
        return key or ""
    ended = func.coalesce(Import.finished_at, Import.created_at)
    if (import_ := _one(_old(ended, ROWS_KEPT).where(Import.purged_at.is_(None)))) is None:
        return None
    forget_rows(import_.id)
    import_.purged_at = clock.now()
    return ""


def _old(since: Any, kept: dt.timedelta) -> Select[Import]:
    return select(Import).where(Import.state.not_in(WORKING), since < clock.now() - kept)


def _one(statement: Select[Import]) -> Import | None:
    with unscoped("old files of everybody"):
        return db.session.scalars(statement.order_by(Import.id).limit(1).with_for_update(skip_locked=True)).first()
