"""Only crm/infra/clock.py asks the machine what time it is."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLOCK = ROOT / "crm/infra/clock.py"
READS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
}


def readings(source: str) -> list[int]:
    """The lines that reach for the machine's clock, called there or handed on as `default=datetime.now`."""
    tree = ast.parse(source)
    names = dict(_imported(tree))
    return sorted(node.lineno for node in ast.walk(tree) if _dotted(node, names) in READS)


def _imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((each.asname or each.name, each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((each.asname or each.name, f"{node.module}.{each.name}") for each in node.names)


def _dotted(node, names):
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, names)}.{node.attr}"
    return ""


def test_nothing_else_reads_the_clock():
    files = [*(ROOT / "crm").rglob("*.py"), *ROOT.glob("*.py")]
    assert CLOCK in files
    found = {
        f"{file.relative_to(ROOT)}:{line}"
        for file in files
        if file != CLOCK
        for line in readings(file.read_text("utf-8"))
    }
    assert not found, f"use crm.infra.clock.now() or today() in {', '.join(sorted(found))}"


def test_the_clock_itself_is_recognised():
    assert readings(CLOCK.read_text("utf-8"))


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\ndatetime.now()",
        "from datetime import datetime as dt\ncolumn(default=dt.utcnow)",
        "import datetime\ndatetime.datetime.now(tz=None)",
        "import datetime as d\nd.date.today()",
        "from datetime import date\ndate.today()",
    ],
)
def test_each_way_of_reading_it_is_found(source):
    assert readings(source) == [2]


@pytest.mark.parametrize(
    "source", ["from sqlalchemy import func\nfunc.now()", "from crm.infra import clock\nclock.now()"]
)
def test_the_database_and_our_own_clock_are_not(source):
    assert readings(source) == []
