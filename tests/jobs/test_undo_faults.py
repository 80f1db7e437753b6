"""Whatever is killed while an import is undone or made again, each record is dealt with exactly once."""

from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from crm.domain.people.models import Person
from crm.domain.undoing import actions
from crm.domain.undoing.models import ImportUndo, State
from crm.infra.db import db
from crm.infra.embedded.process import wait_until
from tests.jobs.test_import_faults import PATIENCE, PAUSE, Machine, imported, look, machine, result

__all__ = ["machine"]


def test_kills_in_the_middle_of_undoing_and_of_making_again_leave_no_trace(machine: Machine) -> None:
    import_ = imported(machine, {})
    before = result(import_)
    actor = db.session.get_one(Person, import_.owner_id).actor
    undo = ended(actions.undo(actor, import_), machine.kill_workers)
    assert (undo.removed, undo.total) == (import_.created, import_.created)
    assert_each_once("customer.deleted", import_.id, import_.created)
    assert here(import_.id) == 0
    redo = ended(actions.redo(actor, look(import_.id)), machine.kill_postgres)
    assert (redo.brought_back, redo.total) == (import_.created, import_.created)
    assert_each_once("customer.restored", import_.id, import_.created)
    assert result(import_) == before
    again = ended(actions.undo(actor, look(import_.id)), machine.kill_redis)
    assert (again.removed, here(import_.id)) == (import_.created, 0)


def ended(undo: ImportUndo, kill: Callable[[], None]) -> ImportUndo:
    """Killed once it has done something, and gone on with."""
    id_ = undo.id
    db.session.commit()
    found = wait_until(lambda: (now := stands(id_)) and now.reached and now, PATIENCE, pause=0.005)
    assert found.state == State.RUNNING, "It was over before anything could be killed: give it more rows."
    kill()
    done = wait_until(lambda: (now := stands(id_)) and now.state != State.RUNNING and now, PATIENCE, pause=PAUSE)
    assert done.state == State.DONE, done.problem
    return done  # type: ignore[no-any-return]


def stands(undo_id: int) -> ImportUndo | None:
    try:
        db.session.rollback()
        return db.session.get(ImportUndo, undo_id, populate_existing=True)
    except DBAPIError:
        db.session.rollback()
        return None


def here(import_id: int) -> int:
    asked = "SELECT count(*) FROM customers WHERE import_id = :id AND deleted_at IS NULL"
    return db.session.scalar(text(asked), {"id": import_id}) or 0


def assert_each_once(name: str, import_id: int, count: int) -> None:
    told = db.session.scalar(
        text("SELECT count(DISTINCT subject_id) || '/' || count(*) FROM events "
             "WHERE name = :name AND (payload->>'import_id')::bigint = :id"), {"name": name, "id": import_id}
    )  # fmt: skip
    assert told == f"{count}/{count}"
