"""Files that are empty, wrong, broken or hostile: each ends in its sentence, within limits; and the child's fences."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from crm.infra.sheets import FLAGS, NOTES, PROBLEMS, Limits, SheetError, inspect, rows
from crm.infra.sheets.parent import Child
from tests.infra.sheets import twins
from tests.infra.sheets.reading import Whole, whole

CODES = {
    "empty.csv": "empty",
    "blank.csv": "empty",
    "empty.xlsx": "empty",
    "headings-only.csv": "no_rows",
    "picture.csv": "wrong_type",
    "document.xlsx": "wrong_type",
    "page.xls": "wrong_type",
    "two-files.csv": "archive",
    "encrypted.xlsx": "encrypted",
    "not-really.xls": "damaged",
    "cut-off.xlsx": "damaged",
    "cut-off.csv.gz": "damaged",
    "broken-xml.xlsx": "cut_off",
    "zip-bomb.xlsx": "zip_bomb",
    "zip-bomb.csv": "zip_bomb",
    "entity-bomb.xlsx": "entities",
    "outside-entity.xlsx": "entities",
    "far-cell.xlsx": "too_many_columns",
    "million-columns.csv": "too_many_columns",
    "one-long-line.csv": "line_too_long",
    "repeated-cells.ods": "out_of_memory",
    "repeated-rows.ods": "out_of_memory",
}


@pytest.mark.parametrize("name", twins.HOSTILE)
def test_each_ends_in_its_sentence(tmp_path, name):
    with pytest.raises(SheetError) as caught:
        whole(tmp_path, name, twins.HOSTILE[name](), limits=Limits(memory_bytes=256 << 20))
    assert caught.value.code == CODES[name]
    assert str(caught.value).endswith(".") and "%(" not in str(caught.value)


@pytest.mark.parametrize("name", twins.HARMLESS)
def test_what_only_looks_hostile_is_read(tmp_path, name):
    assert whole(tmp_path, name, twins.HARMLESS[name]()).totals.rows > 0


def test_every_sentence_can_be_filled():
    fillers = dict.fromkeys(
        [
            "line",
            "limit",
            "count",
            "size",
            "what",
            "sheet",
            "encoding",
            "extension",
            "kind",
            "column",
            "value",
            "expected",
        ],
        "x",
    )
    for sentence in (*PROBLEMS.values(), *NOTES.values(), *FLAGS.values()):
        assert "%(" not in sentence % fillers


def test_limits_of_size_and_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 5000)
    with pytest.raises(SheetError, match="at most 0 MB"):
        inspect(path, filename="a.csv", limits=Limits(file_bytes=1000))
    seen = 0
    with (
        pytest.raises(SheetError) as caught,
        rows(path, inspect(path, filename="a.csv"), limits=Limits(rows=4500)) as all_,
    ):
        for batch in all_:
            seen += len(batch.rows)
    assert (caught.value.code, seen) == ("too_many_rows", 4000)


def test_a_file_that_is_gone(tmp_path):
    with pytest.raises(SheetError, match="no longer there"):
        inspect(tmp_path / "a.csv", filename="a.csv")


def test_going_on_behind_any_line_gives_the_same_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(twins.text("gb18030", rows=[row for row in twins.ROWS for _ in range(3)]) + b"\r\n,,,,\r\n1,2\r\n")
    full = Whole(path, limits=Limits(batch_rows=7))
    for after in (1, 2, 50, full.totals.line - 1):
        rest = Whole(path, after=after, limits=Limits(batch_rows=7))
        assert rest.lines == [(line, cells) for line, cells in full.lines if line > after]
        assert rest.flags == [flag for flag in full.flags if flag.line > after]
    cut = full.lines[100][0]
    assert Whole(path, after=cut).totals.blank == full.totals.blank


def test_batches_account_for_every_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"note,,\n\na,b,c\n" + b"1,2,3\n\n" * 500)
    found = Whole(path, limits=Limits(batch_rows=64))
    assert found.inspection.heading_row == 3
    assert (found.totals.rows, found.totals.blank, found.totals.above, found.totals.line) == (500, 500, 2, 1003)
    assert found.blank == 500
    assert found.totals.rows + found.totals.blank + found.totals.above + 1 == found.totals.line


def test_the_child_may_not_grow_past_its_memory(tmp_path):
    sheet = '<sheetData><row r="1"><c t="s"><v>0</v></c></row></sheetData>'
    content = twins.package(sheet, strings=f"<si><t>{'x' * (40 << 20)}</t></si>")
    with pytest.raises(SheetError, match="memory"):
        whole(tmp_path, "a.xlsx", content, limits=Limits(memory_bytes=96 << 20))


def test_a_child_that_says_nothing_is_ended(tmp_path):
    pipe = tmp_path / "a.csv"
    os.mkfifo(pipe)
    with pytest.raises(SheetError) as caught:
        inspect(pipe, filename="a.csv", limits=Limits(stall_seconds=0.5))
    assert caught.value.code == "too_slow"


def test_a_child_that_computes_for_too_long_is_ended(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 1_000_000)
    reading = rows(path, inspect(path, filename="a.csv"), limits=Limits(cpu_seconds=1))
    with reading, pytest.raises(SheetError) as caught:
        list(reading)
    assert caught.value.code == "too_slow"


def test_a_child_killed_from_outside_is_a_sentence_and_leaves_nothing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 200_000)
    with rows(path, inspect(path, filename="a.csv"), limits=Limits(batch_rows=10)) as reading:
        batches = iter(reading)
        next(batches)
        os.kill(reading.process.pid, signal.SIGKILL)
        with pytest.raises(SheetError, match="stopped"):
            list(batches)
    assert not psutil.pid_exists(reading.process.pid)


def test_leaving_a_reading_early_ends_the_child(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 200_000)
    with rows(path, inspect(path, filename="a.csv")) as reading:
        next(iter(reading))
    assert reading.process.returncode is not None


def test_the_child_dies_with_its_parent(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 500_000)
    program = (
        "import sys; from crm.infra.sheets import inspect, rows\n"
        f"reading = rows({str(path)!r}, inspect({str(path)!r}, filename='a.csv'))\n"
        "next(iter(reading)); print(reading.process.pid, flush=True); sys.stdin.read()"
    )
    root = Path(__file__).resolve().parents[3]
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root, text=True
    )
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()
    until = time.monotonic() + 20
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until, "The child outlived its parent."
        time.sleep(0.02)


def test_the_child_holds_nothing_of_the_product_and_can_write_no_file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 200_000)
    job = {"do": "rows", "inspection": inspect(path, filename="a.csv").to_dict(), "after": 0}
    with Child(path, job, Limits()) as child:
        next(child.frames())
        process = psutil.Process(child.process.pid)
        assert process.environ().keys() <= {"PATH", "LC_CTYPE"}
        if sys.platform == "linux":
            assert process.rlimit(psutil.RLIMIT_FSIZE)[0] == 0
            assert process.rlimit(psutil.RLIMIT_AS)[0] == Limits().memory_bytes
            names = [each.path for each in process.memory_maps()]
            assert not any("sqlalchemy" in name or "psycopg" in name for name in names)
        assert process.net_connections() == []
