"""Whatever is killed in the middle of a change of many records, each of them is changed exactly once."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from crm.domain.bulk import actions
from crm.domain.bulk.deeds import DEEDS
from crm.domain.bulk.models import BulkChange, State
from crm.domain.customers import actions as customers
from crm.domain.customers.record_type import CUSTOMER
from crm.infra.db import db
from crm.infra.embedded.process import wait_until
from crm.kernel.asking import Query
from tests.jobs.test_import_faults import PATIENCE, PAUSE, Machine, machine

__all__ = ["machine"]
ROWS = 1_600  # eight batches


def look(bulk_id):
    """The change as it stands, if there is a database to ask."""
    try:
        db.session.rollback()
        return db.session.get(BulkChange, bulk_id, populate_existing=True)
    except DBAPIError:
        db.session.rollback()
        return None


@pytest.mark.parametrize("part", ["workers", "redis", "postgres"])
def test_a_kill_in_the_middle_leaves_no_trace(machine: Machine, part):
    actor = machine.somebody().actor
    customers.create_many(actor, [{"name": f"公司{n}"} for n in range(ROWS)])
    bulk_id = actions.start(actor, CUSTOMER, DEEDS["edit"], asked=Query(), values={"level": "a"}).id
    db.session.commit()
    found = wait_until(lambda: (now := look(bulk_id)) and now.reached and now, PATIENCE, pause=0.005)
    assert found.state == State.RUNNING, "It was over before anything could be killed: give it more rows."
    getattr(machine, f"kill_{part}")()
    done = wait_until(lambda: (now := look(bulk_id)) and now.state != State.RUNNING and now, PATIENCE, pause=PAUSE)
    assert (done.state, done.total, done.changed) == (State.DONE, ROWS, ROWS)
    params = {"owner": actor.id, "id": bulk_id}
    told = db.session.scalar(
        text("SELECT count(DISTINCT subject_id) || '/' || count(*) FROM events WHERE name = 'customer.changed' "
             "AND actor_id = :owner"), params
    )  # fmt: skip
    level = db.session.scalar(text("SELECT count(*) FROM customers WHERE owner_id = :owner AND level = 'a'"), params)
    ends = db.session.scalar(
        text("SELECT count(*) FROM events WHERE name = 'bulk.finished' AND subject_id = :id"), params
    )
    assert (told, level, ends) == (f"{ROWS}/{ROWS}", ROWS, 1)
