"""`crm up`: the whole program from one command, in one instance folder, once."""

import contextlib
import errno
import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from crm.config import Settings, SettingsError
from crm.infra import embedded
from crm.infra.embedded.lock import locked
from crm.infra.embedded.paths import made
from crm.infra.embedded.process import wait_until
from crm.infra.supervisor import Program, Supervisor, leftovers

_PROJECT = Path(__file__).resolve().parents[2]
_CRM = (sys.executable, "-m", "crm")
LISTENER = "CRM_LISTENER"  # environment: number of the inherited listening socket


def up(
    settings: Settings,
    *,
    programs: Callable[[Settings, int], Sequence[Program]] | None = None,
    prepare: Sequence[str] = (*_CRM, "init"),
    tuning: Mapping[str, str] | None = None,
) -> int:
    """Start everything, say where it is, keep it running, stop it on a signal. Returns the exit code.

    `programs` makes the list of what runs beside the servers from the settings and the listening
    socket's number; `prepare` is a command run once before, whose output is said at the end.
    Raises SettingsError with a sentence when it cannot start; a running copy is left in peace.
    """
    with alone(settings) as instance, _listener(settings) as listener:
        record = instance / ".processes"
        leftovers(record)
        servers = embedded.start(settings, tuning=tuning)
        applied = servers.applied(settings)
        environment = _environment(applied)
        try:
            if servers.notice:
                say(servers.notice)
            words = _prepared(prepare, environment)
        except BaseException:
            servers.stop(adopted=True)
            raise
        supervisor = Supervisor(
            programs=(programs or _programs)(applied, listener.fileno()),
            servers=servers,
            restart=lambda name: embedded.start(settings, only=[name], tuning=tuning),
            # The programs never learn how to sign in as the owner of the audit log.
            environment=environment | {LISTENER: str(listener.fileno()), "DATABASE_OWNER_URL": ""},
            record=record,
            folder=_PROJECT,
            say=say,
        )
        port = listener.getsockname()[1]
        return supervisor.run(lambda: _answers(settings.host, port), lambda: _greet(settings, port, words))


@contextlib.contextmanager
def servers(settings: Settings) -> Iterator[Settings]:
    """Settings with both addresses, for a short command: those of the running copy, else servers of its own."""
    if settings.database_url and settings.redis_url:
        yield embedded.start(settings).applied(settings)
        return
    with locked(made(settings.instance) / ".lock", wait=False):
        started = embedded.start(settings)
        try:
            yield started.applied(settings)
        finally:
            started.stop()


def say(sentence: str) -> None:
    print(sentence, flush=True)


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[Path]:
    """Hold the instance folder for as long as the block runs."""
    instance = made(settings.instance)
    lock = instance / ".lock"
    with locked(lock, wait=False) as ours:
        if not ours:
            who = lock.read_text().strip()
            raise SettingsError(f"A copy already runs in {instance}{who and f' (process {who})'}; this one ends here.")
        yield instance


@contextlib.contextmanager
def _listener(settings: Settings) -> Iterator[socket.socket]:
    """The web server's socket, held by us: it stays open while web processes come and go."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

        def bound() -> bool:
            try:
                listener.bind((settings.host, settings.port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise SettingsError(f"Cannot listen on {settings.host}: {error.strerror}. Set CRM_HOST.") from error
                return False
            return True

        if not wait_until(bound, 2):  # a copy that was just killed may hold the port a moment longer
            raise SettingsError(f"Another program already listens on {settings.host}:{settings.port}. Set CRM_PORT.")
        listener.listen(2048)
        listener.set_inheritable(True)
        yield listener


def _programs(settings: Settings, listener: int) -> list[Program]:
    web = (sys.executable, "-m", "gunicorn", "-c", "python:crm.web_server", "crm.web_server:application()")
    workers = [Program(f"worker {number}", (*_CRM, "worker")) for number in range(1, settings.workers + 1)]
    return [Program("web", web, files=(listener,)), *workers, Program("scheduler", (*_CRM, "scheduler"), patience=5)]


def _environment(settings: Settings) -> dict[str, str]:
    """Ours, with every setting as it is now: children read the same object back from it."""
    environment = dict(os.environ)
    for each in fields(Settings):
        value = getattr(settings, each.name)
        text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
        environment[each.metadata["env"]] = str(value.resolve()) if isinstance(value, Path) else text
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_PROJECT), environment.get("PYTHONPATH", "")]))
    environment["PYTHONUNBUFFERED"] = "1"
    if sys.platform == "darwin":  # workers fork, which its frameworks otherwise forbid
        environment["OBJC_DISABLE_INITIALIZE_FORK_SAFETY"] = "YES"
    return environment


def _prepared(command: Sequence[str], environment: Mapping[str, str]) -> str:
    if not command:
        return ""
    done = subprocess.run(command, env=environment, cwd=_PROJECT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SettingsError(f"{done.stdout}The database could not be prepared; the reason is written above.")
    return done.stdout.strip()


def _answers(host: str, port: int) -> bool:
    """Is /healthz well? Waits a second at most for the web server to take the connection."""
    connection = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=1)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    return False


def _greet(settings: Settings, port: int, words: str) -> None:
    host = {"0.0.0.0": "localhost", "::": "localhost"}.get(settings.host, settings.host)
    address = settings.base_url.rstrip("/") or f"http://{f'[{host}]' if ':' in host else host}:{port}"
    say(f"\n{settings.company} runs at {address} (Ctrl-C stops it).")
    for path in (line for line in words.splitlines() if line.startswith("/")):
        say(f"Nobody can sign in yet: make the first administrator at {address}{path}")
