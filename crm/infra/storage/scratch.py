"""A private temporary file that is complete on the disk, or gone."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CHUNK = 1 << 20


@dataclass(frozen=True)
class Spooled:
    """A temporary copy of a stream, with its length in bytes and its SHA-256."""

    path: Path
    size: int
    sha256: str


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """An empty file (mode 0600) in `folder`/incoming, removed at the end unless it was moved away."""
    incoming = folder / "incoming"
    incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=incoming)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def spooled(stream: IO[bytes], folder: Path) -> Iterator[Spooled]:
    """The rest of the stream in a temporary file, on the disk and not only in the machine's memory."""
    digest, size = hashlib.sha256(), 0
    with scratch(folder) as path:
        with path.open("wb") as file:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        yield Spooled(path, size, digest.hexdigest())


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
