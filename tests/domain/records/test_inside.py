"""What an older release kept is found inside its words after the migration."""

from typing import Any

import pytest
from sqlalchemy import text

from crm.domain.customers import actions as customers
from crm.domain.customers.queries import CUSTOMERS
from crm.domain.leads import actions as leads
from crm.domain.leads.queries import LEADS
from crm.domain.records.inside import add_inside
from crm.infra.db import db
from crm.kernel.asking import Query


def _forget(table: str, id_: int, tokens: str) -> None:
    words = {"tokens": tokens, "id": id_}
    db.session.execute(text(f"UPDATE {table} SET search = CAST(:tokens AS tsvector) WHERE id = :id"), words)


@pytest.mark.parametrize("table", ["customers", "leads"])
def test_names_of_an_older_release_are_found_inside_their_words(cast: Any, table: str) -> None:
    actor = cast.rep.actor
    if table == "customers":
        old, other = customers.create_many(actor, [{"name": "Microsoft"}, {"name": "微软"}])
        spec, texts = CUSTOMERS, ()
    else:
        old, other = leads.create_many(
            actor, [{"name": "Bill", "company": "Microsoft"}, {"name": "盖茨", "company": "微软"}]
        )
        spec, texts = LEADS, ("company",)
    _forget(table, old, "'microsoft'")
    before = db.session.execute(text(f"SELECT xmin, version FROM {table} WHERE id = :id"), {"id": other}).one()
    assert spec.page(actor, Query(search="soft")).rows == []

    assert add_inside(db.session.connection(), table, *texts) == 1

    assert [row.id for row in spec.page(actor, Query(search="soft")).rows] == [old]
    assert [row.id for row in spec.page(actor, Query(search="microsoft")).rows] == [old]
    assert db.session.execute(text(f"SELECT xmin, version FROM {table} WHERE id = :id"), {"id": other}).one() == before
