"""The real program for browser tests: started by its own supervisor in a folder of its own, on a port of its own.

Tests prepare what they need through the domain's own verbs, in this process, and look at the result in a browser.
"""

import datetime as dt
import os
import re
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from crm.config import Settings
from crm.demo import customers as demo
from crm.demo.follow_ups import dealings
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.mail_templates import models  # noqa: F401 - a table that others lead to
from crm.domain.people import actions as people
from crm.domain.people import structure
from crm.domain.people.models import Department, Person
from crm.domain.people.queries import by_email
from crm.domain.tickets import actions as tickets
from crm.domain.tickets.answering import Said, say
from crm.domain.tickets.models import Ticket
from crm.domain.timeline import actions as timeline
from crm.infra import clock, embedded
from crm.infra.db import db, engine_options
from crm.infra.embedded.process import spawn, wait_until
from crm.infra.secret import secret_key
from crm.kernel.access import Actor
from tests import template
from tests.cast import PASSWORD, sit
from tests.databases import shaped_apart

PROJECT = Path(__file__).resolve().parents[2]
_GREETING = re.compile(r"runs at (http://\S+) ")
_SETUP = re.compile(r"administrator at (http\S+)")
_OURS = ("CRM_", "DATABASE_URL", "REDIS_URL")


@dataclass(frozen=True)
class Someone:
    """A person of the system, as a test knows them."""

    id: int
    name: str
    email: str
    actor: Actor
    language: str = "en"

    @property
    def label(self) -> str:
        return f"{self.name} ({self.email})"


