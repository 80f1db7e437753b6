"""A lock that a process holds and that dies with it."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from crm.config import SettingsError


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock file while the block runs; the value says whether it is ours. A dead holder holds nothing.

    The holder's process number stands in the file, for the sentence of who comes second.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = path.open("a")
    except PermissionError as error:
        raise SettingsError(f"{path} belongs to another account; start as that account or as root.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield True
        finally:
            file.truncate(0)
