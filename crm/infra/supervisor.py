"""Keeps a set of programs and our own servers running until it is told to stop, then stops them in order.

Whatever dies is started again, sooner at first and later when it keeps dying. Programs die with the
supervisor on Linux; elsewhere the next start ends what the last one left (`leftovers`).
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from crm.config import SettingsError
from crm.infra.embedded import Servers
from crm.infra.embedded.process import Server, command_of, spawn, wait_until

_LONGEST_PAUSE = 10.0  # seconds between two starts of a program that keeps dying
_STEADY = 30.0  # seconds after which a program counts as well again
_TICK = 1.0


@dataclass(frozen=True)
class Program:
    """One program to keep running; `files` are descriptors it inherits, `patience` how long it may take to stop."""

    name: str
    command: Sequence[str]
    patience: float = 15
    files: tuple[int, ...] = ()


@dataclass
class _Child:
    program: Program
    process: "subprocess.Popen[bytes] | None" = None
    due: float = 0.0
    begun: float = 0.0
    deaths: int = 0


@dataclass
class Supervisor:
    """`restart` starts a server of ours again, by name; `record` is the file that remembers our children."""

    programs: Sequence[Program]
    servers: Servers
    restart: Callable[[str], Servers]
    environment: Mapping[str, str]
    record: Path
    folder: Path
    say: Callable[[str], None] = print
    children: list[_Child] = field(default_factory=list)

    def run(self, ready: Callable[[], bool], greet: Callable[[], None]) -> int:
        """Run everything until a signal asks for the end. `greet` is called when `ready` is first true.

        Returns the exit code: 1 when a program dies three times before that.
        """
        self.children = [_Child(program) for program in self.programs]
        greeted = False
        with _Signals() as signals:
            try:
                while not signals.asked_to_stop:
                    self._tend()
                    if not greeted and any(child.deaths >= 3 for child in self.children):
                        self.say("It does not start; the reason is written above.")
                        return 1
                    if not greeted and ready():
                        greeted = True
                        greet()
                    signals.wait(self._pause() if greeted else 0.05)
            finally:
                self.stop(signals)
        return 0

    def stop(self, signals: "_Signals | None" = None) -> None:
        """Programs first, then the servers they use. A second signal ends the patience."""
        self.say("Stopping …")
        running = [child for child in self.children if child.process and child.process.poll() is None]
        for child in running:
            _signal_group(child, signal.SIGTERM, only_leader=True)
        patience = max((child.program.patience for child in running), default=0)
        hurry = signals.count if signals else 0
        wait_until(lambda: (signals and signals.count > hurry) or not any(map(_alive, running)), patience)
        for child in self.children:
            _signal_group(child, signal.SIGKILL)
            if child.process:
                child.process.wait()
        self.servers.stop(adopted=True)
        self.record.unlink(missing_ok=True)

    def _tend(self) -> None:
        for position, server in enumerate(self.servers.processes):
            if not server.running():
                self.say(f"{server.name} is gone; starting it again.")
                self.servers.processes[position] = self._again(server)
        for child in self.children:
            if child.process and child.process.poll() is not None:
                self._bury(child)
            if child.process is None and child.due <= time.monotonic():
                self._begin(child)

    def _again(self, server: Server) -> Server:
        try:
            return self.restart(server.name).processes[0]
        except SettingsError as error:
            self.say(f"{server.name} does not start: {error}")
            return server

    def _begin(self, child: _Child) -> None:
        child.process = spawn(
            child.program.command,
            orphaned=signal.SIGKILL,
            env=self.environment,
            cwd=self.folder,
            pass_fds=child.program.files,
        )
        child.begun = time.monotonic()
        pids = [each.process.pid for each in self.children if each.process]
        self.record.write_text(json.dumps({pid: command_of(pid) for pid in pids}))

    def _bury(self, child: _Child) -> None:
        if child.process is None:
            return
        code = child.process.returncode
        _signal_group(child, signal.SIGKILL)  # what it left behind
        child.process = None
        child.deaths = 1 if time.monotonic() - child.begun > _STEADY else child.deaths + 1
        pause = min(_LONGEST_PAUSE, 0.1 * 2**child.deaths)
        child.due = time.monotonic() + pause
        self.say(f"{child.program.name} ended ({_how(code)}); starting it again in {pause:.1f} s.")

    def _pause(self) -> float:
        waiting = [child.due - time.monotonic() for child in self.children if child.process is None]
        return max(0.0, min([_TICK, *waiting]))


def leftovers(record: Path) -> None:
    """End what a supervisor that was killed left running, known by number and by command line."""
    try:
        noted = {int(pid): str(command) for pid, command in json.loads(record.read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return
    for pid, command in noted.items():
        if command and command_of(pid) == command:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
    wait_until(lambda: not any(command and command_of(pid) == command for pid, command in noted.items()), 10)
    record.unlink(missing_ok=True)


class _Signals:
    """Signals as something one can wait for: they write into a pipe."""

    _stopping = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.count = 0
        self._before: dict[int, Any] = {}

    @property
    def asked_to_stop(self) -> bool:
        return self.count > 0

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        for end in (self._reader, self._writer):
            os.set_blocking(end, False)
        self._before_fd = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for signum in self._stopping:
            self._before[signum] = signal.signal(signum, self._asked)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._before_fd)
        for signum, handler in self._before.items():
            signal.signal(signum, handler)
        os.close(self._reader)
        os.close(self._writer)

    def _asked(self, *_: object) -> None:
        self.count += 1

    def wait(self, seconds: float) -> None:
        select.select([self._reader], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._reader, 4096)


def _alive(child: _Child) -> bool:
    return child.process is not None and child.process.poll() is None


def _signal_group(child: _Child, signum: int, *, only_leader: bool = False) -> None:
    if child.process is None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        (os.kill if only_leader else os.killpg)(child.process.pid, signum)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
