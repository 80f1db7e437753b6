"""Of two who edit one thing at the same time the second is told: things whose `version` every change counts up."""

from typing import Any

from crm.infra.db import db
from crm.kernel.errors import Conflict
from crm.kernel.text import N_

OVERTAKEN = N_(
    "Somebody else has changed this meanwhile, and nothing was saved. Yours is kept below: look at theirs, and save"
    " again if yours is to stand."
)


def refuse_overtaken(row: Any, seen: int) -> None:
    """`seen` is the version it was edited over: Conflict where that is not the last. The row is locked, so that of two
    who save at one moment the second waits for the first, and is told."""
    db.session.refresh(row, with_for_update=True)
    if row.version != seen:
        raise Conflict(OVERTAKEN)
