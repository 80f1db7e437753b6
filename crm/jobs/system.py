"""Looking after the program itself. `watch` is run by web processes, not by workers: it sees when they are gone."""

import threading
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy import text

from crm.domain.system import looking, monthly, troubles
from crm.infra.db import db
from crm.jobs.base import alone, commit, each_in_transaction, job
from crm.jobs.pulse import Pulse
from crm.web.streams import streams_open

log = structlog.get_logger(__name__)
_BEATS = 6  # after so many of a web process somebody looks whether all is well: once a minute
_OLD = {
    "system_hours": "hour > '1970-01-02' AND hour < now() - interval '35 days'",
    "system_errors": "last_at < now() - interval '30 days'",
    "system_processes": "heard_at < now() - interval '1 day'",
    "system_troubles": "ended_at < now() - interval '90 days'",
}


@job
def watch() -> None:
    """Tell administrators what has become red, and what is well again."""
    with alone("watch of the system") as ours:
        if ours:
            troubles.tell(looking.standing(current_app.config["SETTINGS"]))
            commit()


@job
def count_months() -> None:
    """The report of the month under way, and of those that are over."""
    with alone("report of the month") as ours:
        if ours:
            monthly.count_months()
            commit()


@job
def forget() -> None:
    """Numbers that nobody looks at any more, a little at a time."""
    for table, old in _OLD.items():
        some = f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {old} LIMIT 5000))"
        each_in_transaction(lambda some=some: db.session.execute(text(some)).rowcount)


def pulse_of_web(app: Flask) -> tuple[threading.Event, threading.Thread]:
    """For a web process: what ends it, and what then is waited for."""
    ended, beats = threading.Event(), 0

    def look() -> None:
        nonlocal beats
        beats += 1
        if beats % _BEATS == 0:
            with app.app_context():
                try:
                    watch()
                except Exception:  # noqa: BLE001 (it is told in the log, and the next time it is tried again)
                    log.warning("system.not_watched")

    with app.app_context():
        engine = db.engine
        pulse = Pulse("web", engine, lambda: _gauges(engine.pool))
    return ended, pulse.start(ended, look)


def _gauges(pool: Any) -> dict[str, Any]:
    return {"streams": streams_open(), "pool_size": pool.size(), "pool_used": pool.checkedout()}
