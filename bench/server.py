"""The whole program, started as `make run` starts it, on a database of ours."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.database import PROJECT, Database, scratch
from crm.infra.embedded.process import wait_until

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Server:
    port: int
    pid: int
    """Of the supervisor; everything it started is below it."""

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"


@contextmanager
def running(database: Database, **environment: str) -> Iterator[Server]:
    """Web processes, workers, scheduler and a Redis of their own, all with the product's defaults."""
    with scratch() as instance:
        port, log = _free_port(), instance / "log.txt"
        ours = database.environment(instance) | {"CRM_PORT": str(port), "CRM_HOST": HOST} | environment
        with log.open("wb") as output:
            command = [sys.executable, "-m", "crm", "up"]
            process = subprocess.Popen(command, cwd=PROJECT, env=ours, stdout=output, stderr=output)
        try:
            if not wait_until(lambda: process.poll() is not None or _answers(port), 180) or process.poll() is not None:
                raise RuntimeError(f"The program did not start; it said:\n{_end_of(log)}")
            yield Server(port, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()
            process.wait()


def _free_port() -> int:
    with closing(socket.socket()) as asked:
        asked.bind((HOST, 0))
        return int(asked.getsockname()[1])


def _answers(port: int) -> bool:
    with suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection(HOST, port, timeout=2)
        with closing(connection):
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
    return False


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])


# What processes take, from /proc; elsewhere nothing is known.


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    command: str
    cpu: float
    """Seconds since it began."""
    ended: float
    """Seconds of those it made that have ended."""


_TICKS = os.sysconf("SC_CLK_TCK")


def processes() -> dict[int, Process]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            cpu, ended = (sum(map(int, fields[at : at + 2])) / _TICKS for at in (11, 13))
            found[int(folder.name)] = Process(int(folder.name), int(fields[1]), command.strip(), cpu, ended)
    return found


def below(pid: int, all_: dict[int, Process]) -> list[Process]:
    """The process and everything it started that still lives."""
    found = [all_[pid]] if pid in all_ else []
    for each in found:
        found += [other for other in all_.values() if other.parent == each.pid]
    return found


def memory_kb(pid: int) -> dict[str, int]:
    """Resident memory now and at most, and the share of it that is nobody else's, in kB."""
    lines: list[str] = []
    with suppress(OSError):
        lines += Path(f"/proc/{pid}/status").read_text().splitlines()
        lines += Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    known = (line.partition(":") for line in lines)
    return {name: int(rest.split()[0]) for name, _, rest in known if name in ("VmRSS", "VmHWM", "Pss")}
