"""The folder in which backups stand: which are there, which go, and how the last attempt ended."""

import datetime as dt
import json
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from crm.config import Settings
from crm.infra import clock
from crm.infra.backups.manifest import Manifest

_NAME = re.compile(r"crm-\d{8}-\d{6}")
PARTIAL = ".unfinished-"
_CHECKED = "checked.json"
LATE = dt.timedelta(days=2)  # without a backup for longer, something is wrong


@dataclass(frozen=True)
class Backup:
    folder: Path
    manifest: Manifest
    checked: tuple[str, ...] | None  # names of what was found damaged; None: not looked at yet

    @property
    def at(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.manifest.made_at)


@dataclass(frozen=True)
class Outcome:
    """How the last attempt ended, kept in the instance folder: where backups go may be what cannot be written."""

    at: str
    problem: str = ""  # of Problem; empty: all went well
    sentence: str = ""


def usual(settings: Settings) -> Path:
    """Where backups go unless something else is asked for."""
    return Path(settings.backup_to) if settings.backup_to else settings.instance.resolve() / "backups"


def backups_in(shelf: Path) -> list[Backup]:
    """Whole ones, the newest first."""
    found = []
    try:
        folders = sorted(shelf.iterdir(), reverse=True)
    except OSError:
        return []
    for folder in folders:
        if _NAME.fullmatch(folder.name):
            try:
                found.append(Backup(folder, Manifest.read(folder), _checked(folder)))
            except ValueError:
                continue
    return found


def prune(shelf: Path, keep: int) -> list[Path]:
    """Remove all but the newest; renamed first, so that what is half removed is taken for no backup."""
    old = [each.folder for each in backups_in(shelf)[keep:]]
    for folder in old:
        going = folder.with_name(PARTIAL + folder.name)
        folder.rename(going)
        shutil.rmtree(going, ignore_errors=True)
    return old


def sweep(shelf: Path) -> None:
    """Remove what was never finished. Only for whoever holds the shelf's lock."""
    for each in shelf.glob(f"{PARTIAL}*"):
        shutil.rmtree(each, ignore_errors=True)


def note_check(folder: Path, damaged: list[str]) -> None:
    told = json.dumps({"at": clock.now().isoformat(timespec="seconds"), "damaged": damaged})
    (folder / _CHECKED).write_text(told, "utf-8")


def _checked(folder: Path) -> tuple[str, ...] | None:
    try:
        return tuple(json.loads((folder / _CHECKED).read_text("utf-8"))["damaged"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(settings: Settings, problem: str = "", sentence: str = "") -> None:
    told = Outcome(clock.now().isoformat(timespec="seconds"), problem, sentence)
    (settings.instance / "last_backup.json").write_text(json.dumps(asdict(told)), "utf-8")


def last_outcome(settings: Settings) -> Outcome | None:
    try:
        return Outcome(**json.loads((settings.instance / "last_backup.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
