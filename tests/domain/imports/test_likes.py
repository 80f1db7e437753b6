"""Rows that are only alike: found in the base and in the file, decided one by one or by score, merged."""

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bench.spoiling import SPOILT
from crm.demo.customers import customers as customers_of
from crm.domain.imports import actions, blocking, comparing, running
from crm.domain.imports.deciding import decide, decide_by_score, likes_of, rest_of_similar, rows_to_decide, undecided
from crm.domain.imports.findings import ImportCandidate, ImportHit, ImportKey
from crm.domain.imports.models import ImportResult
from crm.domain.imports.states import State
from crm.domain.undoing import actions as undoing
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.jobs.undoing import sweep as undo_sweep
from crm.kernel.errors import Invalid, RuleBroken
from tests.domain.imports.test_rehearsing import lines, rehearsed
from tests.domain.imports.work import again, checked, counts, csv_of, customers, outcomes, ran, run

HEADINGS = ("name", "phone", "level", "remarks", "tags")
MAPPING = dict(enumerate(HEADINGS))
STORED = [
    ["杭州云帆科技有限公司", "13800138000", "C", "first", "old,both"],
    ["Northwind Traders Ltd", "+442071838750", "", "", ""],
]
ROWS = [
    ["云帆科技", "13800138000", "A", "second", "both,new"],  # the same phone, called so for short
    ["Northwind Trader Ltd.", "", "B", "", ""],  # a slip of the pen
    ["Blue Harbor Foods", "", "", "", ""],
    ["Blue Harbor Foods Inc.", "", "", "", ""],  # like the row above
]


def looked(actor, rows=ROWS):
    return checked(actor, csv_of(rows, HEADINGS), MAPPING)


@pytest.fixture(params=[0, 10**9], ids=["by the index of words", "by what all have in common"])
def way(request, monkeypatch):
    """Short files among many records ask the index for each row, long ones look at every record."""
    monkeypatch.setattr(blocking, "ROW_COSTS", request.param)
    return request.param


@pytest.fixture
def base(cast):
    ran(cast.rep.actor, csv_of(STORED, HEADINGS), mapping=MAPPING)
    return [each.id for each in customers()]


def alike(import_):
    """Line → (records it is like, the row it is like)."""
    found = likes_of(import_, [row.line for row in rows_to_decide(import_, "alike")])
    return {line: ([e.record_id for e in some if e.record_id], some[0].like_line) for line, some in found.items()}


def test_what_is_alike_is_found_here_and_in_the_file(cast, base, way):
    import_ = looked(cast.rep.actor)
    assert (import_.keyed_record is None) == (way == 0)
    assert (import_.state, import_.valid, import_.duplicate) == (State.CHECKED, 4, 0)
    assert alike(import_) == {2: ([base[0]], None), 3: ([base[1]], None), 5: ([], 4)}
    assert (import_.alike, undecided(import_, "alike")) == (3, 3)
    assert alike(looked(cast.other_rep.actor)) == {5: ([], 4)}  # a file is no way to learn of others' records
    import_ = run(cast.rep.actor, import_)
    assert counts(import_) == {"rows": 4, "created": 4}  # nobody decided, and nobody said to leave them out


def test_each_is_decided_and_the_run_does_so(cast, base):
    import_ = looked(cast.rep.actor)
    with pytest.raises(Invalid, match="like no record"):
        decide(cast.rep.actor, import_, {5: ("merge", None)})
    assert decide(cast.rep.actor, import_, {2: ("merge", base[0]), 3: ("update", 999), 5: ("skip", None)}) == 3
    assert decide(cast.rep.actor, import_, {5: ("skip", None)}) == 0
    db.session.commit()
    said = {line: outcome for line, (outcome, _, _) in lines(rehearsed(cast.rep.actor, again(import_.id))).items()}
    import_ = run(cast.rep.actor, again(import_.id))
    assert outcomes(import_) == said == {2: "merged", 3: "updated", 4: "created", 5: "skipped"}
    assert (import_.merged, import_.updated, import_.created, import_.skipped) == (1, 1, 1, 1)
    first, second, third = customers()
    # What is there stays, lists are joined, long texts stand one below another; nothing of it is taken over.
    assert (first.name, first.level, first.remarks) == (STORED[0][0], "c", "first\nsecond")
    assert first.tags == ["old", "both", "new"]
    assert (second.name, second.level) == ("Northwind Trader Ltd.", "b")
    assert third.name == "Blue Harbor Foods"


def test_a_merge_is_undone_and_made_again(cast, base):
    import_ = looked(cast.rep.actor, ROWS[:1])
    decide(cast.rep.actor, import_, {2: ("merge", None)})
    db.session.commit()
    import_ = run(cast.rep.actor, again(import_.id))
    before = db.session.scalars(select(ImportResult).filter_by(import_id=import_.id)).one().before
    assert before == {"remarks": "first", "tags": ["old", "both"]}
    undoing.undo(cast.rep.actor, import_)
    db.session.commit()
    undo_sweep()
    assert (customers()[0].remarks, customers()[0].tags) == ("first", ["old", "both"])
    undoing.redo(cast.rep.actor, again(import_.id))
    db.session.commit()
    undo_sweep()
    assert (customers()[0].remarks, customers()[0].tags) == ("first\nsecond", ["old", "both", "new"])


