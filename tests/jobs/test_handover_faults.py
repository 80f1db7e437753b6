"""A worker that is killed in the middle of a hand-over leaves nothing by half, and the next one goes on."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from crm.domain.customers import actions as customers
from crm.domain.handover import actions
from crm.domain.handover.models import Handover, State
from crm.domain.people import actions as people
from crm.domain.people.actions import SYSTEM
from crm.infra.db import db
from crm.infra.embedded.process import wait_until
from tests.jobs.test_import_faults import PATIENCE, PAUSE, Machine, machine

__all__ = ["machine"]
ROWS = 6_000  # six batches


def look(handover_id):
    """The hand-over as it stands, if there is a database to ask."""
    try:
        db.session.rollback()
        return db.session.get(Handover, handover_id, populate_existing=True)
    except DBAPIError:
        db.session.rollback()
        return None


@pytest.mark.parametrize("part", ["workers", "postgres"])
def test_a_kill_in_the_middle_leaves_no_trace(machine: Machine, part):
    people.create_person(SYSTEM, email=f"{part}@example.com", name="Boss", role="administrator")  # somebody must stay
    leaving, staying = machine.somebody(), machine.somebody()
    customers.create_many(leaving.actor, [{"name": f"公司{n}"} for n in range(ROWS)])
    handover_id = actions.deactivate(SYSTEM, leaving, staying).id
    ids = {"leaving": leaving.id, "staying": staying.id, "handover": handover_id}
    db.session.commit()
    found = wait_until(lambda: (now := look(handover_id)) and now.given and now, PATIENCE, pause=0.005)
    assert found.state == State.GIVING, "It was over before anything could be killed: give it more rows."
    getattr(machine, f"kill_{part}")()
    done = wait_until(lambda: (now := look(handover_id)) and not now.is_under_way and now, PATIENCE, pause=PAUSE)
    assert (done.state, done.given) == (State.DONE, ROWS)
    told = "SELECT count(DISTINCT subject_id) || '/' || count(*) FROM events WHERE payload->>'handover_id' = :handover"
    assert db.session.scalar(text(told), {"handover": str(handover_id)}) == f"{ROWS}/{ROWS}"
    owned = "SELECT count(*) FILTER (WHERE owner_id = :staying) || '/' || count(*) FROM customers"
    mine = "WHERE owner_id IN (:leaving, :staying)"
    assert db.session.scalar(text(f"{owned} {mine}"), ids) == f"{ROWS}/{ROWS}"
    items = "SELECT count(*) FROM handover_items WHERE handover_id = :handover"
    assert db.session.scalar(text(items), ids) == ROWS
