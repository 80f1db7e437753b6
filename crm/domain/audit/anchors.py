"""Anchors: where the chain stood on a day, written outside the database to be copied to where no one here can reach.

One line each in instance/anchors/anchors.txt: position, hash in hexadecimal, moment.
"""

import datetime as dt
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crm.infra import clock


@dataclass(frozen=True)
class Anchor:
    position: int
    hash: bytes
    at: dt.datetime

    def __str__(self) -> str:
        return f"{self.position} {self.hash.hex()} {self.at.isoformat(timespec='seconds')}"


def path_in(instance: Path) -> Path:
    return instance / "anchors" / "anchors.txt"


def read(path: Path) -> list[Anchor]:
    """As they stand; ValueError with the line's number when one is not an anchor."""
    if not path.exists():
        return []
    return parse(path.read_text("ascii", errors="replace").splitlines())


def parse(lines: Iterable[str]) -> list[Anchor]:
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                position, hash_, at = line.split()
                found.append(Anchor(int(position), bytes.fromhex(hash_), dt.datetime.fromisoformat(at)))
            except ValueError as error:
                raise ValueError(f"line {number}: {line[:100]}") from error
    return found


def append(path: Path, position: int, hash_: bytes) -> Anchor:
    """Written to the disk before it returns."""
    anchor = Anchor(position, hash_, clock.now())
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="ascii") as file:
        file.write(f"{anchor}\n")
        file.flush()
        os.fsync(file.fileno())
    return anchor
