"""Imports whose time has come: a worker starts them as their owner would, with the rights the owner has now."""

from typing import Any

from sqlalchemy import Select, select

from crm.domain.imports.actions import start
from crm.domain.imports.events import ImportFailed
from crm.domain.imports.models import Import
from crm.domain.imports.states import State
from crm.domain.imports.turns import Stopped, owner_of
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record


def _due() -> Select[Any]:
    timely = Import.starts_at <= clock.now()
    return select(Import).where(Import.state == State.CHECKED, timely, Import.deleted_at.is_(None))


def due() -> int | None:
    """One whose time has come."""
    with unscoped("a worker serves everybody's imports"):
        return db.session.scalar(_due().with_only_columns(Import.id).limit(1))


def start_next() -> bool:
    """Start one whose time has come; False where there is none. Whoever calls commits at once: the row is locked until
    then, so that of several workers one starts it. One that may not run stays checked and says why."""
    if due() is None:
        return False
    with unscoped("a worker serves everybody's imports"):
        first = _due().order_by(Import.starts_at).limit(1).execution_options(populate_existing=True)
        import_ = db.session.scalars(first.with_for_update(skip_locked=True)).first()
    if import_ is None:
        return False
    duplicates, import_.starts_at = import_.duplicates or "", None
    try:
        start(owner_of(import_), import_, duplicates=duplicates, automates=import_.automates)
    except (Stopped, RuleBroken) as reason:
        import_.problem = {"message": reason.message, "params": reason.params}
        record(Actor(import_.owner_id), import_, ImportFailed(str(reason)))
    return True
