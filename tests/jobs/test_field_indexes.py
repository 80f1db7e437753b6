"""The index of a field is built by a worker beside the work of others, and the list uses it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, text

from crm.domain.fields import indexes
from crm.domain.fields.building import percent_at, percent_built
from crm.domain.fields.models import FieldDefinition
from crm.infra.db import db
from crm.infra.embedded.process import wait_until
from crm.jobs.fields import build_indexes
from crm.kernel.access import NOBODY
from crm.kernel.kinds import FieldKind

KINDS = sorted([*indexes.SORTABLE, FieldKind.ENCRYPTED])


@pytest.fixture
def committed(migrated):
    """CONCURRENTLY waits for every open transaction: this test commits and clears away what it made."""
    db.session.remove()
    rows = [
        FieldDefinition(
            record_type="customers", key=f"x_{kind}", label={"en": kind}, kind=kind, section="basics", position=1
        )
        for kind in KINDS
    ]
    db.session.add_all(rows)
    db.session.commit()
    yield rows
    db.session.rollback()
    for kind in KINDS:
        db.session.execute(text(f"DROP INDEX IF EXISTS ix_customers_x_{kind}"))
    db.session.execute(delete(FieldDefinition))
    db.session.commit()
    db.session.remove()


def test_indexes_are_built_once_asked_for_and_answer_the_order_of_a_list(committed):
    for each in committed:
        if each.kind in indexes.SORTABLE:
            indexes.make_sortable(NOBODY, each)
        else:
            each.index_state = indexes.wanted(FieldKind(each.kind))
    db.session.commit()
    assert build_indexes() == len(KINDS)
    assert {each.index_state for each in committed} == {indexes.READY}
    assert build_indexes() == 0
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    db.session.execute(text("SET LOCAL enable_sort = off"))
    for each in committed:
        kind, at = each.kind, indexes.expression(each)
        asked = f"SELECT id FROM customers WHERE deleted_at IS NULL AND ({at}) IS NOT NULL ORDER BY {at}, id LIMIT 5"
        plan = "\n".join(db.session.scalars(text("EXPLAIN " + asked)))
        assert f"ix_customers_x_{kind}" in plan, plan


def test_what_cannot_be_built_says_so_and_may_be_asked_for_again(committed):
    number = next(each for each in committed if each.kind == "number")
    indexes.make_sortable(NOBODY, number)
    db.session.execute(
        text(
            "INSERT INTO customers (number, name, type, name_key, sort_key, search, search_text, custom)"
            " VALUES ('X1', 'x', 'company', 'x', 'x', '', 'x', '{\"x_number\": \"much\"}')"
        )
    )
    db.session.commit()
    try:
        build_indexes()
        assert number.index_state == indexes.FAILED
        assert not db.session.scalar(text("SELECT to_regclass('ix_customers_x_number')::text")), (
            "nothing is left behind"
        )
    finally:
        db.session.execute(text("DELETE FROM customers WHERE number = 'X1'"))
        db.session.commit()
    indexes.make_sortable(NOBODY, number)
    db.session.commit()
    assert build_indexes() == 1
    assert number.index_state == indexes.READY


def test_how_far_it_is_comes_from_the_database_while_it_is_built(committed):
    """A transaction that has written and is still open keeps the build waiting: long enough to look."""
    number = next(each for each in committed if each.kind == "number")
    indexes.enter(number, indexes.BUILDING)
    assert percent_built(number) is None, "nobody builds it yet"
    db.session.commit()
    engine = db.engine
    with engine.connect() as writer, engine.connect().execution_options(isolation_level="AUTOCOMMIT") as builder:
        writer.execute(text("UPDATE customers SET name = name WHERE id = -1"))
        statement = indexes.building(number)[1]
        with ThreadPoolExecutor(1) as beside:
            built = beside.submit(builder.execute, text(statement))
            try:
                assert wait_until(lambda: _percent(number) is not None, 30)
            finally:
                writer.rollback()
                db.session.rollback()  # the build waits for this transaction, too
            built.result(60)
    assert percent_built(number) is None


def _percent(definition):
    db.session.rollback()
    return percent_built(definition)


@pytest.mark.parametrize(
    ("phase", "share", "percent"),
    [
        ("initializing", 0, 0),
        ("waiting for writers before build", 0.5, 0),
        ("building index: scanning table", 0.5, 22),
        ("building index: loading tuples in tree", 1, 55),
        ("index validation: scanning table", 0.5, 82),
        ("waiting for old snapshots", 0, 99),
    ],
)
def test_percents_only_grow(phase, share, percent):
    assert percent_at(phase, share) == percent
