"""The commands of whoever runs the server: backup, restore, preflight. `crm/cli.py` takes them up."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from crm.config import Settings

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.option(
    "--to", type=_FOLDER, help="Folder to put it in; else CRM_BACKUP_TO, else backups in the instance folder."
)
@click.option("--keep", type=click.IntRange(1), help="How many to keep there; else CRM_BACKUP_KEEP.")
def backup(to: Path | None, keep: int | None) -> None:
    """Save the database, the uploaded files and the secrets, while the program runs."""
    from crm.infra import launch
    from crm.infra.backups import making, shelf

    with _said(), launch.servers(Settings.from_env()) as settings:
        target = to.expanduser().resolve() if to else shelf.usual(settings)
        folder = making.make(settings, target, keep=keep or settings.backup_keep, say=launch.say)
    click.echo(
        "It holds the keys and everything else: keep it where only you can read it, and a copy on another machine."
    )
    click.echo(f"crm restore {folder}  puts it back.")


@click.command("backup-check")
@click.argument("folder", type=_FOLDER)
def backup_check(folder: Path) -> None:
    """Say whether a backup is what was written and can be restored. Exits with 1 if not; needs no server."""
    from crm import restoring
    from crm.infra.backups.manifest import plain

    with _said():
        found = restoring.check(Settings.from_env(), folder)
    click.echo(
        f"Sound: {plain(found.bytes)}, {sum(found.rows.values())} rows, {found.files} files, of {found.made_at}."
    )
    if found.missing:
        click.echo(f"{len(found.missing)} files were missing already when it was made.")


@click.command()
@click.argument("folder", type=_FOLDER, required=False)
@click.option("--over", is_flag=True, help="Keep what is here under another name, and take its place.")
@click.option("--back", metavar="STAMP", help="Undo a restore with --over, by the stamp that it told.")
def restore(folder: Path | None, over: bool, back: str | None) -> None:
    """Put a backup into an empty instance, and prove that it is all there. The program must not run."""
    from crm import restoring
    from crm.infra import launch

    if bool(folder) == bool(back):
        raise click.UsageError("Name the folder of one backup, or --back and a stamp.")
    with _said():
        if back:
            now = restoring.go_back(Settings.from_env(), back)
            click.echo(f"What was here before is back. What had been restored is kept: crm restore --back {now}")
        elif folder and not restoring.restore(Settings.from_env(), folder, over=over, say=launch.say):
            sys.exit(1)


@click.command()
def preflight() -> None:
    """Before an upgrade: say what stands in its way. Exits with 1 if anything does."""
    from crm.infra import launch
    from crm.preflight import findings

    sound = True
    with _said(), launch.servers(Settings.from_env()) as settings:
        for found in findings(settings):
            click.echo(f"{'ok  ' if found.fine else 'STOP'}  {found.sentence}")
            sound = sound and found.fine
    sys.exit(0 if sound else 1)


@contextmanager
def _said() -> Iterator[None]:
    """What cannot be done is said in a sentence."""
    from crm.infra.backups import BackupError
    from crm.restoring import NotRestored

    try:
        yield
    except (BackupError, NotRestored) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"This cannot be read or written: {error}") from error


COMMANDS = (backup, backup_check, restore, preflight)
