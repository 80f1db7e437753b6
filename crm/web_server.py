"""Settings of gunicorn (`gunicorn -c python:crm.web_server 'crm.web_server:application()'`) and what it serves."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from crm.config import Settings
from crm.infra.embedded.process import end_with_parent

_settings = Settings.from_env()
_listener = os.environ.get("CRM_LISTENER")  # a socket the supervisor holds open over our restarts

bind = f"fd://{_listener}" if _listener else f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.web_processes
threads = _settings.web_threads
timeout = 60
graceful_timeout = 8
keepalive = 15
max_requests = 20_000  # a slow leak ends with the process that has it
max_requests_jitter = 4_000
limit_request_line = 8190  # a list's whole state is in its address, and Chinese triples when quoted
limit_request_field_size = 8190
preload_app = False
accesslog = None  # the app writes one JSON line a request
logger_class = "crm.infra.gunicorn_logging.Logger"
loglevel = "warning"
forwarded_allow_ips = ""  # proxies are counted by the app (CRM_PROXIES), not trusted by address
control_socket_disable = True
proc_name = "crm"
if sys.platform.startswith("linux") and Path("/dev/shm").is_dir():
    worker_tmp_dir = "/dev/shm"  # the heartbeat file must never wait for a disk


def post_fork(server: Any, worker: Any) -> None:
    end_with_parent(signal.SIGKILL)


def worker_exit(server: Any, worker: Any) -> None:
    """Whoever ends in order is missed by nobody."""
    if _pulse:
        ended, beating = _pulse.pop()
        ended.set()
        beating.join(5)


_pulse: list[Any] = []


def application() -> Any:
    """The WSGI app, made in each process after the fork."""
    from crm import create_app
    from crm.jobs.system import pulse_of_web

    app = create_app(_settings)
    _pulse.append(pulse_of_web(app))
    return app
