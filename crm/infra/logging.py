"""One JSON object a line on stderr, for our own lines and for every library's; readable text when a person looks on.

    log = structlog.get_logger(__name__)
    log.info("import.finished", import_id=7, rows=2000)

A line has `timestamp` (UTC, ISO 8601), `level`, `event`, `logger`, and what `bind` said: `request_id`, `actor_id`.
"""

import json
import logging
import re
import sys
import uuid
from collections.abc import Mapping, MutableMapping, Sequence
from functools import lru_cache
from typing import Any, TextIO

import structlog

from crm.config import Settings

MASK = "***"

_SECRET = re.compile(r"password|token|secret|cookie|authorization", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(://[^\s/:@]*:)[^\s/@]+@")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
# They bring handlers of their own, which would make a second line in another form.
_HEADSTRONG = ("gunicorn.error", "gunicorn.access", "rq.worker", "werkzeug", "alembic", "sqlalchemy")
# Their debug lines hold signed headers.
_TOO_OPEN = ("boto3", "botocore", "s3transfer", "urllib3")


def configure(settings: Settings) -> None:
    """Send everything logged in this process to stderr; a second call replaces the first."""
    last = _last(pretty=sys.stderr.isatty())
    structlog.configure(  # our own lines do not take the way round through the standard library: it is twice as long
        processors=[*_common(), *last],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=_Ours,
    )
    root = logging.getLogger()
    for ours in [handler for handler in root.handlers if isinstance(handler, _Stderr)]:
        root.removeHandler(ours)
    root.addHandler(_Stderr(last))
    root.setLevel(settings.log_level.upper())
    for name in _HEADSTRONG:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    for name in _TOO_OPEN:
        logging.getLogger(name).setLevel(max(root.level, logging.INFO))
    logging.captureWarnings(True)


def bind(**values: object) -> None:
    """Put these (`request_id=`, `actor_id=`) on every further line of this request or job."""
    structlog.contextvars.bind_contextvars(**values)


def clear() -> None:
    """Forget what was bound: the next request or job has its own."""
    structlog.contextvars.clear_contextvars()


def request_id(header: str | None) -> str:
    """The inbound X-Request-Id if it is plain, else a new one: it is written into lines and answers."""
    return header if header and _REQUEST_ID.fullmatch(header) else uuid.uuid4().hex


class _Ours:
    """Writes what is finished. Looks stderr up at each line, as it may be replaced under a running process."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def msg(self, line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = msg


class _Stderr(logging.StreamHandler[TextIO]):
    """What libraries log."""

    def __init__(self, last: Sequence[structlog.typing.Processor]) -> None:
        logging.Handler.__init__(self)
        before = [structlog.stdlib.ExtraAdder(), *_common()]
        processors = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
        self.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=processors))

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def _common() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _last(*, pretty: bool) -> list[structlog.typing.Processor]:
    # Tracebacks as Python writes them: the richer ones print local variables, and so passwords.
    plain = structlog.dev.plain_traceback
    return [
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        mask_secrets,
        structlog.dev.ConsoleRenderer(exception_formatter=plain)
        if pretty
        else structlog.processors.JSONRenderer(serializer=_json),
    ]


def mask_secrets(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: what stands under the name of a secret, or as a password in a URL, is not written."""
    return {key: _masked(key, value) for key, value in line.items()}


def _masked(key: str, value: Any) -> Any:
    if _is_secret(key):
        return MASK
    if isinstance(value, Mapping):
        return {str(inner): _masked(str(inner), each) for inner, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked("", each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    words = str(value)
    return _URL_PASSWORD.sub(rf"\1{MASK}@", words) if "://" in words else words


@lru_cache(256)
def _is_secret(key: str) -> bool:
    return _SECRET.search(key) is not None


_ENCODER = json.JSONEncoder(ensure_ascii=False)


def _json(line: Any, **_options: Any) -> str:
    return _ENCODER.encode(line)
