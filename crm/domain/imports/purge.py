"""Files and rows of imports are kept for a month: long enough to look into, not for ever."""

import datetime as dt

from sqlalchemy import select

from crm.domain.imports.checking import forget_rows
from crm.domain.imports.models import Import
from crm.domain.imports.states import WORKING
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import unscoped

KEPT = dt.timedelta(days=30)


def purge_next() -> str | None:
    """Forget one import's rows; the key of its file, for whoever forgets that; None when none is due."""
    statement = (
        select(Import)
        .where(Import.purged_at.is_(None), Import.state.not_in(WORKING))
        .where(Import.created_at < clock.now() - KEPT)
        .order_by(Import.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with unscoped("old files of everybody"):
        import_ = db.session.scalars(statement).first()
    if import_ is None:
        return None
    forget_rows(import_.id)
    key, import_.storage_key, import_.purged_at = import_.storage_key, None, clock.now()
    return key or ""
