"""What a backup says of itself, and whether that is still so."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from crm.infra.storage.scratch import CHUNK

FORMAT = 1
NAME, DUMP, LISTING, FILES, SECRETS = "manifest.json", "database.dump", "files.txt", "files", "secrets"


@dataclass(frozen=True)
class Part:
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    made_at: str  # ISO 8601, UTC
    program: str  # version of ours
    head: str  # the last migration of the database
    postgres: str  # version of the server
    pg_dump: int  # major version of the program that wrote the dump
    rows: Mapping[str, int]  # by table, as the dump has them
    parts: Mapping[str, Part]
    files: int  # how many uploaded files there are
    missing: tuple[str, ...] = ()  # keys of files that the database names and that were not there
    bytes: int = 0
    seconds: float = 0.0
    format: int = field(default=FORMAT)

    def write(self, folder: Path) -> None:
        (folder / NAME).write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """ValueError with a sentence when it is none of ours."""
        try:
            told = json.loads((folder / NAME).read_text("utf-8"))
            parts = {name: Part(**each) for name, each in told.pop("parts").items()}
            found = cls(parts=parts, missing=tuple(told.pop("missing")), **told)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{folder} is no backup: its {NAME} is missing or damaged.") from error
        if found.format != FORMAT:
            raise ValueError(f"{folder} was made by a newer program than this one.")
        return found


@dataclass(frozen=True)
class Kept:
    """A line of the listing."""

    key: str
    size: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.sha256} {self.size} {self.key}"

    def path(self, folder: Path) -> Path:
        return folder / FILES / self.key[:2] / self.key[2:]


def kept_in(folder: Path) -> Iterator[Kept]:
    for line in (folder / LISTING).read_text("ascii").splitlines():
        sha256, size, key = line.split(" ")
        yield Kept(key, int(size), sha256)


def part_of(path: Path) -> Part:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Part(size, digest.hexdigest())


def damaged(folder: Path, manifest: Manifest) -> list[str]:
    """Names of the parts that are not what was written, of the files too."""
    wrong = [name for name, part in manifest.parts.items() if not _is(folder / name, part)]
    if LISTING in wrong or LISTING not in manifest.parts:
        return wrong or [LISTING]
    return wrong + [
        str(each.path(folder).relative_to(folder))
        for each in kept_in(folder)
        if not _is(each.path(folder), Part(each.size, each.sha256))
    ]


def _is(path: Path, part: Part) -> bool:
    try:
        return part_of(path) == part
    except OSError:
        return False


def plain(bytes_: Any) -> str:
    """1.5 GB"""
    size = float(bytes_)
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
