"""Every setting of the program, read once from the environment into one frozen object.

A value that makes no sense stops the boot with a sentence (SettingsError), so a
typing error can never be a half-working server. The table in README.md is made
from the field metadata here and checked by a test.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

VERSION = "0.1.0"  # as in pyproject.toml
LANGUAGES = ("en", "zh_CN")


class SettingsError(SystemExit):
    """A setting cannot be used. The message is a sentence for whoever starts the program."""


def _setting(env: str, default: Any, help: str) -> Any:
    return field(default=default, metadata={"env": env, "help": help})


@dataclass(frozen=True)
class Settings:
    instance: Path = _setting("CRM_INSTANCE", Path("instance"), "Folder of databases, uploads, logs and local secrets")
    database_url: str = _setting("DATABASE_URL", "", "A PostgreSQL 15+ to use instead of our own")
    database_owner_url: str = _setting(
        "DATABASE_OWNER_URL", "", "The same database as the role that owns it and its audit log; for migrations only"
    )
    redis_url: str = _setting("REDIS_URL", "", "A Redis 6.2+ to use instead of our own")
    postgres_bin: str = _setting("CRM_POSTGRES_BIN", "", "Folder of PostgreSQL programs to use instead of the wheel's")
    redis_bin: str = _setting("CRM_REDIS_BIN", "", "redis-server or valkey-server to use instead of the wheel's")
    secret_key: str = _setting("CRM_SECRET_KEY", "", "Signs cookies; at least 32 characters; else made once and kept")
    field_keys: str = _setting(
        "CRM_FIELD_KEYS", "", "Encrypt encrypted fields: one or more secrets, the newest last; else made once and kept"
    )
    host: str = _setting("CRM_HOST", "127.0.0.1", "Address the web server listens on")
    port: int = _setting("CRM_PORT", 8000, "Port the web server listens on")
    web_processes: int = _setting("CRM_WEB_PROCESSES", 2, "Web processes")
    web_threads: int = _setting("CRM_WEB_THREADS", 24, "Threads of a web process; at least twice CRM_STREAMS")
    web_at_once: int = _setting("CRM_WEB_AT_ONCE", 4, "Requests a web process computes at once; others wait their turn")
    streams: int = _setting("CRM_STREAMS", 10, "Live progress streams a web process keeps open; more are told to poll")
    database_connections: int = _setting("CRM_DATABASE_CONNECTIONS", 8, "Database connections of a web process")
    workers: int = _setting("CRM_WORKERS", 2, "Background worker processes")
    language: str = _setting("CRM_LANGUAGE", "en", "Language when neither person nor browser chooses: en or zh_CN")
    timezone: str = _setting("CRM_TIMEZONE", "Asia/Shanghai", "Time zone of the company")
    phone_region: str = _setting("CRM_PHONE_REGION", "CN", "Country of phone numbers written without one")
    company: str = _setting("CRM_COMPANY", "CRM", "Name shown in the page's corner")
    base_url: str = _setting("CRM_BASE_URL", "", "Address people use, for links in mail; https:// makes cookies Secure")
    proxies: int = _setting("CRM_PROXIES", 0, "Reverse proxies in front whose X-Forwarded headers are trusted")
    storage_url: str = _setting(
        "CRM_STORAGE_URL", "", "s3://bucket/prefix?endpoint=…; else files in the instance folder"
    )
    mail_url: str = _setting("CRM_MAIL_URL", "", "smtp(s)://user:password@host:port; else mail is written to the log")
    mail_from: str = _setting("CRM_MAIL_FROM", "crm@localhost", "Sender of mail")
    webhooks_inside: bool = _setting(
        "CRM_WEBHOOKS_INSIDE", False, "Webhooks may call addresses of your own network, and without https"
    )
    session_idle_minutes: int = _setting(
        "CRM_SESSION_IDLE_MINUTES", 30, "Minutes without a request after which one signs in again"
    )
    session_hours: int = _setting("CRM_SESSION_HOURS", 12, "Hours after signing in at which one signs in again")
    upload_mb: int = _setting("CRM_UPLOAD_MB", 200, "Largest file that may be uploaded, in megabytes")
    attachment_mb: int = _setting("CRM_ATTACHMENT_MB", 20, "Largest file that may be attached, in megabytes")
    attachment_types: str = _setting(
        "CRM_ATTACHMENT_TYPES",
        "pdf docx xlsx pptx doc xls ppt odt ods odp png jpg jpeg gif webp txt csv mp3 m4a mp4 zip",
        "Endings of files that may be attached; what a file really is must fit its ending",
    )
    bin_days: int = _setting("CRM_BIN_DAYS", 90, "Days after which deleted records are removed for good")
    metrics_token: str = _setting(
        "CRM_METRICS_TOKEN", "", "What Prometheus shows to read /metrics, at least 20 characters; else there is none"
    )
    backup_to: str = _setting("CRM_BACKUP_TO", "", "Folder for a backup every night, best on another disk; else none")
    backup_keep: int = _setting("CRM_BACKUP_KEEP", 7, "Backups that are kept; older ones go when a new one is whole")
    backup_first: bool = _setting("CRM_BACKUP_FIRST", True, "A backup is made before the database is upgraded")
    log_level: str = _setting("CRM_LOG_LEVEL", "info", "debug, info, warning or error")
    testing: bool = _setting("CRM_TESTING", False, "For the test suite only")

    def __post_init__(self) -> None:
        for check in (_check_numbers, _check_names, _check_urls, _check_secret, _check_folder):
            check(self)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment; unset and empty mean the default."""
        environ = os.environ if environ is None else environ
        given = {}
        for each in fields(cls):
            text = environ.get(each.metadata["env"], "").strip()
            if text:
                given[each.name] = _typed(each.metadata["env"], text, type(each.default))
        return cls(**given)


