"""What a process writes to stderr, seen from outside it."""

import json
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.infra.logging import MASK, mask_secrets, request_id

ROOT = Path(__file__).parents[2]
# The package is named without being run: the seam alone, or each of these processes would load the whole program.
START = """
import logging, sys, types, warnings, structlog
sys.modules["crm"] = types.ModuleType("crm")
sys.modules["crm"].__path__ = [{package!r}]
from crm.config import Settings
from crm.infra.logging import bind, clear, configure
configure(Settings(log_level={level!r}))
log = structlog.get_logger("crm.here")
"""


def run(code, *, level="info", stderr=subprocess.PIPE):
    environ = {**os.environ, "PYTHONWARNINGS": "default", "COLUMNS": "200"}
    command = [sys.executable, "-c", START.format(level=level, package=str(ROOT / "crm")) + code]
    return subprocess.run(command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, check=True, timeout=60)


def lines(code, **options):
    """The lines the code logs, and nothing on stdout."""
    done = run(code, **options)
    assert done.stdout == b""
    return [json.loads(line) for line in done.stderr.decode().splitlines()]


def test_a_line_says_when_how_grave_what_who_and_in_which_request():
    (line,) = lines("bind(request_id='abc', actor_id=7); log.warning('import.slow', rows=5, company='上海\\n某公司')")
    when = datetime.fromisoformat(line.pop("timestamp"))
    assert when.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - when) < timedelta(minutes=5)
    assert line == {
        "level": "warning",
        "event": "import.slow",
        "logger": "crm.here",
        "request_id": "abc",
        "actor_id": 7,
        "rows": 5,
        "company": "上海\n某公司",
    }


def test_chinese_is_written_as_it_is():
    assert "上海" in run("log.info('x', company='上海')").stderr.decode()


def test_what_was_bound_is_on_library_lines_too_until_it_is_cleared():
    first, second = lines(
        "bind(request_id='abc'); logging.getLogger('rq.worker').info('one'); clear(); log.info('two')"
    )
    assert (first["request_id"], first["event"], first["logger"]) == ("abc", "one", "rq.worker")
    assert "request_id" not in second


def test_a_thread_has_its_own_request():
    code = """
import threading
bind(request_id='mine')
thread = threading.Thread(target=lambda: log.info('x'))
thread.start()
thread.join()
"""
    (line,) = lines(code)
    assert "request_id" not in line


@pytest.mark.parametrize("name", ["gunicorn.error", "gunicorn.access", "rq.worker", "alembic.runtime.migration", "any"])
def test_library_lines_are_json_once_even_where_the_library_had_its_own_way(name):
    code = f"""
library = logging.getLogger({name!r})
own = logging.getLogger({name!r}.removesuffix('.runtime.migration'))
if {name!r} != 'any':
    own.addHandler(logging.StreamHandler()); own.propagate = False
    configure(Settings())
library.info('%d rows of %s', 5, 'x', extra={{'queue': 'imports'}})
"""
    (line,) = lines(code)
    assert (line["event"], line["level"], line["logger"], line["queue"]) == ("5 rows of x", "info", name, "imports")


def test_a_warning_is_a_line():
    (line,) = lines("warnings.warn('old ways', DeprecationWarning)")
    assert (line["level"], line["logger"]) == ("warning", "py.warnings")
    assert "old ways" in line["event"]


def test_configuring_twice_writes_once():
    assert len(lines("configure(Settings()); log.info('one')")) == 1


def test_lines_below_the_level_are_not_written():
    found = lines("log.info('a'); logging.getLogger('x').info('b'); log.error('c')", level="error")
    assert [line["event"] for line in found] == ["c"]


def test_signed_headers_are_not_written_even_when_debugging():
    found = lines("logging.getLogger('botocore.auth').debug('Authorization: AWS4'); log.debug('a')", level="debug")
    assert [line["event"] for line in found] == ["a"]


def test_an_error_has_its_traceback_without_the_values_of_variables():
    code = """
def sign_in():
    typed = 'correct ' + 'horse'
    1 / 0
try:
    sign_in()
except Exception:
    log.exception('broken')
"""
    (line,) = lines(code)
    assert (line["level"], line["event"]) == ("error", "broken")
    assert "ZeroDivisionError" in line["exception"]
    assert "in sign_in" in line["exception"]
    assert "correct horse" not in json.dumps(line)


