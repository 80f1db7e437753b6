"""Processes that outlive nobody: started so that they end with us, watched, and stopped without violence first."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


def end_with_parent(signum: int = signal.SIGTERM) -> None:
    """Ask Linux to send this process `signum` when its parent dies; elsewhere do nothing.

    Must be called in the child after it changed its user: a change of credentials clears the wish.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0)


def spawn(
    command: Sequence[str | Path],
    *,
    orphaned: int | None,
    env: Mapping[str, str] | None = None,
    output: IO[Any] | int | None = None,
    **options: Any,
) -> "subprocess.Popen[bytes]":
    """Start a process in a session of its own (Ctrl-C in the terminal is the supervisor's to hand on).

    `orphaned` is the signal it gets when we die without stopping it; None lets it live on.
    """
    parent = os.getpid()

    def prepare() -> None:
        if orphaned is not None:
            end_with_parent(orphaned)
            if os.getppid() != parent:  # we died between fork and prctl
                os._exit(1)

    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=env,
        start_new_session=True,
        preexec_fn=prepare,  # noqa: PLW1509 (two system calls; nothing here needs another thread)
        **options,
    )


class Server:
    """A running server: a child of ours (`started`), or one found running and known by its number."""

    def __init__(
        self, name: str, pid: int, *, stop_signal: int, child: "subprocess.Popen[bytes] | None" = None
    ) -> None:
        self.name = name
        self.pid = pid
        self.child = child
        self._stop_signal = stop_signal
        self._command = command_of(pid)

    @property
    def started(self) -> bool:
        return self.child is not None

    def running(self) -> bool:
        if self.child is not None:
            return self.child.poll() is None
        return bool(self._command) and command_of(self.pid) == self._command

    def stop(self, seconds: float = 60) -> None:
        """Ask politely, wait, then kill. Both servers survive a kill; it only costs a recovery."""
        for signum, patience in ((self._stop_signal, seconds), (signal.SIGKILL, 10.0)):
            if not self.running():
                return
            os.kill(self.pid, signum)
            if wait_until(lambda: not self.running(), patience):
                return


def wait_until(condition: Callable[[], Any], seconds: float, *, pause: float = 0.02) -> Any:
    """Return the condition's first true value, or its last false one when the time is up."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(pause)
    return value


def command_of(pid: int) -> str:
    """The command line of a living process; empty for a missing one and for a zombie."""
    proc = Path("/proc")
    if (proc / "self/stat").exists():
        try:
            state = (proc / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
            command = (proc / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, IndexError):
            return ""
        return "" if state in "ZX" else command.strip()
    answer = subprocess.run(["ps", "-p", str(pid), "-o", "stat=,command="], capture_output=True, text=True, check=False)
    state, _, command = answer.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else command.strip()
