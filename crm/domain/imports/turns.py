"""A worker's turn at an import: may it go on, what has it got done, how does it end.

Every batch is one transaction that ends with `advance`, which moves the checkpoint from where the batch
began. Should two workers ever work on one import, the second to get there finds it moved and gives up,
with all it had written: no row can be lost or come twice, whatever becomes of locks.
"""

import datetime as dt
from typing import Any

from sqlalchemy import or_, select, text, update

from crm.domain.imports.events import ImportCancelled, ImportFailed, ImportFinished
from crm.domain.imports.models import Import
from crm.domain.imports.splitting import widened
from crm.domain.imports.states import WORKING, WRITING, State
from crm.domain.imports.targets import TARGETS
from crm.domain.people.models import Person
from crm.infra import clock
from crm.infra.db import db
from crm.infra.sheets import Inspection
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.permissions import Permission
from crm.kernel.text import N_

_BESIDE = (State.COMPARING, State.REHEARSING)  # phases that can be left out
ATTEMPTS = 6  # turns without any progress before an import is given up


class LostTurn(Exception):
    """The import is no longer this worker's to work on: cancelled, removed, or taken by another."""


class Stopped(Exception):
    """The import cannot go on; `message` is a gettext id and `params` fills it."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(str(RuleBroken(message, **params)))
        self.message, self.params = message, params


class Cancelled(Exception):
    """Somebody asked for the end."""


def waiting() -> list[int]:
    """Imports whose next step is a worker's, the one longest without attention first."""
    statement = (
        select(Import.id)
        .where(Import.state.in_(WORKING), Import.deleted_at.is_(None))
        .where(or_(Import.retry_at.is_(None), Import.retry_at <= clock.now(), Import.cancel_requested))
        .order_by(Import.progressed_at.asc().nulls_first(), Import.id)
    )
    with unscoped("a worker serves everybody's imports"):
        return list(db.session.scalars(statement))


def begin(import_id: int) -> Import:
    """Start a turn. It counts as one without progress until something is done."""
    import_ = fresh(import_id)
    import_.attempts += 1
    import_.retry_at = None
    import_.phase_began_at = clock.now()
    import_.phase_began_rows = done_of(import_)
    import_.phase_began_fraction = import_.fraction
    if import_.attempts > ATTEMPTS:
        raise Stopped(N_("It was tried %(count)s times and got no further. What is in stays in."), count=ATTEMPTS)
    return import_


def done_of(import_: Import) -> int:
    """Rows that the phase under way has dealt with."""
    return {State.RUNNING: import_.reached, State.REHEARSING: import_.rehearsed}.get(State(import_.state), import_.rows)


def fresh(import_id: int, state: str | None = None) -> Import:
    """The import as it stands now; LostTurn unless it is (still) in `state`, Cancelled if that was asked for."""
    with unscoped("a worker serves everybody's imports"):
        import_ = db.session.get(Import, import_id, populate_existing=True)
    if import_ is None or import_.deleted_at or import_.state not in WORKING or state not in (None, import_.state):
        raise LostTurn(import_id)
    if import_.cancel_requested:
        raise Cancelled(import_id)
    return import_


_NOT_THIS_FIELD = N_("%(name)s, for whom it runs, may no longer fill in “%(field)s”. What is in stays in.")


def owner_of(import_: Import) -> Actor:
    """Whoever the import runs for, with the rights they have now; Stopped when these no longer do."""
    person = db.session.get(Person, import_.owner_id, populate_existing=True)
    if person is None or not person.active:
        raise Stopped(N_("The account it runs for was switched off. What is in stays in."))
    record_type = TARGETS[import_.record_type]
    needed = [record_type.may_import, record_type.may_create]
    if import_.duplicates in WRITING:
        needed.append(record_type.may_edit)
    actor: Actor = person.actor
    if "imports" not in actor.modules:
        raise Stopped(
            N_("%(Imports)s are switched off for %(name)s, for whom it runs. Go on when they are on again."),
            name=actor.name,
        )
    for permission in needed:
        _need(actor, permission)
    fields = record_type.open_to(actor).by_key()
    for key in {*filter(None, (import_.mapping or {}).values()), *import_.fallbacks}:
        if key not in fields or not fields[key].writable_by(actor):
            label = record_type.by_key()[key].label if key in record_type.by_key() else key
            raise Stopped(_NOT_THIS_FIELD, name=actor.name, field=label)
    return actor


