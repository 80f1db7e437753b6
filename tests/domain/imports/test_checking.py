"""What the check finds out about each row."""

import pytest
from sqlalchemy import text

from crm.domain.customers import actions as customers_
from crm.domain.imports import actions
from crm.domain.imports.plan import Plan
from crm.domain.imports.states import State
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.fields import Context
from crm.kernel.packing import pack, unpack
from tests.domain.imports.work import again, checked, csv_of, rows_of, uploaded


def problems(import_):
    return {row.line: [each[2] for each in row.problems] for row in rows_of(import_) if row.problems}


def test_each_row_is_good_wrong_or_like_another(cast):
    customers_.create(cast.rep.actor, {"name": "Stored Ltd"})
    db.session.commit()
    import_ = checked(
        cast.rep.actor,
        csv_of(
            [
                ["Acme", "13800138000"],
                ["ACME ", "138-0013-8000"],
                ["stored ltd", ""],
                ["", "13900139000"],
                ["", ""],
                ["B", "x"],
            ]
        ),
    )
    assert import_.state == State.CHECKED
    assert [(row.line, row.state) for row in rows_of(import_)] == [
        (2, "valid"), (3, "duplicate_file"), (4, "duplicate_stored"), (5, "invalid"), (7, "invalid"),
    ]  # fmt: skip
    assert (import_.rows, import_.blank, import_.valid, import_.invalid) == (5, 1, 1, 2)
    assert (import_.duplicate_file, import_.duplicate_stored) == (1, 1)
    assert rows_of(import_)[1].duplicate_line == 2


def test_the_planner_knows_the_rows_before_like_ones_are_looked_for(cast):
    """Else it plans for the first long file as for a handful of rows, and takes sixteen times as long."""
    checked(cast.rep.actor, csv_of([["Acme", ""], ["Other", ""]]))
    known = "SELECT n_distinct FROM pg_stats WHERE tablename = 'import_rows' AND attname = 'match_key'"
    assert db.session.scalar(text(known)) == -1  # all of them differ


def test_a_colleagues_customer_is_no_duplicate_of_mine(cast):
    customers_.create(cast.other_rep.actor, {"name": "Acme"})
    db.session.commit()
    assert checked(cast.rep.actor, csv_of([["Acme", ""]])).duplicate_stored == 0
    assert checked(cast.administrator.actor, csv_of([["Acme", ""]])).duplicate_stored == 1


def test_every_problem_of_a_row_is_kept_with_its_column(cast):
    (row,) = rows_of(checked(cast.rep.actor, csv_of([["", "12", "Z", "fine"]])))
    assert [(key, column) for key, column, *_ in row.problems] == [("name", 0), ("phone", 1), ("level", 2)]
    assert row.values is None
    assert row.raw == ["", "12", "Z", "fine"]


def test_a_row_with_more_cells_than_headings_is_not_guessed_at(cast):
    import_ = checked(cast.rep.actor, csv_of([["Acme", "", "", "", "", "shifted"], ["Good", ""]]))
    assert [row.state for row in rows_of(import_)] == ["invalid", "valid"]
    assert "cells, the heading row has" in problems(import_)[2][0]


def test_a_short_row_that_lacks_nothing_mapped_is_no_problem(cast):
    import_ = checked(cast.rep.actor, b"name,phone,level,remarks\nAcme,13800138000\n", {0: "name", 1: "phone"})
    assert problems(import_) == {}
    import_ = checked(cast.rep.actor, b"name,phone,level,remarks\nAcme,13800138000\n")
    assert import_.warned == 1
    assert import_.valid == 1


@pytest.mark.parametrize("empty", ["N/A", "无", "-", "null", " "])
def test_what_stands_for_nothing_is_nothing(cast, empty):
    (row,) = rows_of(checked(cast.rep.actor, csv_of([["Acme", empty, empty, empty]])))
    assert row.values == ({"name": "Acme", "remarks": empty} if empty.strip() else {"name": "Acme"})


def test_region_columns_come_together_and_long_texts_keep_their_headings(cast):
    content = csv_of([["A", "广东", "深圳", "N/A", "x", ""]], ["名称", "省", "市", "区", "备注", "说明"])
    mapping = {0: "name", 1: "region", 2: "region", 3: "region", 4: "remarks", 5: "remarks"}
    (row,) = rows_of(checked(cast.rep.actor, content, mapping))
    assert row.values == {"name": "A", "region": "4403", "remarks": "x"}
    content = csv_of([["A", "x", "y"]], ["名称", "备注", "说明"])
    (row,) = rows_of(checked(cast.rep.actor, content, {0: "name", 1: "remarks", 2: "remarks"}))
    assert row.values["remarks"] == "备注: x\n说明: y"


def test_values_survive_the_staging_table(cast):
    record_type = RECORD_TYPES["customers"]
    plan = Plan(record_type.fields, {0: "name", 1: "phone", 2: "tags", 3: "industry"}, [])
    (reading,) = plan.read([["A", "138 0013 8000", "x, y", "6513"]], Context(cast.rep.actor))
    assert unpack(record_type.by_key(), pack(reading.values)) == reading.values


def test_another_mapping_checks_anew(cast):
    import_ = checked(cast.rep.actor, csv_of([["Acme", "x"], ["Acme", "y"]]))
    assert import_.invalid == 2
    actions.map_columns(cast.rep.actor, import_, mapping={0: "name"})
    db.session.commit()
    sweep()
    import_ = again(import_.id)
    assert (import_.rows, import_.valid, import_.invalid, import_.duplicate_file) == (2, 1, 0, 1)
    assert len(rows_of(import_)) == 2


def test_a_file_that_cannot_be_read_ends_in_a_sentence(cast):
    import_ = uploaded(cast.rep.actor, b"%PDF-1.7 nothing", "list.csv")
    assert (import_.state, import_.stopped_in) == (State.FAILED, State.INSPECTING)
    assert "Nothing was read" in import_.problem["message"]


def test_a_heading_row_and_an_encoding_can_be_chosen(cast):
    content = "a,b\nName,Phone\nAcmé,13800138000\n".encode("latin-1")
    import_ = uploaded(cast.rep.actor, content)
    actions.reread(cast.rep.actor, import_, sheet="", encoding="cp1252", delimiter=",")
    db.session.commit()
    sweep()
    import_ = again(import_.id)
    actions.reread(cast.rep.actor, import_, sheet="", encoding="cp1252", delimiter=",", heading_row=2)
    assert import_.state == State.MAPPING  # no worker is needed for that
    actions.map_columns(cast.rep.actor, import_, mapping={0: "name", 1: "phone"})
    db.session.commit()
    sweep()
    (row,) = rows_of(again(import_.id))
    assert row.values["name"] == "Acmé"
