"""What the machine and the environment around us have."""

import contextlib
import importlib.util
import os
import sys
from pathlib import Path


def carried(kind: str, package: str) -> Path | None:
    """Folder of a package that only carries programs: where bin/setup put it, else among the installed ones.

    It is found and never imported: importing such packages starts or patches things.
    """
    folder = Path(sys.prefix) / "programs" / kind / package
    if folder.is_dir():
        return folder
    found = importlib.util.find_spec(package)
    return Path(found.submodule_search_locations[0]) if found and found.submodule_search_locations else None


def memory_bytes() -> int:
    """Memory this process may count on: the machine's, or its control group's if that is less."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            memory = min(memory, int(Path(limit).read_text()))
    return memory