def _need(actor: Actor, permission: Permission) -> None:
    if not actor.may(permission):
        raise Stopped(
            N_("%(name)s, for whom it runs, no longer has the right “%(permission)s”. What is in stays in."),
            name=actor.name,
            permission=str(permission),
        )


def inspection_of(import_: Import) -> Inspection:
    """What the reader found, with the heading row and the divided columns that the person chose."""
    return widened(file_of(import_), import_.splits)


def file_of(import_: Import) -> Inspection:
    """The file as it is, with the heading row that the person chose: what its reader wants."""
    found = dict(import_.inspection or {})
    if import_.heading_row is not None:
        found["heading_row"] = import_.heading_row
    return Inspection.from_dict(found)


def unhurried() -> None:
    """This transaction's end need not wait for the disk.

    Should the power fail within the next second, PostgreSQL has lost it as a whole, checkpoint and all, and with it
    whatever came after: the batch is done again. Any change somebody makes meanwhile, and the step that ends the
    phase, waits for the disk as usual, and with itself writes down all that came before.
    """
    db.session.execute(text("SET LOCAL synchronous_commit = off"))


def advance(import_: Import, checkpoint: str, to: int, **changes: Any) -> None:
    """Move a checkpoint on from where it was when this batch was begun, in the batch's own transaction."""
    column = getattr(Import, checkpoint)
    changes |= {checkpoint: to, "progressed_at": clock.now(), "attempts": 0}
    statement = (
        update(Import)
        .where(Import.id == import_.id, Import.state == import_.state, column == getattr(import_, checkpoint))
        .values(changes)
        .execution_options(synchronize_session=False)
    )
    with unscoped("a worker serves everybody's imports"):
        if db.session.execute(statement).rowcount != 1:  # type: ignore[attr-defined]
            raise LostTurn(import_.id)


def enter(import_: Import, state: State) -> None:
    """Leave the phase for the next one."""
    import_.state = state
    import_.attempts, import_.fraction, import_.progressed_at = 0, 0.0, clock.now()
    if state == State.DONE:
        _end(import_)
        counts = (import_.rows, import_.created, import_.updated, import_.skipped, import_.failed, import_.merged)
        record(_of(import_), import_, ImportFinished(*counts))


def fail(import_id: int, reason: Stopped) -> None:
    import_ = _locked(import_id)
    if import_ is None or import_.state not in WORKING:
        return
    import_.problem = {"message": reason.message, "params": reason.params}
    if import_.state in _BESIDE:  # nothing was to be kept: it can be run all the same, or corrected
        _back_to_checked(import_)
        return
    import_.stopped_in, import_.state = import_.state, State.FAILED
    _end(import_)
    record(_of(import_), import_, ImportFailed(str(reason)))


def cancel(import_id: int) -> None:
    import_ = _locked(import_id)
    if import_ is None or import_.state not in WORKING:
        return
    if import_.state in _BESIDE:
        _back_to_checked(import_)
        return
    import_.stopped_in, import_.state = import_.state, State.CANCELLED
    _end(import_)
    record(_of(import_), import_, ImportCancelled(import_.reached))


def _back_to_checked(import_: Import) -> None:
    import_.state, import_.cancel_requested = State.CHECKED, False
    import_.attempts, import_.retry_at, import_.fraction = 0, None, 0.0


def put_off(import_id: int) -> None:
    """After trouble that may pass: longer each time."""
    import_ = _locked(import_id)
    if import_ is not None:
        import_.retry_at = clock.now() + dt.timedelta(seconds=2**import_.attempts)


def _locked(import_id: int) -> Import | None:
    with unscoped("a worker serves everybody's imports"):
        return db.session.get(Import, import_id, populate_existing=True, with_for_update=True)


def _end(import_: Import) -> None:
    import_.finished_at = clock.now()
    import_.cancel_requested = False


def _of(import_: Import) -> Actor:
    return Actor(import_.owner_id)
