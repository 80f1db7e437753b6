"""The dry run says what the run would do, line by line, and keeps nothing."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from crm.domain.customers.models import Customer
from crm.domain.imports import actions, rehearsing, running
from crm.domain.imports.findings import ImportRehearsal, ImportTwin
from crm.domain.imports.models import ImportResult
from crm.domain.imports.states import State
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.access import unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Delivery, Event
from tests.domain.imports.work import again, checked, counts, csv_of, customers, outcomes, ran, run


def rehearsed(actor, import_, duplicates="skip"):
    actions.rehearse(actor, import_, duplicates=duplicates)
    db.session.commit()
    sweep()
    return again(import_.id)


def lines(import_):
    """Line → (outcome, before, sentence)."""
    found = db.session.scalars(select(ImportRehearsal).filter_by(import_id=import_.id))
    return {each.line: (each.outcome, each.before, (each.problem or {}).get("message")) for each in found}


def kept():
    """How much there is of all that a run leaves behind."""
    tables = (Customer.__table__, Delivery.__table__, ImportTwin.__table__)
    with unscoped("a test looks at everything"):
        rows = [db.session.scalar(select(func.count()).select_from(table)) for table in tables]
        told = select(func.count()).select_from(Event).where(Event.subject_type == "customers")
        numbers = db.session.scalar(text("SELECT last_value FROM customers_numbers"))
        return [*rows, db.session.scalar(told), numbers]


STORED = [["Acme", "13800138000", "C", ""], ["Beta", "", "", "kept"]]
ROWS = [
    ["Acme", "13800138000", "A", "new"],
    ["Gamma", "13900139000", "B", "one"],
    ["Delta", "12", "", ""],
    ["Gamma", "13900139000", "", "two"],
    ["Beta", "", "B", ""],
    ["Gamma", "13900139000", "C", ""],
]


@pytest.mark.parametrize("choice", ["skip", "update", "fill", "create"])
def test_it_says_what_the_run_then_does_and_keeps_nothing(cast, monkeypatch, choice):
    monkeypatch.setattr(running, "BATCH", 2)
    ran(cast.rep.actor, csv_of(STORED))
    import_ = checked(cast.rep.actor, csv_of(ROWS))
    customers_, deliveries, twins, told_, numbers = kept()
    import_ = rehearsed(cast.rep.actor, import_, choice)
    assert import_.state == State.CHECKED
    assert kept() == [customers_, deliveries + 1, twins, told_, numbers]  # a worker was called
    said = lines(import_)
    told = {line: outcome for line, (outcome, _, _) in said.items()}
    assert {key: import_.rehearsal[key] for key in ("created", "updated", "skipped", "failed")} == {
        key: list(told.values()).count(key) for key in ("created", "updated", "skipped", "failed")
    }
    if choice == "update":
        assert said[2][1] == {"level": "c", "remarks": None}  # as it stands here before
        assert said[7][1] == {"level": "b"}  # as the rows above would have left it
    run(cast.rep.actor, import_, choice)
    assert outcomes(import_) == told
    assert [each.number[-4:] for each in customers()][:2] == ["0001", "0002"]


def test_no_number_is_used_up(cast):
    import_ = checked(cast.rep.actor, csv_of(ROWS))
    rehearsed(cast.rep.actor, import_)
    assert customers() == []
    run(cast.rep.actor, again(import_.id))
    assert customers()[0].number.endswith("0001")


def test_it_can_be_cancelled_and_run_all_the_same(cast, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 2)
    import_ = checked(cast.rep.actor, csv_of(ROWS))
    actions.rehearse(cast.rep.actor, import_, duplicates="skip")
    db.session.commit()
    actions.cancel(cast.rep.actor, again(import_.id))
    db.session.commit()
    sweep()
    import_ = again(import_.id)
    assert (import_.state, import_.rehearsal, import_.cancel_requested) == (State.CHECKED, None, False)
    assert counts(run(cast.rep.actor, import_))["rows"] == 6


def test_it_needs_the_rights_of_the_run_and_says_so_when_they_are_gone(cast):
    import_ = checked(cast.rep.actor, csv_of(ROWS))
    with pytest.raises(RuleBroken, match="Only whoever brought"):
        actions.rehearse(cast.administrator.actor, import_, duplicates="skip")
    actions.rehearse(cast.rep.actor, import_, duplicates="skip")
    cast.rep.active = False
    db.session.commit()
    sweep()
    import_ = again(import_.id)
    assert import_.state == State.CHECKED
    assert "switched off" in import_.problem["message"]


CELLS = st.tuples(
    st.sampled_from(["Acme", "acme", "Beta", "Gamma", "", "a" * 300]),
    st.sampled_from(["", "13800138000", "13900139000", "1"]),
    st.sampled_from(["", "A", "B"]),
    st.sampled_from(["", "x", "y"]),
)


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(CELLS, min_size=1, max_size=12), st.sampled_from(["skip", "update", "fill", "create"]))
def test_whatever_the_file_the_run_does_what_it_said(cast, monkeypatch, rows, choice):
    monkeypatch.setattr(running, "BATCH", 3)
    import_ = checked(cast.rep.actor, csv_of([list(each) for each in rows]))
    if import_.rows == import_.invalid:
        return
    import_ = rehearsed(cast.rep.actor, import_, choice)
    said = lines(import_)
    import_ = run(cast.rep.actor, import_, choice)
    assert outcomes(import_) == {line: outcome for line, (outcome, _, _) in said.items()}
    again_said = {line: before or None for line, (outcome, before, _) in said.items() if outcome == "updated"}
    done = db.session.scalars(select(ImportResult).filter_by(import_id=import_.id, outcome="updated"))
    assert {each.line: each.before or None for each in done} == again_said


def test_more_earlier_rows_than_are_replayed_are_still_told_right_by_the_last(cast, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 2)
    monkeypatch.setattr(rehearsing, "REPLAYED", 2)
    rows = [["Acme", "13800138000", "ABC"[at % 3]] for at in range(9)]
    import_ = rehearsed(cast.rep.actor, checked(cast.rep.actor, csv_of(rows)), "update")
    assert [before for _, before, _ in lines(import_).values()][1:] == [{"level": "abc"[at % 3]} for at in range(8)]
