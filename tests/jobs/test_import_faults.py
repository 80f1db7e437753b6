"""Whatever is killed in the middle of an import, it finishes by itself with the rows of an undisturbed one.

Real servers, real workers, kill −9. The scheduler and the workers are started again as the supervisor would.
"""

import csv
import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from crm.config import Settings
from crm.domain.imports import actions
from crm.domain.imports.findings import ImportRehearsal
from crm.domain.imports.models import Import, ImportResult
from crm.domain.imports.states import State
from crm.domain.people import actions as people
from crm.domain.people.models import Person
from crm.domain.registry import RECORD_TYPES
from crm.infra import embedded
from crm.infra.db import db, engine_options
from crm.infra.embedded.process import Server, spawn, wait_until
from crm.infra.storage import storage_for
from crm.kernel.access import unscoped
from tests import template
from tests.infra.conftest import reachable

PATIENCE = 150
ROWS = 6_000  # three batches
BACK = 2_001  # rows up to an earlier one that is the same: mostly of another batch
PAUSE = 0.1  # seconds between two looks: each costs the machine that is waited for
DURABLE = {"shared_buffers": "64MB"}  # what was acknowledged must outlive a kill
MAPPING = {0: "name", 1: "phone", 2: "level", 3: "region", 4: "remarks"}
# What differs between any two imports, or is counted by a sequence that a killed batch has moved on.
_OWN = ("id", "number", "owner_id", "import_id", "created_by_id", "created_at", "updated_at", "search", "search_text")
_OWN += ("version",)  # of one taken back and brought again


def content() -> bytes:
    """Every seventh row is like an earlier one, every eleventh is wrong."""
    file = io.StringIO()
    write = csv.writer(file).writerow
    write(["名称", "电话", "等级", "地区", "备注"])
    for n in range(ROWS):
        twin = n - BACK if n % 7 == 0 and n > BACK else n
        phone = "12" if n % 11 == 0 else f"138{twin:08d}"
        write([f"公司{twin}有限公司", phone, "ABC"[twin % 3], "广东省 深圳市", f"第{twin}家"])
    return file.getvalue().encode("gb18030")


def environment_of(settings: Settings) -> dict[str, str]:
    given = {each.metadata["env"]: getattr(settings, each.name) for each in fields(Settings) if each.name != "testing"}
    return os.environ | {name: str(value) for name, value in given.items()}


@dataclass
class Machine:
    """One computer with all of the program on it but the pages."""

    settings: Settings
    servers: embedded.Servers
    app: Flask
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    people: int = 0

    def begin(self, *names: str) -> None:
        environment = environment_of(self.settings)
        for name in names:
            command = [sys.executable, "-m", "crm", "scheduler" if name == "scheduler" else "worker"]
            output = (self.settings.instance / f"{name}.log").open("ab")
            self.processes[name] = spawn(command, orphaned=signal.SIGKILL, env=environment, output=output)

    def kill_workers(self) -> None:
        workers = [name for name in self.processes if name != "scheduler"]
        for name in workers:
            self.processes[name].kill()
            self.processes[name].wait()
        self.begin(*workers)

    def kill_postgres(self) -> None:
        self._kill("postgres")
        self._start("postgres")

    def kill_redis(self) -> None:
        """With all it knew."""
        self._kill("redis")
        shutil.rmtree(self.settings.instance / "redis")
        self._start("redis")

    def _server(self, name: str) -> Server:
        return next(each for each in self.servers.processes if each.name == name)

    def _kill(self, name: str) -> None:
        server = self._server(name)
        os.kill(server.pid, signal.SIGKILL)
        assert wait_until(lambda: not server.running(), PATIENCE)

    def _start(self, name: str) -> None:
        plain = Settings(instance=self.settings.instance, secret_key=self.settings.secret_key)
        started = embedded.start(plain, only=[name], tuning=DURABLE)
        self.servers.processes = [each for each in self.servers.processes if each.name != name] + started.processes

    def somebody(self) -> Person:
        """A rep of their own for each import: nobody else's customers are duplicates of theirs."""
        self.people += 1
        person = people.create_person(
            people.SYSTEM, email=f"rep{self.people}@example.com", name="Rep", role="sales_rep"
        )
        db.session.commit()
        return person


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with reachable() as folder:
        plain = Settings(instance=folder / "instance", secret_key="f" * 40, workers=2, log_level="warning")
        template.lay_ready(plain.instance)
        servers = embedded.start(plain, tuning=DURABLE)
        settings = servers.applied(plain)
        app = Flask(
            "tests.jobs.faults"
        )  # only the database: queue and limiter belong to the other tests of the process
        app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(2)
        db.init_app(app)
        found = Machine(settings, servers, app)
        try:
            found.begin("worker 1", "worker 2", "scheduler")
            with app.app_context():
                yield found
                db.session.remove()
                db.engine.dispose()
        finally:
            for process in found.processes.values():
                process.kill()
                process.wait()
            found.servers.stop(adopted=True)


@pytest.fixture(scope="module")
def undisturbed(machine: Machine) -> dict[int, Any]:
    """Line → what became of it, when nothing is in the way."""
    import_ = imported(machine, {})
    return result(import_)


