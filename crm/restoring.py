"""A backup put back into this instance, and the proof that it is what was saved.

It is put back in an order in which a crash costs nothing: files and secrets, which harm nobody, and then the database
in one transaction. With `over` what is there is not touched but renamed, under a stamp by which all of it comes back.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import crm
from crm.config import Settings
from crm.infra import clock, embedded, launch, revisions
from crm.infra.backups import BackupError, databases, files, secrets
from crm.infra.backups.manifest import SECRETS, Manifest, damaged

Say = Callable[[str], None]
STAMP = "%Y%m%d_%H%M%S"


class NotRestored(Exception):
    """A sentence of why not, and what to do; nothing was changed."""


def check(settings: Settings, folder: Path) -> Manifest:
    """The manifest of a sound backup this program can read; NotRestored otherwise. Needs no server."""
    try:
        manifest = Manifest.read(folder)
    except ValueError as error:
        raise NotRestored(str(error)) from error
    if wrong := damaged(folder, manifest):
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise NotRestored(
            f"This backup is damaged: {', '.join(wrong[:5])}{more} are not what was written. Take another."
        )
    try:
        databases.listed(settings, folder, manifest)
    except BackupError as error:
        raise NotRestored(str(error)) from error
    return manifest


def restore(settings: Settings, folder: Path, *, over: bool, say: Say) -> bool:
    """Put it back and print the proof; returns whether everything is as it was. NotRestored when it cannot be."""
    say("Every part of the backup is being read and compared with its checksum.")
    manifest = check(settings, folder)
    if manifest.head > revisions.head():
        raise NotRestored(
            f"This backup is from a newer program: its database has migration {manifest.head}, this program knows "
            f"them up to {revisions.head()}. Restore it with the program that made it, or a newer one."
        )
    stamp = clock.now().strftime(STAMP)
    with _servers(settings) as applied:
        _refuse_what_is_there(applied, folder, over)
        emptied, aside = databases.is_empty(applied), False
        say(f"{files.put_back(applied, folder)} of {manifest.files} uploaded files put back; the others were there.")
        try:
            for sentence in secrets.put_back(applied, folder / SECRETS, stamp):
                say(sentence)
            if not emptied:
                databases.set_aside(applied, stamp)
                aside = True
                say(f"The database that was here is kept as {databases.aside(applied, stamp)}.")
            say("The database is being restored.")
            databases.fill(applied, folder, manifest)
        except BaseException:
            if aside:
                databases.undo_aside(applied, stamp)
            secrets.swap_back(applied, stamp, f"failed_{stamp}")
            raise
        if not emptied:  # said before the proof, which may find what makes somebody go back
            say(f"The way back: stop the program and run  crm restore --back {stamp}")
        sound = _prove(applied, folder, manifest, say)
        _empty_redis(settings, applied)
    return sound


def go_back(settings: Settings, stamp: str) -> str:
    """Undo a restore over something: what was put aside is used again, and what was restored put aside. Returns its
    stamp."""
    now = clock.now().strftime(STAMP)
    try:
        dt.datetime.strptime(stamp, STAMP)
    except ValueError as error:
        raise NotRestored("Name the stamp that the restore told you, such as 20261127_135500.") from error
    with _servers(settings) as applied:
        databases.swap_back(applied, stamp, now)
        secrets.swap_back(applied, stamp, now)
        _empty_redis(settings, applied)
    return now


@contextmanager
def _servers(settings: Settings) -> Iterator[Settings]:
    """The instance to ourselves, with its servers; nobody else is connected to the database."""
    with launch.alone(settings):
        servers = embedded.start(settings)
        try:
            applied = servers.applied(settings)
            if others := databases.others(applied):
                raise NotRestored(
                    f"{others} connections to the database are open: stop the program everywhere (web, workers, "
                    "scheduler) and whatever else is connected, and try again."
                )
            yield applied
        finally:
            servers.stop()


def _refuse_what_is_there(settings: Settings, folder: Path, over: bool) -> None:
    if over:
        return
    if not databases.is_empty(settings):
        raise NotRestored(
            "There is a database here already, and nothing is written over it. With --over it is kept under "
            "another name, and the backup takes its place."
        )
    if differing := secrets.others(settings, folder / SECRETS):
        raise NotRestored(
            f"This instance has secrets of its own that differ from the backup's ({', '.join(differing)}). With "
            "--over they are kept under another name; those of the environment you have to set yourself."
        )


def _prove(settings: Settings, folder: Path, manifest: Manifest, say: Say) -> bool:
    """Rows, the audit log, encrypted values and files: each with a sentence. The database is brought up to date."""
    found = databases.rows(settings)
    wrong = [f"{name} has {found.get(name, 0)} rows instead of {rows}" for name, rows in manifest.rows.items()
             if found.get(name, 0) != rows]  # fmt: skip
    say("; ".join(wrong) or f"Rows: {sum(found.values())} in {len(found)} tables, as the backup says.")
    proofs = [not wrong, _prove_files(settings, folder, manifest, say)]
    with crm.create_app(settings).app_context():
        from crm.infra.db import db

        try:
            _bring_up_to_date(settings, manifest, say)
            proofs += [_prove_log(settings, say), _prove_keys(say)]
        finally:
            db.session.remove()
            db.engine.dispose()
    say(
        "The backup is restored, and proved." if all(proofs) else "Restored, but not all of it is as it was: see above."
    )
    return all(proofs)


def _prove_files(settings: Settings, folder: Path, manifest: Manifest, say: Say) -> bool:
    absent = files.absent(settings, folder)
    say(f"{len(absent)} files are missing." if absent else f"Files: {manifest.files}, each with its checksum.")
    return not absent


def _bring_up_to_date(settings: Settings, manifest: Manifest, say: Say) -> None:
    from sqlalchemy import create_engine

    from crm.domain.audit import ownership
    from crm.domain.people import sessions
    from crm.infra.backups.server import url_of

    logging.getLogger("alembic").setLevel(logging.WARNING)  # a line for each part it reads in, between the proofs

    from crm.migrating import upgrade

    engine = create_engine(url_of(settings))
    with engine.begin() as connection:
        ownership.restored(connection)
    if waiting := revisions.waiting(manifest.head):
        say(f"The database is brought from migration {manifest.head} to {list(waiting)[-1]}.")
    upgrade()
    with engine.begin() as connection:
        sessions.end_everybodys(connection)
    engine.dispose()
    say("Everybody has to sign in again: a session or a mailed link of then may have been ended since.")


def _prove_log(settings: Settings, say: Say) -> bool:
    from crm.domain.audit import anchors
    from crm.domain.audit.verify import verify

    verdict = verify(anchors.read(anchors.path_in(settings.instance)))
    for message, told in (*verdict.wrong, *verdict.notes):
        say(f"Audit log: {message % told}")
    return verdict.sound


def _prove_keys(say: Say) -> bool:
    from crm.domain.fields import rotation

    read, unread = rotation.sampled()
    say(f"Encrypted values: {read} of {read + unread} tried can be read.")
    return not unread


def _empty_redis(settings: Settings, applied: Settings) -> None:
    """Ours: it rings for what is in the database, and the sweeps find that by themselves."""
    if not settings.redis_url:
        from crm.infra.redis import connect

        connect(applied, seconds=5, retries=1).flushall()