def test_many_are_decided_by_how_alike_they_are_and_the_rest_may_wait(cast, base):
    import_ = looked(cast.rep.actor)
    decide(cast.rep.actor, import_, {3: ("create", None)})
    # Not the one that is decided, nor the one that is like no record.
    assert decide_by_score(cast.rep.actor, import_, way="fill", least=0.5) == 1
    rest_of_similar(cast.rep.actor, import_, "skip")
    db.session.commit()
    import_ = run(cast.rep.actor, again(import_.id))
    assert outcomes(import_) == {2: "skipped", 3: "created", 4: "created", 5: "skipped"}


def test_what_is_here_already_is_decided_row_by_row_too(cast, base):
    import_ = looked(cast.rep.actor, [[*STORED[0][:2], "A", "", ""], [*STORED[1][:2], "B", "", ""]])
    assert import_.duplicate_stored == 2
    decide(cast.rep.actor, import_, {2: ("update", base[0])})
    db.session.commit()
    assert outcomes(run(cast.rep.actor, again(import_.id), "skip")) == {2: "updated", 3: "skipped"}


def test_all_duplicates_can_be_merged(cast, base):
    import_ = looked(cast.rep.actor, [[*STORED[0][:2], "A", "more", "new"], [*STORED[1][:2], "", "", ""]])
    import_ = run(cast.rep.actor, import_, "merge")
    assert outcomes(import_) == {2: "merged", 3: "skipped"}  # the second has nothing that is not there


def test_only_whoever_brought_the_file_decides_and_with_the_right_to_change(cast, base):
    import_ = looked(cast.rep.actor)
    with pytest.raises(RuleBroken, match="Only whoever"):
        decide(cast.administrator.actor, import_, {2: ("skip", None)})
    with pytest.raises(Invalid):
        decide(cast.rep.actor, import_, {2: ("nonsense", None)})


def test_a_large_file_is_compared_when_asked_and_a_killed_worker_is_followed(cast, base, monkeypatch):
    monkeypatch.setattr("crm.domain.imports.checking.BY_ITSELF", 3)
    monkeypatch.setattr(comparing, "BATCH", 1)
    import_ = looked(cast.rep.actor)
    assert (import_.state, import_.compared_at) == (State.CHECKED, None)
    actions.compare(cast.rep.actor, import_)
    db.session.commit()
    for steps in range(1, 8):  # a worker that dies after so many transactions
        work = comparing.compare(import_.id, None)
        for _ in range(steps):
            if next(work, "end") == "end":
                break
            db.session.commit()
        work.close()
        db.session.rollback()
        if again(import_.id).state == State.CHECKED:
            break
    sweep()
    import_ = again(import_.id)
    assert import_.compared_at is not None
    assert alike(import_) == {2: ([base[0]], None), 3: ([base[1]], None), 5: ([], 4)}


WAYS = st.sampled_from(["", "skip", "update", "fill", "merge", "create"])


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.dictionaries(st.integers(2, 7), WAYS), st.sampled_from(["skip", "update", "fill", "merge", "create"]))
def test_any_decisions_add_up_and_the_dry_run_knows(cast, base, monkeypatch, ways, duplicates):
    monkeypatch.setattr(running, "BATCH", 2)
    import_ = looked(cast.rep.actor, [*ROWS, [*STORED[0][:2], "B", "x", "y"], ["bad", "1"]])
    for line, way in ways.items():
        try:
            decide(cast.rep.actor, import_, {line: (way, None)})
        except Invalid:
            db.session.rollback()
        db.session.commit()
    said = {
        line: outcome
        for line, (outcome, _, _) in lines(rehearsed(cast.rep.actor, again(import_.id), duplicates)).items()
    }
    import_ = run(cast.rep.actor, again(import_.id), duplicates)
    assert outcomes(import_) == said
    assert import_.reached == import_.rows == 6


def test_both_ways_find_the_same_and_leave_nothing_behind(cast, monkeypatch):
    names = [sketch.texts["name"] for sketch in customers_of(7, 60)]
    ran(
        cast.rep.actor,
        csv_of([[name, f"1380013{at:04}", "", "", ""] for at, name in enumerate(names)], HEADINGS),
        mapping=MAPPING,
    )
    dice, ways = Random(7), list(SPOILT.values())
    rows = [[ways[at % len(ways)](name, dice), f"1380013{at:04}", "", "", ""] for at, name in enumerate(names)]
    found = []
    monkeypatch.setattr(blocking, "STRETCH", 7)
    for costs in (0, 10**9):
        monkeypatch.setattr(blocking, "ROW_COSTS", costs)
        import_ = looked(cast.rep.actor, rows)
        found.append(alike(import_))
        for table in (ImportKey, ImportHit, ImportCandidate):
            assert db.session.scalar(select(func.count()).select_from(table)) == 0
    assert found[0] == found[1]
    assert len(found[0]) > 20


def test_what_many_have_in_common_makes_nobody_a_candidate(cast, monkeypatch):
    ran(
        cast.rep.actor,
        csv_of([["Harbor Foods", f"1380013800{at}", "", "", ""] for at in range(5)], HEADINGS),
        mapping=MAPPING,
    )
    monkeypatch.setattr(blocking, "ROW_COSTS", 10**9)
    rows = [["Harbor Foods", "", "", "", ""]]
    assert len(alike(looked(cast.rep.actor, rows)).get(2, ([],))[0]) == 3  # as many as are kept
    monkeypatch.setattr(blocking, "MOST", 4)
    assert alike(looked(cast.rep.actor, rows)) == {}
