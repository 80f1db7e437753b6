"""Whatever is killed while mail goes out, each mail arrives once: real server, real workers, kill −9."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import text

from crm.domain.customers import actions as customers
from crm.domain.mail.models import MailRow
from crm.domain.notifications.actions import Kind, News, notify
from crm.infra.db import db
from crm.infra.embedded.process import spawn, wait_until
from crm.infra.queue import JOBS
from crm.infra.redis import connect
from tests.jobs.test_import_faults import PATIENCE, PAUSE, Machine, environment_of, machine
from tests.smtp import kept_in

__all__ = ["machine"]


@dataclass
class Post:
    """The mail server as a process that may be away."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    def begin(self) -> None:
        command = [sys.executable, "-m", "tests.smtp", str(self.port), str(self.folder)]
        self.process = spawn(command, orphaned=signal.SIGKILL)
        assert wait_until(self._answers, PATIENCE, pause=PAUSE)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture(scope="module")
def mailing(machine: Machine, tmp_path_factory) -> Iterator[tuple[Machine, Post]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        mail = Post(tmp_path_factory.mktemp("mail"), free.getsockname()[1])
    machine.settings = replace(machine.settings, mail_url=f"smtp://127.0.0.1:{mail.port}")
    assert environment_of(machine.settings)["CRM_MAIL_URL"]
    machine.kill_workers()  # the new ones know of it
    mail.begin()
    yield machine, mail
    mail.kill()


def write(machine: Machine, count: int) -> list[int]:
    """Somebody is told so often: ids of the mails."""
    person = machine.somebody()
    record = customers.create(person.actor, {"name": "Acme", "owner": person.id})
    before = db.session.scalar(text("SELECT coalesce(max(id), 0) FROM mails"))
    for n in range(count):
        notify(Kind.MENTIONED, [News(person.id, "customers", record, key=f"{person.id}:{n}")])
    db.session.commit()
    ids = list(db.session.scalars(text("SELECT id FROM mails WHERE id > :before"), {"before": before}))
    assert len(ids) == count
    return ids


def rows(ids: list[int]) -> list[MailRow]:
    db.session.rollback()
    return [db.session.get(MailRow, each, populate_existing=True) for each in ids]


def time_has_come(ids: list[int]) -> None:
    """As if the pauses were over."""
    due = text("UPDATE mails SET run_at = now() WHERE id = ANY(:ids) AND state = 'waiting'")
    db.session.rollback()
    db.session.execute(due, {"ids": ids})
    db.session.commit()


def ring(machine: Machine) -> None:
    """As the program does once a posting is kept; this process rings for other tests."""
    redis: Redis = connect(machine.settings)
    Queue("outbox", connection=redis, serializer=JSONSerializer).enqueue(JOBS["mail.send"])
    redis.close()


def once_each(mail: Post, ids: list[int]) -> None:
    assert wait_until(lambda: {each.state for each in rows(ids)} == {"sent"}, PATIENCE, pause=PAUSE)
    taken = kept_in(mail.folder)
    assert [taken[each.message_id] for each in rows(ids)] == [1] * len(ids)


def test_a_worker_killed_while_it_sends(mailing):
    machine, mail = mailing
    hold, held = mail.folder / "hold", mail.folder / "held"
    hold.touch()
    ids = write(machine, 3)
    ring(machine)
    assert wait_until(held.exists, PATIENCE, pause=PAUSE), "Nobody came to send it."
    machine.kill_workers()
    hold.unlink()
    time_has_come(ids)
    ring(machine)
    once_each(mail, ids)
    assert max(each.attempts for each in rows(ids)) == 2


def test_redis_emptied_while_mail_waits(mailing):
    machine, mail = mailing
    ids = write(machine, 2)
    redis: Redis = connect(machine.settings)
    redis.flushall()
    redis.close()
    once_each(mail, ids)


def test_a_mail_server_killed_for_a_while(mailing):
    machine, mail = mailing
    mail.kill()
    ids = write(machine, 3)
    ring(machine)
    assert wait_until(lambda: any(each.error for each in rows(ids)), PATIENCE, pause=PAUSE), "Nobody tried."
    assert {each.state for each in rows(ids)} == {"waiting"}
    machine.kill_redis()
    mail.begin()
    time_has_come(ids)
    ring(machine)
    once_each(mail, ids)