_TRUTH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _typed(env: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() not in _TRUTH:
            raise SettingsError(f"{env} must be yes or no, not {text!r}.")
        return _TRUTH[text.lower()]
    if kind is int:
        if not text.lstrip("-").isdigit():
            raise SettingsError(f"{env} must be a whole number, not {text!r}.")
        return int(text)
    return Path(text).expanduser().resolve() if issubclass(kind, Path) else text


_AT_LEAST = {"port": 0, "web_processes": 1, "web_threads": 2, "web_at_once": 1, "streams": 1, "database_connections": 1}
_AT_LEAST |= {"workers": 1, "proxies": 0, "upload_mb": 1, "bin_days": 1, "attachment_mb": 1, "backup_keep": 1}
_AT_LEAST |= {"session_idle_minutes": 5, "session_hours": 1}


def _check_numbers(settings: Settings) -> None:
    for name, least in _AT_LEAST.items():
        if getattr(settings, name) < least:
            raise SettingsError(f"{_env(name)} must be at least {least}, not {getattr(settings, name)}.")
    if settings.port > 65535:
        raise SettingsError(f"CRM_PORT must be at most 65535, not {settings.port}.")
    if settings.web_threads < 2 * settings.streams:
        raise SettingsError("CRM_WEB_THREADS must be at least twice CRM_STREAMS, or streams starve the pages.")


def _check_names(settings: Settings) -> None:
    if settings.language not in LANGUAGES:
        raise SettingsError(f"CRM_LANGUAGE must be one of {', '.join(LANGUAGES)}, not {settings.language!r}.")
    if settings.log_level not in ("debug", "info", "warning", "error"):
        raise SettingsError(f"CRM_LOG_LEVEL must be debug, info, warning or error, not {settings.log_level!r}.")
    if len(settings.phone_region) != 2 or not settings.phone_region.isupper():
        raise SettingsError(f"CRM_PHONE_REGION must be two capital letters such as CN, not {settings.phone_region!r}.")
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(f"CRM_TIMEZONE must be a name such as Asia/Shanghai, not {settings.timezone!r}.") from error


_SCHEMES = {
    "database_url": ("postgresql", "postgres", "postgresql+psycopg"),
    "database_owner_url": ("postgresql", "postgres", "postgresql+psycopg"),
    "redis_url": ("redis", "rediss", "unix"),
    "storage_url": ("s3",),
    "mail_url": ("smtp", "smtps"),
    "base_url": ("http", "https"),
}


def _check_urls(settings: Settings) -> None:
    for name, schemes in _SCHEMES.items():
        url = getattr(settings, name)
        if url and (urlsplit(url).scheme not in schemes or "://" not in url):
            raise SettingsError(f"{_env(name)} must begin with {' or '.join(s + '://' for s in schemes)}.")
    if settings.database_owner_url and not urlsplit(settings.database_url).username:
        raise SettingsError("With DATABASE_OWNER_URL, DATABASE_URL must name the user that the program signs in as.")


def _check_secret(settings: Settings) -> None:
    if settings.secret_key and len(settings.secret_key) < 32:
        raise SettingsError("CRM_SECRET_KEY must have at least 32 characters.")
    if settings.metrics_token and len(settings.metrics_token) < 20:
        raise SettingsError("CRM_METRICS_TOKEN must have at least 20 characters.")
    if any(len(each) < 32 for each in settings.field_keys.split()):
        raise SettingsError("Each secret in CRM_FIELD_KEYS must have at least 32 characters, with blanks between them.")


def _check_folder(settings: Settings) -> None:
    if settings.backup_to and not Path(settings.backup_to).is_absolute():
        raise SettingsError(f"CRM_BACKUP_TO must be a whole path from the root, not {settings.backup_to!r}.")


def _env(name: str) -> str:
    return next(each.metadata["env"] for each in fields(Settings) if each.name == name)
