"""A sample of an import: a seed draws the same rows, in proportion; judged together, signed, and what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crm.domain.customers.actions import create_many
from crm.domain.imports.models import ImportResult
from crm.domain.notifications.models import Notification
from crm.domain.sampling import actions
from crm.domain.sampling.actions import _proportional
from crm.domain.sampling.bounds import most_wrong
from crm.domain.sampling.queries import counts, next_line, row_of, rows_of, sample_for
from crm.infra.db import db
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event
from tests.domain.imports.work import csv_of, ran


@pytest.fixture
def import_(cast):
    """Ninety new customers and ten that were there."""
    create_many(cast.rep.actor, [{"name": f"Old {n}"} for n in range(10)])
    rows = [[f"Old {n}", "", "B", "x"] for n in range(10)] + [[f"New {n}", "", "A", "x"] for n in range(90)]
    return ran(cast.rep.actor, csv_of(rows), duplicates="update")


@pytest.mark.parametrize(
    ("wrong", "of", "bound"),
    [(0, 400, 0.00746), (0, 300, 0.00994), (1, 100, 0.04656), (2, 50, 0.12061), (10, 100, 0.16372), (0, 59, 0.0495)],
)
def test_the_bound_is_that_of_the_tables(wrong, of, bound):
    """Clopper and Pearson's exact one-sided bounds of 95 %; 59 is the size of the old rule “none of 59: under 5 %”."""
    assert most_wrong(wrong, of) == pytest.approx(bound, abs=0.0001)


def test_the_bound_of_nothing_is_everything():
    assert most_wrong(0, 0) == most_wrong(7, 7) == 1.0


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.integers(1, 400))
def test_parts_are_in_proportion_and_add_up(created, updated, size):
    size = min(size, created + updated)
    found = _proportional({"created": created, "updated": updated}, size)
    assert sum(found.values()) == size
    parts = {"created": created, "updated": updated}
    for key, count in found.items():
        assert 0 <= count <= parts[key]
        assert abs(count - size * parts[key] / (created + updated)) < 2
        assert count >= 1 or size == 1


def test_the_same_seed_draws_the_same_rows_of_every_kind(cast, import_):
    first = actions.draw(cast.rep.actor, import_, size=20, seed=7)
    rows = [(each.line, each.outcome) for each in rows_of(first)]
    assert [each for _, each in rows].count("updated") == 2 and len(rows) == 20
    again = actions.draw(cast.rep.actor, import_, size=20, seed=7)
    assert [(each.line, each.outcome) for each in rows_of(again)] == rows
    other = actions.draw(cast.rep.actor, import_, size=20, seed=8)
    assert [(each.line, each.outcome) for each in rows_of(other)] != rows
    did = {each.line: each.record_id for each in db.session.scalars(select(ImportResult))}
    assert all(did[each.line] == each.record_id for each in rows_of(first))
    with pytest.raises(Invalid, match="Between 1 and 100"):
        actions.draw(cast.rep.actor, import_, size=101)


def test_rows_are_judged_together_and_what_is_signed_stands(cast, import_):
    sample = actions.draw(cast.rep.actor, import_, size=4, seed=1)
    with pytest.raises(RuleBroken, match="at least one"):
        actions.sign(cast.rep.actor, import_, sample)
    with pytest.raises(RuleBroken, match="not asked"):
        actions.judge(cast.other_rep.actor, import_, sample, rows_of(sample)[0])
    assert sample_for(cast.other_rep.actor, sample.id) is None
    actions.share(cast.rep.actor, import_, sample, [cast.other_rep.id, cast.rep.id])
    told = db.session.scalars(select(Notification).filter_by(kind="verify")).all()
    assert [each.person_id for each in told] == [cast.other_rep.id]
    assert sample_for(cast.other_rep.actor, sample.id) == (import_, sample)
    one, two, three, four = rows_of(sample)
    actions.judge(cast.rep.actor, import_, sample, one)
    actions.judge(cast.other_rep.actor, import_, sample, two, wrong=["level", "nothing"], note="A was meant")
    assert (two.verdict, two.fields, two.note) == ("wrong", ["level"], "A was meant")
    with pytest.raises(RuleBroken, match="judged this row otherwise"):
        actions.judge(cast.rep.actor, import_, sample, two)
    assert next_line(cast.rep.actor, sample, one.line) == three.line
    with pytest.raises(RuleBroken, match="not thrown away"):
        actions.draw(cast.rep.actor, import_)
    with pytest.raises(Invalid, match="not in this sample"):
        actions.judge_paper(cast.rep.actor, import_, sample, {999})
    actions.judge_paper(cast.rep.actor, import_, sample, {four.line})
    now = counts(sample)
    assert (now.rows, now.judged, now.wrong, now.left, now.people) == (4, 4, 2, 0, 2)
    actions.sign(cast.other_rep.actor, import_, sample)
    assert (import_.verified_rows, import_.verified_wrong) == (4, 2)
    event = db.session.scalars(select(Event).filter_by(name="import.sample_signed")).one()
    assert (event.payload["checked"], event.payload["wrong"]) == (4, 2)
    for deed in (actions.judge, actions.sign):
        with pytest.raises(RuleBroken, match="is signed"):
            deed(cast.rep.actor, import_, sample, *([row_of(sample, one.line)] if deed is actions.judge else []))
    assert actions.draw(cast.rep.actor, import_).size == 20  # a tenth, but not under twenty
