"""The parts of the measurements that could say something false without anybody noticing."""

import importlib
import json

import pytest

from bench.__main__ import MEASUREMENTS, OTHERS, main
from bench.browser_http import Answer, Refused, fields_of
from bench.questions import searches
from bench.result import Measured, percentile, spread
from bench.wizard import _Forms
from crm.kernel.text import tsquery

PAGE = """
<form method="post" action="/preferences"><input type="hidden" name="csrf_token" value="other"></form>
<form class="stack" method="post" action="/customers/">
  <input type="hidden" name="csrf_token" value="a&amp;b"><input type="hidden" name="key" value="k1">
  <input name="name" value="typed"><select name="level"><option value="">-</option><option value="a">A</option></select>
  <select name="source"><option value="web">x</option><option value="fair" selected>y</option></select>
  <input type="radio" name="duplicates" value="skip" checked><input type="radio" name="duplicates" value="create">
</form>"""


def test_percentiles_are_of_the_nearest_rank():
    values = [float(each) for each in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.95) == 7
    assert spread([3.0, 1.0, 2.0])["median"] == 2


def test_a_measurement_is_one_line_of_json():
    line = Measured("name", 1234.5678, "ms", 3, {"中": [0.123456, 12.3456]}).line()
    assert "\n" not in line
    assert json.loads(line) == {
        "name": "name",
        "value": 1234.6,
        "unit": "ms",
        "n": 3,
        "detail": {"中": [0.1235, 12.35]},
    }


@pytest.mark.parametrize("path", [*MEASUREMENTS.values(), *OTHERS.values()])
def test_every_measurement_is_there(path):
    module, _, function = path.rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))


def test_an_unknown_name_is_told(capsys):
    assert main(["list_p95_ms", "nonsense"]) == 2
    assert "no measurement nonsense" in capsys.readouterr().err


def test_the_form_that_is_wanted_gives_its_hidden_fields():
    assert fields_of(PAGE, "customers/") == {"csrf_token": "a&b", "key": "k1"}
    with pytest.raises(Refused):
        fields_of(PAGE, "imports/")


def test_a_form_sends_what_a_browser_would():
    (_, first), (action, sent) = _Forms(PAGE).found
    assert first == {"csrf_token": "other"} and action == "/customers/"
    assert sent == {
        "csrf_token": "a&b",
        "key": "k1",
        "name": "typed",
        "level": "",
        "source": "fair",
        "duplicates": "skip",
    }


def test_compressed_pages_are_read():
    import brotli

    assert Answer(200, {"content-encoding": "br"}, brotli.compress("中文".encode())).text == "中文"
    assert Answer(200, {}, "中文".encode()).text == "中文"


def test_questions_are_always_the_same_and_can_all_be_asked():
    assert searches(15) == searches(15)
    assert all(tsquery(text) for texts in searches(15).values() for text in texts)
    assert all(len(text) == 6 for text in searches(15)["6 Chinese"])
