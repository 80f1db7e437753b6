"""`crm up` for real: whatever is killed comes back, whoever comes second is refused, and the data stays."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from crm.infra.embedded import paths, redis
from crm.infra.embedded.process import command_of, wait_until
from tests import template
from tests.infra.conftest import reachable

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 120


class Copy:
    """A `crm up` of its own in an instance folder; its words go into a file beside it."""

    def __init__(self, instance: Path, *command: str, port: int = 0, **more: str) -> None:
        self.instance = instance
        self.output = instance.with_name(f"{instance.name[:40]}.log")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("CRM_", "DATABASE_", "REDIS_"))}
        environment |= {"CRM_INSTANCE": str(instance), "CRM_PORT": str(port), "CRM_WORKERS": "1", "CRM_STREAMS": "2"}
        environment |= {"CRM_WEB_PROCESSES": "1", "CRM_WEB_THREADS": "4", "PYTHONPATH": str(PROJECT)}
        self.environment = environment | more
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command or (sys.executable, "-m", "crm", "up"),
                stdout=output,
                stderr=output,
                env=environment,
                cwd=PROJECT,
            )

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace")

    @property
    def address(self) -> str:
        found = re.search(r"runs at (http://\S+)", self.said)
        return found[1] if found else ""

    def started(self) -> "Copy":
        assert wait_until(lambda: self.address or self.process.poll() is not None, PATIENCE) and self.address, self.said
        return self

    def well(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.address}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Another command in the same folder."""
        return subprocess.run(
            [sys.executable, "-m", "crm", *arguments],
            env=self.environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )

    def pids(self) -> dict[str, int]:
        """The parts by name, as they are known outside."""
        pids = {}
        with suppress(OSError, ValueError):
            pids["postgres"] = int((self.instance / "postgres" / "postmaster.pid").read_text().split()[0])
        answer = redis.ask(paths.place(self.instance).sockets / "redis.sock", "INFO server")
        if found := re.search(r"process_id:(\d+)", answer):
            pids["redis"] = int(found[1])
        with suppress(OSError, ValueError):
            for pid, command in json.loads((self.instance / ".processes").read_text()).items():
                pids[{"crm.web_server:application()": "web"}.get(command.split()[-1], command.split()[-1])] = int(pid)
        return pids

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


def database(instance: Path) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(host=str(paths.place(instance).sockets), user="crm", dbname="crm", autocommit=True)


@contextmanager
def copy_in(instance: Path, *command: str, port: int = 0, **more: str) -> Iterator[Copy]:
    copy = Copy(instance, *command, port=port, **more)
    try:
        yield copy
    finally:
        if copy.process.poll() is None:
            copy.stop()


def test_what_a_killed_supervisor_leaves_is_cleared_and_the_data_is_there(forget_fallbacks: list[Path]) -> None:
    with reachable() as folder:
        instance = folder / ("x" * 100) / ("y" * 60)
        forget_fallbacks.append(instance)
        instance.parent.mkdir(parents=True)
        template.lay_ready(instance)
        with copy_in(instance) as first:
            port = int(first.started().address.rpartition(":")[2])
            with database(instance) as connection:
                connection.execute("CREATE TABLE kept (); INSERT INTO kept DEFAULT VALUES")
            orphans = first.pids()
            first.process.kill()
            first.process.wait()
        with copy_in(instance, port=port) as second:
            assert second.started().well()
            with database(instance) as connection:
                assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1,)
            assert not any(pid in second.pids().values() for pid in orphans.values())
            running = second.pids()
            assert second.stop() == 0
        assert wait_until(lambda: not any(map(command_of, [*orphans.values(), *running.values()])), PATIENCE)


