"""The secrets of an instance into a backup and back. What is there already is never overwritten: it is put aside."""

import os
from collections.abc import Sequence
from pathlib import Path

from crm.config import Settings

ANCHORS, KEYS = ("anchors/anchors.txt",), ("secret_key", "field_keys")  # in the instance folder
_NAMES = (*KEYS, *ANCHORS)
_ASIDE = ".before-"


def save(settings: Settings, into: Path, names: Sequence[str]) -> None:
    """As they are in use, also those that the environment gives: without them the backup cannot be read.

    ANCHORS before the snapshot, since an anchor beyond the end of the log reads as a log cut off; KEYS after it, since
    a new key may be in use at once.
    """
    into.mkdir(mode=0o700, exist_ok=True)
    for name in names:
        given, place = _given(settings, name), settings.instance / name
        if given or place.exists():
            target = into / Path(name).name
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(given or place.read_text())


def others(settings: Settings, saved: Path) -> list[str]:
    """Names of secrets that are here and say something else than the backup's."""
    return [name for name, words in _saved(saved) if (here := _here(settings, name)) and here.split() != words.split()]


def put_back(settings: Settings, saved: Path, stamp: str) -> list[str]:
    """Returns sentences of what was put aside, or has to be set. An environment's secret stays what it is."""
    told = []
    for name, words in _saved(saved):
        place = settings.instance / name
        if _given(settings, name):
            if _given(settings, name).split() != words.split():
                told.append(f"{_env(name)} is another one than the backup's {name}: set it to that of the backup.")
            continue
        if place.exists() and place.read_text().split() != words.split():
            aside = place.with_name(f"{place.name}{_ASIDE}{stamp}")
            place.rename(aside)
            told.append(f"Another {name} was here; it is kept as {aside}.")
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(words)
    return told


def swap_back(settings: Settings, stamp: str, now: str) -> None:
    """Those put aside under `stamp` are used again; those used until now are put aside under `now`."""
    for name in _NAMES:
        place = settings.instance / name
        aside = place.with_name(f"{place.name}{_ASIDE}{stamp}")
        if aside.exists():
            if place.exists():
                place.rename(place.with_name(f"{place.name}{_ASIDE}{now}"))
            aside.rename(place)


def _saved(saved: Path) -> list[tuple[str, str]]:
    return [(name, place.read_text()) for name in _NAMES if (place := saved / Path(name).name).exists()]


def _here(settings: Settings, name: str) -> str:
    place = settings.instance / name
    return _given(settings, name) or (place.read_text() if place.exists() else "")


def _given(settings: Settings, name: str) -> str:
    return {"secret_key": settings.secret_key, "field_keys": settings.field_keys}.get(name, "")


def _env(name: str) -> str:
    return {"secret_key": "CRM_SECRET_KEY", "field_keys": "CRM_FIELD_KEYS"}[name]