def imported(machine: Machine, faults: dict[str, Callable[[], None]]) -> Import:
    """An import from upload to the end; `faults` by the state in whose middle they happen."""
    person = machine.somebody()
    stored = storage_for(machine.settings).put(io.BytesIO(content()), suffix=".csv")
    import_ = actions.upload(person.actor, RECORD_TYPES["customers"], filename="f.csv", stored=stored)
    db.session.commit()
    id_, actor = import_.id, person.actor
    import_ = until(id_, State.MAPPING)
    actions.map_columns(actor, import_, mapping=MAPPING)
    db.session.commit()
    if fault := faults.get(State.CHECKING):
        in_the_middle(id_, State.CHECKING, "rows")
        fault()
    import_ = until(id_, State.CHECKED)
    if fault := faults.get(State.COMPARING):
        actions.compare(actor, import_)
        db.session.commit()
        in_the_middle(id_, State.COMPARING, "compared_line")
        fault()
        import_ = until(id_, State.CHECKED)
    if fault := faults.get(State.REHEARSING):
        actions.rehearse(actor, import_, duplicates="skip")
        db.session.commit()
        in_the_middle(id_, State.REHEARSING, "rehearsed")
        fault()
        import_ = until(id_, State.CHECKED)
    actions.start(actor, import_, duplicates="skip")
    db.session.commit()
    if fault := faults.get(State.RUNNING):
        in_the_middle(id_, State.RUNNING, "created")
        fault()
    return until(id_, State.DONE)


def look(import_id: int) -> Import | None:
    """The import as it stands, if there is a database to ask."""
    try:
        db.session.rollback()
        with unscoped("a test looks at everything"):
            return db.session.get(Import, import_id, populate_existing=True)
    except DBAPIError:
        db.session.rollback()
        return None


def until(import_id: int, state: str) -> Import:
    def reached() -> Any:
        found = look(import_id)
        return found if found and found.state in (state, State.FAILED) else None

    found = wait_until(reached, PATIENCE, pause=PAUSE)
    assert found, f"Still {look(import_id).state}"  # type: ignore[union-attr]
    assert found.state == state, found.problem
    return found  # type: ignore[no-any-return]


def in_the_middle(import_id: int, state: str, counter: str) -> None:
    found = wait_until(
        lambda: (i := look(import_id)) and (getattr(i, counter) > 0 or i.state != state) and i, PATIENCE, pause=0.005
    )
    assert found.state == state, "The import was over before anything could be killed: give it more rows."


def result(import_: Import) -> dict[int, Any]:
    columns = [each for each in _customers().columns if each.name not in _OWN]
    results = ImportResult.__table__
    joined = results.outerjoin(_customers(), _customers().c.id == results.c.record_id)
    rows = db.session.execute(
        select(results.c.line, results.c.outcome, *columns).select_from(joined).where(results.c.import_id == import_.id)
        .execution_options(scoped=True)
    )  # fmt: skip
    return {row.line: tuple(row)[1:] for row in rows}


def _customers() -> Any:
    return db.metadata.tables["customers"]


def assert_exactly_once(import_: Import) -> None:
    """No customer, event or result more than the counters say."""
    params = {"id": import_.id}
    customers = db.session.scalar(text("SELECT count(*) FROM customers WHERE import_id = :id"), params)
    events = db.session.scalar(
        text("SELECT count(DISTINCT subject_id) || '/' || count(*) FROM events "
             "WHERE name = 'customer.imported' AND (payload->>'import_id')::bigint = :id"), params
    )  # fmt: skip
    ends = db.session.scalar(
        text("SELECT count(*) FROM events WHERE name = 'import.finished' AND subject_id = :id"), params
    )
    assert customers == import_.created
    assert events == f"{import_.created}/{import_.created}"
    assert ends == 1
    assert import_.rows == ROWS == import_.created + import_.updated + import_.skipped + import_.failed


def test_an_undisturbed_import_is_what_the_others_are_compared_with(machine, undisturbed):
    assert len(undisturbed) == ROWS
    outcomes = [row[0] for row in undisturbed.values()]
    assert min(map(outcomes.count, ("created", "skipped", "failed"))) > 300


@pytest.mark.parametrize("part", ["workers", "redis", "postgres"])
def test_a_kill_in_the_middle_leaves_no_trace(machine, undisturbed, part):
    """In the middle of the check, and again in the middle of the run."""
    kill = getattr(machine, f"kill_{part}")
    import_ = imported(machine, {State.CHECKING: kill, State.RUNNING: kill})
    assert_exactly_once(import_)
    assert result(import_) == undisturbed


def test_what_is_only_looked_at_survives_a_kill_as_well(machine, undisturbed):
    """While rows are compared, and in the middle of the dry run, which says what the run then does."""
    kill = machine.kill_workers
    import_ = imported(machine, {State.COMPARING: kill, State.REHEARSING: kill})
    assert_exactly_once(import_)
    assert result(import_) == undisturbed
    tried = select(ImportRehearsal.line, ImportRehearsal.outcome).where(ImportRehearsal.import_id == import_.id)
    said = {row.line: row.outcome for row in db.session.execute(tried)}
    assert said == {line: row[0] for line, row in undisturbed.items()}


def test_a_worker_killed_again_and_again_still_gets_there(machine, undisturbed):
    def twice() -> None:
        machine.kill_workers()
        with unscoped("a test looks at everything"):
            id_ = db.session.scalar(select(Import.id).order_by(Import.id.desc()).limit(1))
        before = look(id_).reached
        assert wait_until(lambda: look(id_).reached > before or look(id_).state == State.DONE, PATIENCE, pause=PAUSE)
        machine.kill_workers()

    import_ = imported(machine, {State.RUNNING: twice})
    assert_exactly_once(import_)
    assert result(import_) == undisturbed
