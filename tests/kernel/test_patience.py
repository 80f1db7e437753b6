"""A question that no index answers ends with a sentence, and the page that asked it goes on."""

from dataclasses import replace

import pytest
from sqlalchemy import event, func, select, text

from crm.domain.customers import actions
from crm.domain.customers.queries import CUSTOMERS
from crm.infra.db import db
from crm.kernel.asking import Query
from crm.kernel.kinds import FieldKind
from crm.kernel.operators import OPERATORS
from crm.kernel.pages import Count
from crm.kernel.patience import TooSlow, patience
from tests.domain.fields.making import made

INDEX = "ix_customers_custom"
PLANS = {
    FieldKind.TEXT: ("is", "A", "B"),
    FieldKind.NUMBER: ("is", "1", "2"),
    FieldKind.CHOICE: ("in", "gold,tin", "silver"),
    FieldKind.MULTI_CHOICE: ("has", "gold", "tin"),
    FieldKind.YES_NO: ("is", "yes", "no"),
    FieldKind.DATE: ("is", "2026-02-03", "2026-02-04"),
    FieldKind.PHONE: ("is", "13800138765", "13800138766"),
    FieldKind.EMAIL: ("is", "a@example.com", "b@example.com"),
}


def wait_for_ever(words, actor):
    """What stands for a million records: a search that sleeps at each."""
    return func.pg_sleep(60).is_not(None)


def test_a_question_given_up_leaves_the_transaction_as_it_was(cast):
    before = db.session.scalar(text("SHOW statement_timeout"))
    with pytest.raises(TooSlow, match="“Area, Age”"), patience(10, ["Area", "Age", "Area"]):
        db.session.execute(select(func.pg_sleep(60)))
    with patience(60_000, ["Area"]):
        assert db.session.scalar(text("SHOW statement_timeout")) == "1min"
    assert db.session.scalar(text("SHOW statement_timeout")) == before


def test_a_list_gives_up_only_where_it_asks_for_a_field_of_the_companys_own(cast):
    field = made(cast.administrator.actor, FieldKind.NUMBER, "Area")
    actions.create(cast.rep.actor, {"name": "Acme", field.key: "7"})
    db.session.commit()
    slow, actor = replace(CUSTOMERS, search=wait_for_ever), cast.rep.actor
    asked = Query(search="x", filters=((field.key, "min", "1"),))
    with pytest.raises(TooSlow, match="Area"):
        slow.page(actor, asked)
    grouped = Query(search="x", groups=(((field.key, "min", "1"), ("level", "is", "a")),))
    with pytest.raises(TooSlow, match="Area"):
        slow.page(actor, grouped)
    assert slow.count(actor, asked, least=25) == Count(25, more=True)
    assert [row.name for row in CUSTOMERS.page(actor, replace(asked, search="")).rows] == ["Acme"]
    assert CUSTOMERS.count(actor, replace(asked, search="")) == Count(1)


@pytest.mark.parametrize("kind", PLANS)
def test_equal_values_of_any_field_are_found_by_one_index(cast, kind):
    operator, value, other = PLANS[kind]
    assert operator in OPERATORS[kind]
    field = made(cast.administrator.actor, kind)
    actor = cast.rep.actor
    spec = CUSTOMERS.open_to(actor)
    asked = spec.select(actor, Query(filters=((field.key, operator, value),))).with_only_columns(CUSTOMERS.entity.id)
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    others = "SELECT indexname FROM pg_indexes WHERE tablename = 'customers' AND indexname ~ '^ix' AND indexname <> :it"
    for name in list(db.session.scalars(text(others), {"it": INDEX})):  # a small table is as well read by any of them
        db.session.execute(text(f"DROP INDEX {name}"))
    connection = db.session.connection()

    def explained(conn, cursor, statement, parameters, context, many):
        return "EXPLAIN " + statement, parameters

    event.listen(connection, "before_cursor_execute", explained, retval=True)
    try:
        plan = "\n".join(map(str, db.session.scalars(asked)))
    finally:
        event.remove(connection, "before_cursor_execute", explained)
    assert INDEX in plan