def test_a_library_s_error_has_its_traceback():
    (line,) = lines(
        "try:\n    1 / 0\nexcept Exception:\n    logging.getLogger('rq.worker').exception('job %s failed', 7)"
    )
    assert line["event"] == "job 7 failed"
    assert "ZeroDivisionError" in line["exception"]


def test_secrets_are_masked_in_our_lines_and_in_libraries():
    ours, library = lines(
        "log.info('x', password='hush', deep={'csrf_token': 'hush'}, url='redis://:hush@host/0', error=OSError('smtp://a:hush@b'))\n"
        "logging.getLogger('x').info('connect to postgresql://u:hush@h/db', extra={'Set-Cookie': 'hush'})"
    )
    assert "hush" not in json.dumps([ours, library])
    assert ours["password"] == ours["deep"]["csrf_token"] == library["Set-Cookie"] == MASK
    assert ours["url"] == f"redis://:{MASK}@host/0"
    assert library["event"] == f"connect to postgresql://u:{MASK}@h/db"


def test_a_value_json_has_no_word_for_is_written_as_text():
    (line,) = lines(
        "import datetime, decimal; log.info('x', day=datetime.date(2026, 11, 21), price=decimal.Decimal('1.50'))"
    )
    assert (line["day"], line["price"]) == ("2026-11-21", "1.50")


def test_a_person_at_a_terminal_reads_text():
    ours, theirs = pty.openpty()
    try:
        run("bind(request_id='abc'); log.warning('import.slow', password='hush')", stderr=theirs)
        seen = re.sub(r"\x1b\[[0-9;]*m", "", os.read(ours, 65536).decode())
    finally:
        os.close(ours)
        os.close(theirs)
    assert "warning" in seen
    assert "import.slow" in seen
    assert "request_id=abc" in seen
    assert "hush" not in seen
    assert not seen.startswith("{")


def test_gunicorn_s_own_lines_are_json_from_the_first(tmp_path):
    (tmp_path / "empty_app.py").write_text(
        "import os, signal\nos.kill(os.getppid(), signal.SIGTERM)\napp = lambda environ, start: []\n"
    )
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    command = [sys.executable, "-m", "gunicorn", "--logger-class", "crm.infra.gunicorn_logging.Logger"]
    command += ["--bind", "127.0.0.1:0", "--no-control-socket", "empty_app:app"]
    done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, timeout=60, check=False)
    found = [json.loads(line) for line in done.stderr.decode().splitlines()]
    assert found[0]["event"].startswith("Starting gunicorn")
    assert {line["logger"] for line in found} == {"gunicorn.error"}


@pytest.mark.parametrize(
    "name", ["password", "new_password", "Authorization", "SECRET_KEY", "Set-Cookie", "csrf_token"]
)
def test_the_names_of_secrets(name):
    assert mask_secrets(None, "info", {name: "hush", "list": [{name: ["hush"]}]}) == {
        name: MASK,
        "list": [{name: MASK}],
    }


def test_other_names_are_left_alone():
    line = {"event": "x", "rows": 5, "none": None, "ok": True, "list": [1, "a"], "url": "http://host:80/a@b"}
    assert mask_secrets(None, "info", dict(line)) == line


@pytest.mark.parametrize("header", ["0123abcd", "A-b-" * 16, "7f9c24e8-3b12-4fef-91e0-dd9a4e7d0f1c"])
def test_a_request_id_that_came_in_is_kept(header):
    assert request_id(header) == header


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "short",
        "x" * 65,
        "with space",
        "new\nline1",
        "abcdefgh\n",
        "under_score",
        "日本語日本語日本",
        '"}{"a":"b',
    ],
)
def test_anything_else_gets_a_new_one(header):
    made = request_id(header)
    assert made != header
    assert request_id(made) == made
    assert request_id(header) != made


@given(st.text())
def test_a_request_id_is_always_plain(header):
    assert re.fullmatch(r"[A-Za-z0-9-]{8,64}", request_id(header))
