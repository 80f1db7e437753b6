"""Fences round the child: memory, CPU, no files written, no children, gone when the parent is."""

import contextlib
import ctypes
import os
import resource
import signal
import sys

from .errors import SheetError
from .model import Limits

_PR_SET_PDEATHSIG = 1
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def confine(limits: Limits, parent: int) -> None:
    """Lower what the system allows this process. Each fence is best effort: not every system has every one."""
    _die_with(parent)
    sys.dont_write_bytecode = True  # no file may be written from here on
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for name, most in (
        ("RLIMIT_AS", limits.memory_bytes),
        ("RLIMIT_DATA", limits.memory_bytes),
        ("RLIMIT_CPU", limits.cpu_seconds),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NPROC", 0),
        ("RLIMIT_NOFILE", 32),
    ):
        if hasattr(resource, name):
            _lower(getattr(resource, name), most)


def _lower(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (most, hard if kind == resource.RLIMIT_CPU else most))


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def peak_memory() -> int:
    """Bytes. On Linux not ru_maxrss, which starts at what the parent had when it started this process."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, ValueError), open("/proc/self/status", "rb") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(b"VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT


def check_memory(limits: Limits) -> None:
    """For systems that do not enforce RLIMIT_AS (macOS): called between batches."""
    if peak_memory() > limits.memory_bytes:
        raise SheetError("out_of_memory", limit=limits.memory_bytes >> 20)
