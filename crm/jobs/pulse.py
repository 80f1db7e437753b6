"""A process says that it lives, and writes down what it has counted: every few seconds, in a short transaction that no
request and no job waits for. Killed, it loses what it has counted since the last time, ten seconds' worth; it is then
missed after STALE (crm/domain/system/looking.py). Whoever ends in order says so."""

import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from crm.config import VERSION, Settings
from crm.domain.system import keeping
from crm.infra import clock, numbers
from crm.infra.embedded import normalised

log = structlog.get_logger(__name__)
EVERY = 10.0  # seconds


def engine_of(settings: Settings) -> Engine:
    """For a process that has no app: a connection as often as it is needed."""
    options = {"prepare_threshold": None, "application_name": "crm", "connect_timeout": 5}
    return create_engine(normalised(settings.database_url), poolclass=NullPool, connect_args=options)


class Pulse:
    """`gauges` tells what the process measures of itself, as JSON has it."""

    def __init__(self, kind: str, engine: Engine, gauges: Callable[[], dict[str, Any]] = dict) -> None:
        self._engine, self._gauges, self._due = engine, gauges, 0.0
        machine, since = socket.gethostname(), clock.now()
        self._process = {
            "key": f"{machine}:{os.getpid()}:{since.timestamp():.3f}",
            "kind": kind,
            "machine": machine,
            "pid": os.getpid(),
            "since": since,
            "version": VERSION,
        }

    def start(self, ended: threading.Event, also: Callable[[], None] | None = None) -> threading.Thread:
        """Beat in a thread until it is ended; `also` is called after each beat."""
        thread = threading.Thread(target=self._keep_on, args=(ended, also), name="pulse", daemon=True)
        thread.start()
        return thread

    def beat_if_due(self) -> None:
        if time.monotonic() >= self._due:
            self.beat()

    def beat(self) -> None:
        self._due = time.monotonic() + EVERY
        self._write(lambda connection: keeping.live(connection, self._process | {"gauges": self._gauges()}))

    def write_down(self) -> None:
        """What was counted, without saying more."""
        self._write(lambda connection: None)

    def end(self) -> None:
        self._write(lambda connection: keeping.leave(connection, str(self._process["key"])))

    def _write(self, more: Callable[[Any], None]) -> None:
        """A database that is away is no reason to stop: it is written down the next time."""
        counted = numbers.take()
        try:
            with self._engine.begin() as connection:
                more(connection)
                if counted:
                    keeping.write_down(connection, counted)
        except (SQLAlchemyError, OSError) as error:
            numbers.give_back(counted)
            log.warning("pulse.not_written", error=type(error).__name__)
        except Exception:  # what could not be written this time cannot the next time: it goes, the pulse does not
            log.exception("pulse.lost")

    def _keep_on(self, ended: threading.Event, also: Callable[[], None] | None) -> None:
        while not ended.wait(max(0.0, self._due - time.monotonic())):
            self.beat()
            if also is not None:
                also()
        self.end()
