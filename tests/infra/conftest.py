import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.infra.embedded import paths


@contextlib.contextmanager
def reachable() -> Iterator[Path]:
    """A folder that the account of the servers can reach (pytest's own are private), gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="crm-")).resolve()
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable() as path:
        yield path


@pytest.fixture
def forget_fallbacks() -> Iterator[list[Path]]:
    """Homes whose short socket folders, outside of them, are removed afterwards."""
    homes: list[Path] = []
    yield homes
    for home in homes:
        for base in ("/run", "/tmp", "/var/tmp", os.environ.get("XDG_RUNTIME_DIR", "/run")):
            with contextlib.suppress(OSError):
                shutil.rmtree(Path(base) / f"crm-{os.geteuid()}-{paths._short(home)}")
