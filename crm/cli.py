"""The program's commands. Each is thin and imports what it needs when it runs."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from crm.cli_backups import COMMANDS
from crm.config import Settings, SettingsError

_PROJECT = Path(__file__).resolve().parent.parent


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """A self-hosted CRM. `crm up` starts all of it."""


for _command in COMMANDS:
    main.add_command(_command)


@main.command()
def up() -> None:
    """Start databases, web server, workers and scheduler, and keep them running until Ctrl-C."""
    from crm.infra import launch

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # also while starting, so that nothing is left behind
    try:
        sys.exit(launch.up(Settings.from_env()))
    except KeyboardInterrupt:
        sys.exit(130)


@main.command()
def init() -> None:
    """Bring the database up to date; print the first-run page's path while nobody can sign in."""
    from crm.domain.fields import rotation
    from crm.domain.people.setup import setup_token

    with _transaction() as settings:
        _upgrade(settings)
        rotation.refuse_lost_keys()
        token = setup_token(settings)
        if token:
            click.echo(f"/setup?token={token}")


@main.command()
def migrate() -> None:
    """Bring the database up to date."""
    with _app() as settings:
        _upgrade(settings)


@main.command()
def web() -> None:
    """Run the web server alone (needs DATABASE_URL and REDIS_URL)."""
    import os

    _addresses()
    os.environ.setdefault("PYTHONPATH", str(_PROJECT))
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:crm.web_server", "crm.web_server:application()"]
    os.execv(sys.executable, gunicorn)


@main.command()
def worker() -> None:
    """Run one background worker (needs DATABASE_URL and REDIS_URL)."""
    from crm.jobs.worker import main as work

    work(_addresses())


@main.command()
def scheduler() -> None:
    """Run the scheduler (needs REDIS_URL)."""
    from crm.jobs.schedule import main as schedule

    schedule(_addresses())


@main.command("create-admin")
@click.option("--email", required=True)
@click.option("--name", required=True)
def create_admin(email: str, name: str) -> None:
    """Make an administrator; the password is made up and printed once."""
    from crm.domain.people.actions import create_administrator

    with _transaction():
        _, password = create_administrator(email=email, name=name)
    click.echo(f"{email} can sign in with the password {password}")


@main.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """For whoever lost it and has no administrator: the password is enough until they set it up again."""
    from crm.domain.account_mail.actions import switch_off
    from crm.domain.people.actions import SYSTEM
    from crm.domain.people.queries import by_email

    with _transaction():
        person = by_email(email)
        if person is None:
            raise click.ClickException(f"Nobody has an account under {email}.")
        switch_off(SYSTEM, person)
    click.echo(f"{email} can sign in with the password alone now; the audit log says that it was reset.")


@main.command()
@click.option("--seed", default=1, help="Another number makes another company.")
@click.option("--customers", default=2_000)
def demo(seed: int, customers: int) -> None:
    """Fill an empty system with a made-up bilingual company; its people's password is printed once."""
    from crm.demo.populate import populate
    from crm.domain.people.setup import forget_token
    from crm.infra.db import db
    from crm.kernel.errors import Invalid, RuleBroken

    with _app() as settings:
        _upgrade(settings)
        click.echo("Making people, customers and follow-ups …")
        try:
            filled = populate(seed, count=customers)
        except (Invalid, RuleBroken) as error:
            raise click.ClickException(str(error)) from error
        db.session.commit()
        forget_token(settings)
    click.echo(filled.told())


@main.command("audit-verify")
@click.option(
    "--anchors", "kept", type=click.Path(exists=True, path_type=Path), help="A copy of anchors kept elsewhere."
)
def audit_verify(kept: Path | None) -> None:
    """Say whether the audit log is what it was, and what that does not prove. Exits with 1 if it is not."""
    from crm.domain.audit import anchors
    from crm.domain.audit.verify import walk
    from crm.infra.db import db

    with _app() as settings:
        try:
            known = anchors.read(kept or anchors.path_in(settings.instance))
        except ValueError as error:
            raise click.ClickException(f"This file of anchors cannot be read: {error}") from error
        for verdict in walk(known):  # noqa: B007 (the last is the whole)
            db.session.rollback()  # each step a transaction of its own
    for message, told in (*verdict.wrong, *verdict.notes):
        click.echo(message % told)
    sys.exit(0 if verdict.sound else 1)


@main.command("rotate-keys")
def rotate_keys() -> None:
    """Make a new key for encrypted fields and have workers encrypt every value with it; `crm keys` says how far."""
    from crm.domain.fields import rotation
    from crm.domain.people.actions import SYSTEM
    from crm.infra import queue, vault

    with _transaction():
        made = vault.add_key()
        begun = rotation.start(SYSTEM)
        click.echo(f"{begun.total} values are being encrypted with the key {begun.key_id}.")
        if made is not None:
            click.echo("The file field_keys in the instance folder has changed: put it into your backup now.")
    queue.enqueue("fields.encrypt_anew", queue="bulk", key="fields.encrypt_anew")


@main.command("keys")
def keys() -> None:
    """List the keys of encrypted fields, with how many values each encrypts, and how far a rotation is."""
    from crm.domain.fields import rotation

    with _transaction():
        for each in rotation.in_use():
            click.echo(f"{each.id}  {each.values} values{'  newest' if each.newest else ''}")
        last = rotation.latest()
        if last is not None:
            state = "done" if last.finished_at else "under way"
            click.echo(
                f"Rotation to {last.key_id}: {state}, {last.done} of {last.total}, {last.unreadable} unreadable."
            )


@main.command("forget-key")
@click.argument("key_id")
def forget_key(key_id: str) -> None:
    """Remove an old key of encrypted fields, 91 days after the last value was encrypted with a newer one."""
    from crm.domain.fields import rotation
    from crm.domain.people.actions import SYSTEM

    with _transaction():
        rotation.forget(SYSTEM, key_id)
    click.echo(f"The key {key_id} is removed.")


@contextmanager
def _transaction() -> Iterator[Settings]:
    """Kept at the end; what cannot be done is said."""
    from crm.infra.db import db
    from crm.infra.vault import KeysLost
    from crm.kernel.errors import Invalid, RuleBroken

    with _app() as settings:
        try:
            yield settings
        except (Invalid, RuleBroken, KeysLost) as error:
            raise click.ClickException(str(error)) from error
        db.session.commit()


def _addresses() -> Settings:
    settings = Settings.from_env()
    if not (settings.database_url and settings.redis_url):
        raise SettingsError("Set DATABASE_URL and REDIS_URL, or run `crm up`, which starts servers of its own.")
    return settings


@contextmanager
def _app() -> Iterator[Settings]:
    """An app context, with servers of our own for as long as it lasts if none are given or running."""
    from crm import create_app
    from crm.infra import launch

    with launch.servers(Settings.from_env()) as settings, create_app(settings).app_context():
        yield settings


def _upgrade(settings: Settings) -> None:
    from crm.upgrading import NotUpgraded, upgrade

    try:
        upgrade(settings, lambda sentence: click.echo(sentence, err=True))
    except NotUpgraded as error:
        raise click.ClickException(str(error)) from error
