"""The rules of the house, as tests: they fail with the sentence a reviewer would have written."""

import ast
from pathlib import Path

import pytest

from crm.kernel.kinds import FieldKind
from crm.kernel.operators import ALL_OPERATORS, OPERATORS
from crm.kernel.parsing import PARSE
from crm.kernel.permissions import Permission
from crm.web.fields import CONTROL, SHOW
from crm.web.rights import permission_name, type_name

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path.relative_to(ROOT) for path in sorted((ROOT / "crm").rglob("*.py")) if path.stat().st_size]
TEMPLATES = [path.relative_to(ROOT) for path in sorted((ROOT / "crm/templates").rglob("*.html"))]
# The web's requests, the workers' jobs and the command line; nobody else ends a transaction.
MAY_COMMIT = {"crm/web/blueprint.py", "crm/jobs/base.py", "crm/cli.py"}


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_files_and_functions_stay_small(path):
    source = (ROOT / path).read_text()
    assert source.count("\n") <= 250, "Split this file."
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 40, f"Split {node.name}."


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_only_entry_points_commit(path):
    calls = [node for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.Call)]
    commits = [
        call
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit" and "session" in ast.unparse(call.func)
    ]
    assert not commits or str(path) in MAY_COMMIT, "Only an entry point ends the transaction."


def test_every_route_says_what_it_needs(app):
    without = [name for name, view in app.view_functions.items() if not hasattr(view, "needs")]
    assert without == ["assets.file"] or not without, "Mount it on a CrmBlueprint and say needs=…"


def test_reads_are_get_and_changes_are_post(app):
    for rule in app.url_map.iter_rules():
        known = {"GET", "POST", "PATCH", "DELETE"} if str(rule).startswith("/api/") else {"GET", "POST"}
        taken = rule.methods - {"HEAD", "OPTIONS"}
        assert len(taken) == 1 and taken <= known, f"{rule} takes {rule.methods}."


@pytest.mark.parametrize("kind", FieldKind)
@pytest.mark.parametrize("table", [PARSE, OPERATORS, SHOW, CONTROL], ids=["PARSE", "OPERATORS", "SHOW", "CONTROL"])
def test_every_kind_of_field_is_known_everywhere(kind, table):
    assert kind in table, f"Give {kind} a line."


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_has_words(app, permission):
    """The editor of roles shows them all: crm/web/rights.py says how they are called."""
    assert permission_name(permission)
    assert permission.is_special or type_name(permission.type)


def test_every_operator_named_exists():
    assert {key for keys in OPERATORS.values() for key in keys} == set(ALL_OPERATORS)


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_templates_obey_the_content_security_policy(path):
    source = (ROOT / path).read_text()
    for banned in (
        " style=",
        "<style",
        " onclick=",
        " onload=",
        " onchange=",
        " onsubmit=",
        "hx-on",
        "javascript:",
        "js:",
    ):
        assert banned not in source, f"{banned!r} would be refused by the browser."
    assert "<script>" not in source, "Scripts live in static/js."


def test_every_fact_has_its_icon(app):
    from crm.kernel.events import Fact

    icons = {path.stem for path in (ROOT / "crm/static/icons").glob("*.svg")}
    assert {kind.icon for kind in Fact.kinds.values()} <= icons


def test_an_older_answer_overtakes_no_newer_one():
    """Where each choice of a form brings the form anew, all of them take turns at what is swapped."""
    again = [line for path in TEMPLATES for line in (ROOT / path).read_text().splitlines() if "set again = {" in line]
    assert len(again) == 4 and all('"hx-sync"' in line and ":replace" in line for line in again)
