"""Uploaded files into a backup and back. A key never gets other content, so a file is copied once for all backups."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from crm.config import Settings
from crm.infra.backups import BackupError, Problem
from crm.infra.backups.manifest import LISTING, Kept, Part, kept_in, part_of
from crm.infra.storage import Storage, storage_for

_TOLD_EVERY = 1000  # files
ROOM = 64 * 2**20  # bytes that are left free: the databases may be on the same disk


def copy(
    settings: Settings, keys: Sequence[str], into: Path, before: Path | None, say: Callable[[str], None]
) -> list[str]:
    """Copy the files and list them; returns the keys of those that are not there."""
    storage, missing = storage_for(settings), []
    known = {each.key: each for each in kept_in(before)} if before and (before / LISTING).exists() else {}
    with (into / LISTING).open("w", encoding="ascii") as listing:
        for number, key in enumerate(keys, 1):
            try:
                kept = _linked(known.get(key), before, into) or _copied(storage, key, into)
            except (FileNotFoundError, ValueError):
                missing.append(key)
                continue
            listing.write(f"{kept}\n")
            if number % _TOLD_EVERY == 0:
                say(f"  {number} of {len(keys)} files …")
    return missing


def _linked(known: Kept | None, before: Path | None, into: Path) -> Kept | None:
    """The file of the backup before, if it is still what was written; None where it has to be copied."""
    if known is None or before is None:
        return None
    place = known.path(into)
    try:
        if part_of(known.path(before)) != Part(known.size, known.sha256):
            return None
        place.parent.mkdir(parents=True, exist_ok=True)
        os.link(known.path(before), place)
    except OSError:  # gone, or a file system without hard links
        return None
    return known


def _copied(storage: Storage, key: str, into: Path) -> Kept:
    place = Kept(key, 0, "").path(into)
    if shutil.disk_usage(into).free < ROOM:
        raise BackupError(
            Problem.FULL,
            f"The disk of {into.parent} has no room for the uploaded files: make room, or choose another folder "
            "(CRM_BACKUP_TO).",
        )
    with _opened(storage, key) as source:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    part = part_of(place)
    return Kept(key, part.size, part.sha256)


def _opened(storage: Storage, key: str) -> BinaryIO:
    try:
        return storage.open(key)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BackupError(Problem.FILES, f"The uploaded file {key} cannot be read: {error}") from error


def sizes(folder: Path) -> list[int]:
    return [each.size for each in kept_in(folder)]


def put_back(settings: Settings, folder: Path) -> int:
    """Every file into the storage, unless it is there already; returns how many were put. BackupError: one differs."""
    storage, count = storage_for(settings), 0
    for each in kept_in(folder):
        if storage.exists(each.key):
            continue
        with each.path(folder).open("rb") as source:
            stored = storage.put(source, key=each.key)
        if stored.sha256 != each.sha256:
            raise BackupError(Problem.DAMAGED, f"The file {each.key} is damaged.")
        count += 1
    return count


def absent(settings: Settings, folder: Path) -> list[str]:
    """Keys of files that the storage does not have."""
    storage = storage_for(settings)
    return [each.key for each in kept_in(folder) if not storage.exists(each.key)]