def test_a_port_in_use_is_a_sentence(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with copy_in(folder / "instance", port=port) as copy:
            assert copy.process.wait(PATIENCE) == 1
            assert copy.said == f"Another program already listens on 127.0.0.1:{port}. Set CRM_PORT.\n"
    assert not (folder / "instance" / "postgres").exists()


ELSEWHERE = {"DATABASE_URL": "postgresql://nobody.invalid/crm", "REDIS_URL": "redis://nobody.invalid"}
_STANDING_IN = """
import sys
from crm.config import Settings
from crm.infra import launch
from crm.infra.supervisor import Program
program = Program("program", (sys.executable, "-c", sys.argv[1]), patience=600)
sys.exit(launch.up(Settings.from_env(), programs=lambda *_: [program], prepare=()))
"""


def test_a_program_that_keeps_dying_ends_the_attempt(folder: Path) -> None:
    dying = (sys.executable, "-c", _STANDING_IN, "raise SystemExit(3)")
    with copy_in(folder / "instance", *dying, **ELSEWHERE) as copy:
        assert copy.process.wait(PATIENCE) == 1
        assert copy.said.count("program ended (exit code 3)") == 3
    assert not (folder / "instance" / ".processes").exists()


def test_a_second_interrupt_ends_the_patience(folder: Path) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    with copy_in(folder / "instance", sys.executable, "-c", _STANDING_IN, deaf, **ELSEWHERE) as copy:
        assert wait_until(lambda: "deaf" in copy.said, PATIENCE)
        (pid,) = map(int, json.loads((folder / "instance" / ".processes").read_text()))
        copy.process.send_signal(signal.SIGINT)
        assert wait_until(lambda: "Stopping" in copy.said, PATIENCE)
        copy.process.send_signal(signal.SIGINT)
        assert copy.process.wait(PATIENCE) == 0
        assert not command_of(pid)


# What follows looks at one copy, which is at work from here to the end.


@pytest.fixture(scope="module")
def copy() -> Iterator[Copy]:
    with reachable() as folder, copy_in(folder / "with spaces") as copy:
        yield copy.started()


def test_it_says_where_it_is_and_how_the_first_administrator_is_made(copy: Copy) -> None:
    assert copy.well()
    path = re.search(r"first administrator at http://\S+?(/setup\?token=\S+)", copy.said)
    assert path
    assert "setup plugin" not in copy.said  # of Alembic: nothing that anybody could do something with
    with urllib.request.urlopen(copy.address + path[1], timeout=10) as page:
        assert page.status == 200


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux shows the settings of a process")
@pytest.mark.parametrize("part", ["web", "worker", "scheduler"])
def test_no_program_learns_how_to_sign_in_as_the_owner_of_the_log(copy: Copy, part: str) -> None:
    told = Path(f"/proc/{copy.pids()[part]}/environ").read_bytes().split(b"\0")
    assert any(each.startswith(b"DATABASE_URL=postgresql+psycopg://crm@") for each in told)
    assert b"DATABASE_OWNER_URL=" in told and not any(b"crm_owner" in each for each in told)


@pytest.mark.parametrize("part", ["web", "worker", "scheduler", "postgres", "redis"])
def test_a_killed_part_comes_back(copy: Copy, part: str) -> None:
    before = copy.pids()[part]
    os.kill(before, signal.SIGKILL)
    assert wait_until(lambda: copy.pids().get(part, before) != before, PATIENCE), copy.said
    assert wait_until(copy.well, PATIENCE), copy.said


def test_a_second_copy_says_so_and_harms_nothing(copy: Copy) -> None:
    before = copy.pids()
    second = copy.command("up")
    assert second.returncode == 1
    assert len(second.stderr.splitlines()) == 1
    assert f"(process {copy.process.pid})" in second.stderr
    assert copy.well()
    assert copy.pids() == before, copy.said


def test_commands_use_the_servers_that_run(copy: Copy) -> None:
    before = copy.pids()
    made = copy.command("create-admin", "--email", "root@example.com", "--name", "Root")
    assert re.search(r"password \S{12,}", made.stdout), made.stderr
    again = copy.command("create-admin", "--email", "root@example.com", "--name", "Root")
    assert again.returncode == 1
    assert "Traceback" not in again.stderr
    none = copy.command("reset-second-factor", "root@example.com")
    assert (none.returncode, none.stderr) == (1, "Error: There is no second factor. Nothing was changed.\n")
    assert copy.pids() == before, copy.said
