"""PostgreSQL and Redis of our own under the instance folder, for whoever gives no address of real ones."""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm.config import Settings
from crm.infra.embedded import postgres, redis
from crm.infra.embedded.paths import place
from crm.infra.embedded.process import Server

# For tests and measurements that may lose everything at a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}


@dataclass
class Servers:
    """The addresses, and the processes behind those that are ours."""

    database_url: str = ""
    database_owner_url: str = ""
    redis_url: str = ""
    processes: list[Server] = field(default_factory=list)
    notice: str = ""

    def applied(self, settings: Settings) -> Settings:
        """The settings with the addresses filled in."""
        return replace(
            settings,
            database_url=self.database_url,
            database_owner_url=self.database_owner_url,
            redis_url=self.redis_url,
        )

    def stop(self, *, adopted: bool = False) -> None:
        """Stop what was started here, last first; with `adopted` also what was found running."""
        for server in reversed(self.processes):
            if server.started or adopted:
                server.stop()


def start(
    settings: Settings,
    *,
    only: Sequence[str] = ("postgres", "redis"),
    tuning: Mapping[str, str] | None = None,
    end_with_parent: bool = True,
) -> Servers:
    """Start or adopt what `only` names and the settings give no address for.

    `tuning` overrides PostgreSQL parameters. `end_with_parent`: on Linux the servers shut down when
    the calling process dies, however it dies; elsewhere the next start adopts them.
    Raises SettingsError with a sentence when a server cannot be found or started.
    """
    servers = Servers(normalised(settings.database_url), normalised(settings.database_owner_url), settings.redis_url)
    wanted = [n for n, given in (("postgres", settings.database_url), ("redis", settings.redis_url)) if not given]
    wanted = [name for name in wanted if name in only]
    if not wanted:
        return servers
    where = place(settings.instance)
    servers.notice = where.notice
    try:
        if "postgres" in wanted:
            orphaned = signal.SIGINT if end_with_parent else None
            server = postgres.start(settings, where, tuning or {}, orphaned=orphaned)
            servers.processes.append(server)
            servers.database_url = postgres.url(where.sockets, postgres.USER)
            servers.database_owner_url = postgres.url(where.sockets, postgres.OWNER)
        if "redis" in wanted:
            orphaned = signal.SIGTERM if end_with_parent else None
            servers.redis_url, server = redis.start(settings, where, orphaned=orphaned)
            servers.processes.append(server)
    except BaseException:
        servers.stop()
        raise
    return servers


def normalised(url: str) -> str:
    """A PostgreSQL address in the spelling SQLAlchemy needs for psycopg 3."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if separator and scheme in ("postgres", "postgresql") else url
