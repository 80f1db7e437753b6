"""Whatever is killed in the middle of an export, it ends by itself with one whole file of one moment."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from crm.domain.customers import actions as customers
from crm.domain.exports import actions, rows
from crm.domain.exports.actions import Wish
from crm.domain.exports.models import Export
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM, create_person
from crm.domain.people.models import Person
from crm.infra.db import db
from crm.infra.embedded.process import wait_until
from crm.infra.storage import storage_for
from crm.kernel.access import Reach
from crm.kernel.asking import Query
from crm.kernel.permissions import Permission
from tests.jobs.test_import_faults import PATIENCE, PAUSE, Machine, machine
from tests.jobs.test_pool_faults import alone, at_once, somebody

__all__ = ["alone", "machine"]
ROWS = 6_000  # more than are written at once
FIELDS = ("name", "number", "owner", "created", "updated", "level", "phone", "remarks", "industry", "region")


def look(export_id):
    """The export as it stands, if there is a database to ask."""
    try:
        db.session.rollback()
        return db.session.get(Export, export_id, populate_existing=True)
    except DBAPIError:
        db.session.rollback()
        return None


def held_up():
    """Whether somebody waits to tell of the file."""
    db.session.rollback()
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%notifications%'"
    return db.session.scalar(text(waiting))


def test_a_file_is_of_one_moment_and_its_writing_changes_nothing(machine: Machine):
    count, another = (
        text("SELECT count(*) FROM departments"),
        text("INSERT INTO departments (name, path) VALUES ('x', '/')"),
    )
    db.session.rollback()
    rows.one_snapshot()
    before = db.session.scalar(count)
    with db.engine.begin() as meanwhile:
        meanwhile.execute(another)
    assert db.session.scalar(count) == before
    with pytest.raises(DBAPIError, match="read-only"):
        db.session.execute(another)
    db.session.rollback()
    assert db.session.scalar(count) == before + 1


def files(machine: Machine):
    return sorted((machine.settings.instance.resolve() / "uploads").rglob("*.jsonl"))


@pytest.mark.parametrize("part", ["workers", "postgres"])
def test_a_kill_in_the_middle_leaves_one_whole_file(machine: Machine, part):
    somebody = create_person(SYSTEM, email=f"{part}@example.com", name="Exporter", role="sales_manager")
    db.session.commit()
    actor = somebody.actor
    customers.create_many(actor, [{"name": f"公司{n}"} for n in range(ROWS)])
    mine = Query(filters=(("owner", "is", somebody.email),))
    export_id = actions.ask(actor, Wish("customers", mine, FIELDS, "keys", "jsonl")).id
    before = len(files(machine))
    with db.engine.connect() as holding:
        holding.execute(text("LOCK TABLE notifications IN SHARE MODE"))  # the file is written, and nothing said of it
        db.session.commit()
        assert wait_until(held_up, PATIENCE, pause=PAUSE), "Nobody came to write it."
        assert look(export_id).finished_at is None
        getattr(machine, f"kill_{part}")()
        holding.invalidate()
    assert len(files(machine)) == before + 1, "stored by a worker that died before it could say so"
    done = wait_until(lambda: (now := look(export_id)) and now.finished_at and now, PATIENCE, pause=PAUSE)
    assert (done.problem, done.total, done.written) == (None, ROWS, ROWS) and done.attempts > 1
    with storage_for(machine.settings).open(done.storage_key) as file:
        names = [json.loads(line).get("name") for line in file]
    assert len(files(machine)) == before + 1, "the file of the attempt that failed is gone"
    assert len(names) == ROWS + 1 and set(names[:-1]) == {f"公司{n}" for n in range(ROWS)}
    counted = "SELECT count(*) FROM events WHERE name = 'export.written' AND subject_id = :id"
    told = "SELECT count(*) FROM notifications WHERE kind = 'exported' AND subject_id = :id"
    assert [db.session.scalar(text(each), {"id": export_id}) for each in (counted, told)] == [1, 1]


def test_of_two_asked_for_at_one_moment_the_limit_of_a_day_allows_one(alone):
    me = somebody("taker")
    role = granting.create_role(SYSTEM, name="Taker")
    reach = {Permission.CUSTOMERS_READ: Reach.ALL, Permission.CUSTOMERS_EXPORT: Reach.ALL}
    granting.change_role(SYSTEM, role, name="", reach=reach, fields={}, limits={"exports_a_day": 1})
    granting.give_roles(SYSTEM, me, [role])
    db.session.commit()
    app, mine = alone[0], me.id

    def asking(ready):
        actor = db.session.get_one(Person, mine).actor
        ready.wait(60)
        actions.ask(actor, Wish("customers", Query(), ("name",), "keys", "csv"))

    def held():
        db.session.rollback()
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return db.session.scalar(text(waiting)) == 2

    with db.engine.connect() as holding, ThreadPoolExecutor(1) as beside:
        holding.execute(text("LOCK TABLE exports IN SHARE MODE"))  # what there are is counted, and none is written
        told = beside.submit(at_once, app, asking, asking)
        assert wait_until(held, PATIENCE, pause=PAUSE)
        holding.rollback()
        told = told.result(60)
    assert sorted(bool(each) for each in told) == [False, True] and "exports a day" in max(told)
    assert db.session.scalar(text("SELECT count(*) FROM exports")) == 1
