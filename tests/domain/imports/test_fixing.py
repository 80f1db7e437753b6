"""Rows that could not go in, put right on the page: before the run and after it."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm.domain.imports.cleaning import report_of
from crm.domain.imports.fixing import Fixed, bad_columns, corrected, fix, is_fixable, rows_to_fix, run_again
from crm.domain.imports.models import Import
from crm.domain.imports.states import RowState, State
from crm.domain.undoing import actions as undoing
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.jobs.undoing import sweep as undo_sweep
from crm.kernel.errors import RuleBroken
from tests.domain.imports.work import again, checked, counts, csv_of, customers, outcomes, ran, rows_of, run

ROWS = [["Acme", "13800138000", "Q"], ["Beta", "12", "Z"], ["Gamma", "13900139000", "B"], ["Delta", "13", ""]]


def adds_up(import_: Import) -> bool:
    states = [row.state for row in rows_of(import_)]
    told = {state: states.count(state) for state in RowState}
    return told == {state: getattr(import_, state.value) for state in RowState} and sum(told.values()) == import_.rows


def test_bad_cells_are_put_right_and_the_counts_move_along(cast):
    import_ = checked(cast.rep.actor, csv_of(ROWS))
    assert (import_.valid, import_.invalid) == (1, 3)
    assert [(row.line, bad_columns(row)) for row in rows_to_fix(import_)] == [(2, [2]), (3, [1, 2]), (5, [1])]
    assert [row.line for row in rows_to_fix(import_, after=2, size=1)] == [3, 5]  # one page and one more
    given = {2: {2: ("Q", "A"), 1: ("13800138000", "nonsense")}, 3: {1: ("12", "13700137000")}, 5: {1: ("1", "2")}}
    assert fix(cast.rep.actor, import_, given) == Fixed(good=1, wrong=1, overtaken=1)
    db.session.commit()
    import_ = again(import_.id)
    assert (import_.valid, import_.invalid) == (2, 2)
    assert adds_up(import_)
    assert [row.raw for row in rows_of(import_)][:2] == [  # a cell that is good is not to be changed here
        ["Acme", "13800138000", "A", ""],
        ["Beta", "13700137000", "Z", ""],
    ]
    report = report_of(import_)["level"]
    assert (report.said, report.kept, report.refused) == (3, 2, 1)
    run(cast.rep.actor, import_)
    assert [each.name for each in customers()] == ["Acme", "Gamma"]


def test_a_row_put_right_may_turn_out_to_be_like_another(cast):
    ran(cast.rep.actor, csv_of([["Old", "13600136000"]]))
    import_ = checked(cast.rep.actor, csv_of([["Acme", "13800138000"], ["Acme", "1"], ["Old", "2"], ["New", "3"]]))
    given = {3: {1: ("1", "13800138000")}, 4: {1: ("2", "13600136000")}, 5: {1: ("3", "13500135000")}}
    assert fix(cast.rep.actor, import_, given).good == 3
    db.session.commit()
    import_ = again(import_.id)
    assert (import_.valid, import_.duplicate_file, import_.duplicate_stored, import_.invalid) == (2, 1, 1, 0)
    assert [row.duplicate_line for row in rows_of(import_)] == [None, 2, None, None]
    assert adds_up(import_)


def test_after_the_run_just_the_corrected_rows_go_in_and_all_of_it_can_be_undone(cast):
    import_ = ran(cast.rep.actor, csv_of(ROWS))
    assert (import_.created, import_.failed) == (1, 3)
    with pytest.raises(RuleBroken, match="No row was corrected"):
        run_again(cast.rep.actor, import_)
    fix(cast.rep.actor, import_, {2: {2: ("Q", "A")}, 5: {1: ("13", "13100131000")}})
    db.session.commit()
    assert corrected(again(import_.id)) == 2
    run_again(cast.rep.actor, again(import_.id))
    db.session.commit()
    import_ = again(import_.id)
    assert (import_.state, import_.failed, import_.passes) == (State.RUNNING, 1, 2)
    sweep()
    import_ = again(import_.id)
    assert import_.state == State.DONE
    assert counts(import_) == {"rows": 4, "created": 3, "failed": 1}
    assert outcomes(import_) == {2: "created", 3: "failed", 4: "created", 5: "created"}
    undoing.undo(cast.rep.actor, import_)
    db.session.commit()
    undo_sweep()
    assert [each.name for each in customers() if each.deleted_at is None] == []
    assert not is_fixable(cast.rep.actor, again(import_.id))


def test_only_whoever_brought_the_file_corrects_it(cast):
    import_ = checked(cast.rep.actor, csv_of(ROWS))
    assert not is_fixable(cast.administrator.actor, import_)
    with pytest.raises(RuleBroken, match="cannot be corrected"):
        fix(cast.administrator.actor, import_, {2: {2: ("Q", "A")}})


CELLS = st.sampled_from(["", "A", "Q", "12", "13800138000", "13900139000", "n/a", "\u3000", "a" * 300])


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.dictionaries(st.integers(2, 6), st.tuples(CELLS, CELLS), min_size=1), min_size=1, max_size=4))
def test_any_corrections_leave_numbers_that_add_up(cast, turns):
    names = ["Acme", "Acme", "Beta", "Gamma", "Acme"]
    import_ = checked(cast.rep.actor, csv_of([[name, f"1{at}", "Z"] for at, name in enumerate(names)]))
    for turn in turns:
        now = {row.line: row.raw for row in rows_of(import_)}
        chosen = {line: {1: (now[line][1], phone), 2: (now[line][2], level)} for line, (phone, level) in turn.items()}
        fix(cast.rep.actor, import_, chosen)
        db.session.commit()
        import_ = again(import_.id)
        assert adds_up(import_)
    import_ = run(cast.rep.actor, import_) if import_.invalid < import_.rows else import_
    assert import_.state == State.CHECKED or sum(counts(import_).values()) == 2 * import_.rows