class System:
    """`with System() as system:` – everything runs, nobody has an account."""

    def __init__(self, **settings: Any) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="crm-e2e-")
        os.chmod(self._folder.name, 0o755)  # the account PostgreSQL runs as must get through
        given = {"port": 0, "web_processes": 1, "web_threads": 12, "streams": 4, "workers": 1, "testing": True}
        self.settings = Settings(instance=Path(self._folder.name) / "instance", **(given | settings))
        self._log = Path(self._folder.name) / "log"
        self.number = 0

    def __enter__(self) -> Self:
        template.lay_ready(self.settings.instance)
        with self._log.open("wb") as log:
            command = [sys.executable, "-m", "tests.e2e.server"]
            self.process = spawn(command, orphaned=signal.SIGTERM, env=self._environment(), cwd=PROJECT, output=log)
        greeting = wait_until(lambda: _GREETING.search(self.log()) or self.process.poll() is not None, 90)
        if not isinstance(greeting, re.Match):
            said = self.log()[-4000:]
            self.__exit__()
            raise RuntimeError(f"The system did not start:\n{said}")
        self.url = greeting[1]
        self.setup_url = wait_until(lambda: _SETUP.search(self.log()), 10)[1]
        self.app = self._app()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        if app := getattr(self, "app", None):
            with app.app_context():
                db.engine.dispose()
        self._folder.cleanup()

    def _environment(self) -> dict[str, str]:
        plain = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
        return plain | {
            "CRM_INSTANCE": str(self.settings.instance),
            "CRM_PORT": str(self.settings.port),
            "CRM_WEB_PROCESSES": str(self.settings.web_processes),
            "CRM_WEB_THREADS": str(self.settings.web_threads),
            "CRM_STREAMS": str(self.settings.streams),
            "CRM_WORKERS": str(self.settings.workers),
        }

    def _app(self) -> Flask:
        """Only the database: what else a process has one of (queue, limiter) belongs to the other tests in it."""
        self.settings = embedded.start(self.settings).applied(self.settings)  # adopts the running ones
        app = Flask("tests.e2e")
        app.secret_key = secret_key(replace(self.settings, secret_key=""))
        app.config["SQLALCHEMY_DATABASE_URI"] = self.settings.database_url
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(2)
        db.init_app(app)
        shaped_apart(self.settings)
        return app

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    @contextmanager
    def acting(self) -> Iterator[Any]:
        """Whatever is done in here through the domain's verbs is committed at its end."""
        with self.app.app_context():
            yield db.session
            db.session.commit()

    def person(self, name: str = "Rep", role: str = "sales_rep", *, department: str = "", **chosen: Any) -> Someone:
        """Somebody new, whose customers are nobody else's; `chosen` are preferences."""
        self.number += 1
        email = f"{re.sub(r'[^a-z]', '', name.lower()) or 'p'}{self.number}@example.com"
        with self.acting():
            place = structure.create_department(people.SYSTEM, name=department) if department else None
            assert place is None or isinstance(place, Department)
            made = people.create_person(
                people.SYSTEM, email=email, name=name, role=role, password=PASSWORD, department=place
            )
            if chosen:
                people.change_preferences(made.actor, made, **chosen)
            db.session.flush()
            return _someone(made)

    def cookies(self, who: Someone) -> list[Any]:
        """The cookie of somebody who has signed in."""
        serializer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert serializer is not None
        with self.acting() as session:
            key = sit(session.get_one(Person, who.id))
        value = serializer.dumps({"_user_id": key, "_fresh": True})
        return [{"name": "crm_session", "value": value, "url": self.url, "httpOnly": True, "sameSite": "Lax"}]

    def customers(self, who: Someone, *rows: Mapping[str, Any]) -> list[int]:
        """New customers of this person; `rows` hold values by field key."""
        with self.acting():
            return customers.create_many(who.actor, rows)

    def believable_customers(self, who: Someone, count: int) -> list[int]:
        """As full of words as real ones are."""
        return self.customers(who, *(each.values for each in demo.customers(7, count)))

    def believable_timeline(self, who: Someone, customer_id: int, count: int) -> None:
        now = clock.now()
        sketches = list(demo.customers(7, 10 * count))
        found = dealings(7, sketches, [now - dt.timedelta(days=100)] * len(sketches), now, "Asia/Shanghai")
        with self.acting() as session:
            customer = session.scalars(Customer.visible_to(who.actor).where(Customer.id == customer_id)).one()
            for each in found[:count]:
                timeline.add_follow_up(who.actor, customer, each.values)
                session.commit()

    def follow_ups(self, who: Someone, customer_id: int, bodies: Sequence[str]) -> None:
        """One follow-up each, the last of them the newest."""
        with self.acting() as session:
            customer = session.scalars(Customer.visible_to(who.actor).where(Customer.id == customer_id)).one()
            for body in bodies:
                timeline.add_follow_up(who.actor, customer, {"kind": "call", "body": body})
                session.commit()

    def put_into_bin(self, who: Someone, customer_id: int) -> None:
        with self.acting() as session:
            customer = session.scalars(Customer.visible_to(who.actor).where(Customer.id == customer_id)).one()
            customers.delete(who.actor, customer)

    def ticket(self, who: Someone, customer_id: int) -> int:
        """One of theirs about the customer, answered and looked after by sales; returns its id."""
        with self.acting() as session:
            values = {"name": "Something smokes", "type": "complaint", "customer": customer_id, "owner": who.id}
            id_ = tickets.create(who.actor, values | {"description": "Since Monday.", "priority": "urgent"})
            one = session.scalars(Ticket.visible_to(who.actor).where(Ticket.id == id_)).one()
            say(who.actor, one, Said({"kind": "email", "body": "We are on it."}, public=True, status="waiting"))
            tickets.change(who.actor, one, {"needs_sales": True})
            tickets.create(who.actor, {"name": "The lamp too", "customer": customer_id, "owner": who.id})
            return id_

    def customers_of(self, who: Someone) -> list[Customer]:
        with self.acting() as session:
            found = list(session.scalars(Customer.visible_to(who.actor).order_by(Customer.id)))
            session.expunge_all()  # so that they can be read after the commit
            return found

    def known(self, email: str) -> Someone:
        with self.acting():
            found = by_email(email)
            assert found is not None
            return _someone(found)


def _someone(person: Person) -> Someone:
    return Someone(person.id, person.name, person.email, person.actor, person.language or "en")
