"""Whatever people do between an import and its undoing: what nobody touched is as before, and the rest stays."""

import itertools
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crm.domain.customers import actions as customers_
from crm.domain.customers.actions import create_many
from crm.domain.customers.models import Customer
from crm.domain.undoing import actions
from crm.infra.db import db
from crm.jobs.undoing import sweep
from crm.kernel.access import unscoped
from tests.domain.imports.work import csv_of, ran

FIELDS = ("phone", "level", "remarks")
_VALUES = {"phone": ["", "+8613900139000", "+8613700137000"], "level": ["", "A", "B"], "remarks": ["", "one", "two"]}
_FILLED = st.tuples(*(st.sampled_from(_VALUES[key]) for key in FIELDS))
_EDIT = st.tuples(st.integers(0, 3), st.sampled_from(["level", "remarks"]), st.sampled_from(["c", None]))


_RUNS = itertools.count()


def looks(run: int) -> dict[str, dict[str, Any]]:
    with unscoped("a test looks at everything"):
        found = db.session.scalars(
            select(Customer).where(Customer.name.startswith(f"{run}N")).execution_options(populate_existing=True)
        ).all()
    return {each.name: {key: getattr(each, key) for key in FIELDS} | {"gone": bool(each.deleted_at)} for each in found}


@settings(
    max_examples=10, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    before=st.lists(_FILLED, min_size=2, max_size=2),
    rows=st.lists(st.tuples(st.integers(0, 3), _FILLED), min_size=1, max_size=6),
    edits=st.lists(_EDIT, max_size=4),
)
def test_what_nobody_touched_is_as_before_and_what_somebody_touched_stays(cast, before, rows, edits):
    """Two of four customers are there before; matched by name and phone, so the phone is left alone by most rows."""
    run = next(_RUNS)
    filled = [{k: v.lower() if k == "level" else v for k, v in zip(FIELDS, row, strict=True) if v} for row in before]
    create_many(cast.rep.actor, [{"name": f"{run}N{n}"} | {"phone": None} | each for n, each in enumerate(filled)])
    db.session.flush()
    was = looks(run)
    phones = {n: before[n][0] if n < len(before) else "" for n in range(4)}
    file = [[f"{run}N{n}", phones[n], level, remarks] for n, (_, level, remarks) in rows]
    import_ = ran(cast.rep.actor, csv_of(file), duplicates="update")
    brought = looks(run)
    touched: set[tuple[str, str]] = set()
    for n, key, value in edits:
        name = f"{run}N{n}"
        if name not in brought or (value is None and key == "level"):
            continue
        with unscoped("a test looks at everything"):
            one = db.session.scalars(select(Customer).where(Customer.name == name)).one()
        if customers_.change(cast.manager.actor, one, {key: value}):
            touched.add((name, key))
    edited = looks(run)
    if import_.created + import_.updated:
        actions.undo(cast.rep.actor, import_)
        db.session.flush()
        sweep()
    now = looks(run)
    for name, fields in now.items():
        by_people = {key for of, key in touched if of == name}
        if name not in was:  # the import made it
            assert fields["gone"] == (not by_people), name
            continue
        for key in FIELDS:
            stays = key in by_people and edited[name][key] != brought[name][key]
            assert fields[key] == (edited if stays else was)[name][key], (name, key)
