"""The calling side: starts the child, hands it a job, takes its frames, and makes sentences of its death."""

import contextlib
import json
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .errors import Flag, SheetError
from .model import Batch, Inspection, Limits, Totals

log = logging.getLogger(__name__)
BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
_CHUNK = 1 << 20


def inspect(
    path: str | os.PathLike[str],
    *,
    filename: str,
    sheet: str = "",
    encoding: str = "",
    delimiter: str = "",
    limits: Limits | None = None,
) -> Inspection:
    """Look at a file: what it is, its dialect, sheets, headings and first rows. Overrides win over guesses.

    Raises SheetError with a sentence when nothing can be read from it.
    """
    limits = limits or Limits()
    job = {
        "do": "inspect",
        "filename": filename,
        "sheet": sheet,
        "encoding": encoding,
        "delimiter": delimiter,
    }
    with Child(path, job, limits) as child:
        return Inspection.from_dict(next(child.frames())["inspection"])


def rows(
    path: str | os.PathLike[str],
    inspection: Inspection,
    *,
    heading_row: int | None = None,
    after: int = 0,
    limits: Limits | None = None,
) -> "Reading":
    """All data rows in batches, from the first below `heading_row`, or from the first behind line `after`."""
    if heading_row is None:
        heading_row = inspection.heading_row
    look = inspection.to_dict() | {
        "heading_row": heading_row,
        "sample": [],
        "notes": [],
    }
    return Reading(path, {"do": "rows", "inspection": look, "after": after}, limits or Limits())


class Child:
    """One child process and its frames: four bytes of length, then JSON."""

    def __init__(self, path: str | os.PathLike[str], job: dict[str, Any], limits: Limits) -> None:
        self.limits = limits
        self.peak_rss = 0
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(BOOTSTRAP)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={"PATH": os.defpath},
        )
        request = job | {
            "path": os.path.abspath(path),
            "limits": asdict(limits),
            "parent": os.getpid(),
        }
        assert self.process.stdin is not None and self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(request).encode())
        self.process.stdin.close()
        self.pipe = self.process.stdout.fileno()
        self.poll = select.poll()
        self.poll.register(self.pipe, select.POLLIN)

    def frames(self) -> Iterator[dict[str, Any]]:
        """What the child says, until it says it is done; raises the SheetError it ends in."""
        while True:
            frame = json.loads(self._take(int.from_bytes(self._take(4), "big")))
            if "error" in frame:
                if "detail" in frame:
                    log.error("Reading a file failed: %s", frame["detail"])
                raise SheetError(frame["error"], **frame["params"])
            if "beat" not in frame:
                yield frame

    def _take(self, size: int) -> bytes:
        taken = bytearray()
        until = time.monotonic() + self.limits.stall_seconds
        while len(taken) < size:
            if not self.poll.poll(max(0.0, until - time.monotonic()) * 1000):
                raise SheetError("too_slow")
            some = os.read(self.pipe, min(size - len(taken), _CHUNK))
            if not some:
                raise self._obituary()
            taken += some
        return bytes(taken)

    def _obituary(self) -> SheetError:
        code = self._reap()
        if code in (-signal.SIGXCPU, -signal.SIGALRM):
            return SheetError("too_slow")
        if code in (-signal.SIGABRT, -signal.SIGKILL):
            return SheetError("out_of_memory", limit=self.limits.memory_bytes >> 20)
        log.error("The reader of a file ended with code %s", code)
        return SheetError("unreadable")

    def _reap(self) -> int:
        """Wait for the child's end and note its peak memory: bytes, never less than this process had when it began."""
        if self.process.returncode is None:
            try:
                _, status, usage = os.wait4(self.process.pid, 0)
            except ChildProcessError:  # someone else waits for all children
                return self.process.wait()
            self.process.returncode = os.waitstatus_to_exitcode(status)
            self.peak_rss = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return self.process.returncode

    def close(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
            self._reap()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()


class Reading(Child):
    """Iterate for Batches; a context manager, since leaving it ends the child. `totals` is set at the end."""

    totals: Totals | None = None

    def __iter__(self) -> Iterator[Batch]:
        for frame in self.frames():
            if "totals" in frame:
                self.totals = Totals(*frame["totals"])
                return
            lines = [(line, cells) for line, cells in frame["rows"]]
            flags = [Flag(*each) for each in frame["flags"]]
            yield Batch(lines, flags, frame["blank"], frame["line"], frame["fraction"])
