"""Of two who wait for each other PostgreSQL ends one: the program asks again, and nobody learns of it."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from flask import flash, g, get_flashed_messages, make_response, request, session
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from crm import create_app
from crm.domain.customers import actions as customers
from crm.domain.people import actions as people
from crm.domain.people.actions import SYSTEM
from crm.domain.tasks.models import Task
from crm.domain.tickets import actions as tickets
from crm.domain.tickets.models import Ticket
from crm.infra.db import db
from crm.infra.embedded.process import wait_until
from crm.kernel.access import unscoped
from crm.kernel.events import Event
from crm.web.repeating import until_kept
from tests.cast import sign_in
from tests.databases import migrated_database

ENDED = "DO $$ BEGIN RAISE EXCEPTION 'ended' USING ERRCODE = '%s'; END $$"


def ended(times, code="40P01"):
    """A piece of work that PostgreSQL ends so many times, and which says, notes and reads something each time."""
    seen = []

    def work():
        seen.append((request.files["file"].read(), session.get("tries"), g.get("tries")))
        session["tries"] = g.tries = len(seen)
        flash("Saved")
        if len(seen) <= times:
            db.session.execute(text(ENDED % code))
        return make_response("done")

    return work, seen


@pytest.fixture
def asked(app):
    with app.test_request_context("/", method="POST", data={"file": (BytesIO(b"whole"), "a.csv")}):
        flash("From before")
        yield


def test_each_time_begins_from_the_beginning(asked):
    work, seen = ended(2)
    assert until_kept(work).get_data(as_text=True) == "done"
    assert seen == [(b"whole", None, None)] * 3
    assert get_flashed_messages() == ["From before", "Saved"]


@pytest.mark.parametrize(("times", "code", "tried"), [(3, "40P01", 3), (3, "40001", 3), (1, "57014", 1)])
def test_what_is_ended_again_and_again_or_for_another_reason_is_told(asked, times, code, tried):
    work, seen = ended(times, code)
    with pytest.raises(OperationalError):
        until_kept(work)
    assert len(seen) == tried


def test_a_task_is_done_whose_ticket_somebody_has_in_hand_who_waits_for_the_task(settings):
    """Real connections: the request holds the task and waits for the ticket, the other way round beside it."""
    with migrated_database(settings, "crm_repeating") as own:
        url = make_url(own.database_owner_url).set(username="postgres")
        beside = create_engine(url)
        with beside.begin() as connection:  # whoever waits first is the one that is ended, even on a slow machine
            connection.execute(text("ALTER DATABASE crm_repeating SET deadlock_timeout = '3s'"))
        app = create_app(own)
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context(), ThreadPoolExecutor(1) as pool, beside.connect() as other:
            boss = people.create_person(SYSTEM, email="boss@example.com", name="Boss", role="administrator")
            customer = customers.create(boss.actor, {"name": "Acme", "owner": boss.id})
            ticket_id = tickets.create(boss.actor, {"name": "It smokes", "customer": customer, "needs_sales": True})
            db.session.commit()
            with unscoped("a test looks at everything"):
                task_id = db.session.scalar(select(Ticket.sales_task_id).where(Ticket.id == ticket_id))
            client = sign_in(app.test_client(), boss)
            db.session.commit()
            other.execute(text("SET deadlock_timeout = '1min'"))
            other.execute(text("SELECT FROM tickets WHERE id = :id FOR UPDATE"), {"id": ticket_id})
            answer = pool.submit(client.post, f"/tasks/{task_id}/completion", data={"reason": "Looked after"})
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            assert wait_until(lambda: other.scalar(waiting), 60)
            other.execute(text("UPDATE tasks SET remarks = 'Beside' WHERE id = :id"), {"id": task_id})
            other.commit()
            assert answer.result(60).status_code == 303
            with unscoped("a test looks at everything"):
                task = db.session.get_one(Task, task_id, populate_existing=True)
            assert (task.status, task.remarks) == ("done", "Beside")
            reasons = db.session.scalars(select(Event.reason).where(Event.reason.is_not(None))).all()
            assert set(reasons) == {"Looked after"}
            db.session.remove()
            db.engine.dispose()
        beside.dispose()
