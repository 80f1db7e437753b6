"""The kill matrix: workers, Redis and PostgreSQL killed at random instants of every phase of an import, of its undo and
of an export, each time with the same end as if nothing had happened. `make kills ROUNDS=20`; a line of JSON for each.

The tests of faults kill each part once, in the middle; this is the same machine, for as long as one has patience.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text

from crm.domain.exports import actions as exporting
from crm.domain.exports.actions import Wish
from crm.domain.exports.models import Export
from crm.domain.imports.models import Import
from crm.domain.imports.states import State
from crm.domain.people.actions import SYSTEM, create_person
from crm.domain.people.models import Person
from crm.domain.undoing import actions as undoing
from crm.domain.undoing.models import State as UndoState
from crm.infra.db import db
from crm.infra.embedded.process import wait_until
from crm.infra.storage import storage_for
from crm.kernel.asking import Query
from tests import template
from tests.jobs import test_import_faults as faults
from tests.jobs.test_import_faults import PATIENCE, PAUSE, Machine, assert_exactly_once, imported, look, result
from tests.jobs.test_undo_faults import here, stands

PARTS = ("workers", "redis", "postgres")
PHASES = (State.CHECKING, State.COMPARING, State.REHEARSING, State.RUNNING)


def main(rounds: int, seed: int) -> int:
    chance = random.Random(seed)
    template.begin()
    try:
        with contextmanager(faults.machine.__wrapped__)() as machine:
            return _all(machine, rounds, chance)
    finally:
        template.end()


def _all(machine: Machine, rounds: int, chance: random.Random) -> int:
    began = time.monotonic()
    calm_import = imported(machine, {State.REHEARSING: lambda: None})
    calm, longest = result(calm_import), (time.monotonic() - began) / len(PHASES)
    wrong = 0
    for part in PARTS:
        kill = getattr(machine, f"kill_{part}")
        for phase in PHASES:
            told = [_import_killed(machine, phase, kill, chance.uniform(0, longest / 2), calm) for _ in range(rounds)]
            wrong += _tell(part, str(phase), told)
        undone = [_undo_killed(machine, kill, chance.uniform(0, longest / 2)) for _ in range(rounds)]
        wrong += _tell(part, "undo", undone)
        wrong += _tell(part, "export", [_export_killed(machine, kill, chance) for _ in range(rounds)])
    return wrong


def _tell(part: str, phase: str, told: list[str]) -> int:
    problems = [each for each in told if each]
    print(json.dumps({"killed": part, "in": phase, "instants": len(told), "wrong": problems}), flush=True)
    return len(problems)


def _after(seconds: float, kill: Callable[[], None]) -> Callable[[], None]:
    def fault() -> None:
        time.sleep(seconds)  # the instant is what is tried here
        kill()

    return fault


def _import_killed(machine: Machine, phase: State, kill: Callable[[], None], seconds: float, calm: Any) -> str:
    with _in_any_phase():
        import_ = imported(machine, {phase: _after(seconds, kill)})
    return _wrong(lambda: (assert_exactly_once(import_), _same(result(import_), calm)))


@contextmanager
def _in_any_phase() -> Any:
    """A kill that comes when the phase is over already is an instant like another."""
    usual = faults.in_the_middle
    faults.in_the_middle = lambda *given, **more: None
    try:
        yield
    finally:
        faults.in_the_middle = usual


def _same(found: Any, calm: Any) -> None:
    assert found == calm, f"{sum(found.get(line) != row for line, row in calm.items())} rows are not as they should be"


def _undo_killed(machine: Machine, kill: Callable[[], None], seconds: float) -> str:
    import_: Import = imported(machine, {})
    actor = db.session.get_one(Person, import_.owner_id).actor
    id_ = undoing.undo(actor, look(import_.id)).id
    db.session.commit()
    _after(seconds, kill)()
    done: Any = wait_until(
        lambda: (now := stands(id_)) and now.state != UndoState.RUNNING and now, PATIENCE, pause=PAUSE
    )
    return _wrong(lambda: _equal((done.state, done.removed, here(import_.id)), (UndoState.DONE, import_.created, 0)))


def _export_killed(machine: Machine, kill: Callable[[], None], chance: random.Random) -> str:
    somebody = create_person(SYSTEM, email=f"taker{chance.random()}@example.com", name="Taker", role="administrator")
    db.session.commit()
    export_id = exporting.ask(somebody.actor, Wish("customers", Query(), ["name"], "keys", "jsonl")).id
    db.session.commit()
    _after(chance.uniform(0, 0.8), kill)()

    def over() -> Any:
        db.session.rollback()
        found = db.session.get(Export, export_id, populate_existing=True)
        return found if found and found.finished_at else None

    done: Any = wait_until(lambda: _asked(over), PATIENCE, pause=PAUSE)
    with storage_for(machine.settings).open(done.storage_key) as file:
        lines = sum(1 for _ in file)
    there = db.session.scalar(text("SELECT count(*) FROM customers WHERE deleted_at IS NULL"))
    told = db.session.scalar(
        text("SELECT count(*) FROM events WHERE name = 'export.written' AND subject_id = :id"), {"id": export_id}
    )
    return _wrong(lambda: _equal((done.problem, lines, told), (None, there + 1, 1)))


def _asked(question: Callable[[], Any]) -> Any:
    try:
        return question()
    except Exception:  # there is no database to ask just now
        db.session.rollback()
        return None


def _equal(found: Any, wanted: Any) -> None:
    assert found == wanted, f"{found} instead of {wanted}"


def _wrong(check: Callable[[], Any]) -> str:
    try:
        check()
    except AssertionError as error:
        return str(error)[:300] or "not as it should be"
    return ""


if __name__ == "__main__":
    sys.exit(1 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 20, 20_261_126) else 0)
