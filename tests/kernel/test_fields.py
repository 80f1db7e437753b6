"""One cell of a file or one input of a form becomes a value, or a sentence."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from crm.domain.customers.fields import EDITABLE
from crm.domain.timeline.fields import FOLLOW_UP_FIELDS, WHEN
from crm.kernel.access import NOBODY
from crm.kernel.company import company
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context, Field, read_rows
from crm.kernel.kinds import FieldKind

BY_KEY = {each.key: each for each in (*EDITABLE, *FOLLOW_UP_FIELDS, WHEN)}
CONTEXT = Context(NOBODY)


def _at(*clock: int) -> dt.datetime:
    return dt.datetime(2026, 1, 2, *clock, tzinfo=ZoneInfo(company.timezone))


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("name", "  Acme  ", "Acme"),
        ("level", "A级", "a"),
        ("level", "ｖｉｐ", "a"),
        ("type", "个人客户", "person"),
        ("source", "展会", "exhibition"),
        ("lifecycle_stage", "Active", "active"),
        ("tags", "vip, 大客户；vip、新", ["vip", "大客户", "新"]),
        ("email", " Li@EXAMPLE.com ", "Li@example.com"),
        ("next_on", "2026-11-21", dt.date(2026, 11, 21)),
        ("next_on", "2026/1/2", dt.date(2026, 1, 2)),
        ("next_on", "2026年1月2日", dt.date(2026, 1, 2)),
        ("next_on", "20260102", dt.date(2026, 1, 2)),
        ("next_on", "2026-01-02 00:00:00", dt.date(2026, 1, 2)),
        ("happened_at", "2026-01-02 14:30", _at(14, 30)),
        ("happened_at", "2026-01-02T14:30:05+00:00", dt.datetime(2026, 1, 2, 14, 30, 5, tzinfo=dt.UTC)),
        ("happened_at", "2026/1/2 9:05", _at(9, 5)),
        ("happened_at", "2026/1/2 2:30 PM", _at(14, 30)),
        ("happened_at", "2026-1-2 12:10:09 am", _at(0, 10, 9)),
        ("happened_at", "2026年1月2日 下午2点30分", _at(14, 30)),
        ("happened_at", "2026年1月2日上午9时", _at(9, 0)),
        ("happened_at", "２０２６／１／２　９：０５", _at(9, 5)),
        ("happened_at", "2026.1.2", _at(0, 0)),
        ("remarks", "two\r\nlines", "two\nlines"),
        ("name", " \t ", None),
    ],
)
def test_reads(key, text, value):
    assert BY_KEY[key].parse(text, CONTEXT) == value


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("level", "platinum", "is not one of the choices"),
        ("next_on", "2026-02-30", "is not a date"),
        ("next_on", "tomorrow", "is not a date"),
        ("happened_at", "2026-02-30 9:00", "is not a time"),
        ("happened_at", "2026/1/2 25:00", "is not a time"),
        ("happened_at", "0001-01-01 00:00", "is not a time"),  # east of Greenwich it was before the first year
        ("happened_at", "1/2/2026 9:00", "which is the day"),
        ("name", "x" * 301, "301 characters"),
        ("email", "not an address", ""),
        ("phone", "12", ""),
        ("website", "javascript:alert(1)", ""),
    ],
)
def test_refuses_with_a_sentence(key, text, words):
    with pytest.raises(Invalid) as refused:
        BY_KEY[key].parse(text, CONTEXT)
    assert words in str(refused.value)
    assert str(refused.value).endswith((".", "。"))


def test_every_row_keeps_its_good_values_beside_its_problems(app, cast):
    fields = [BY_KEY[key] for key in ("name", "level", "owner")]
    context = Context(cast.administrator.actor)
    rows = [
        {"name": "A", "level": "b", "owner": "mia@example.com"},
        {"name": "", "level": "zz", "owner": "Nobody Known"},
        {"name": "C", "level": "", "owner": "Sam 王 (sam@example.com)"},
    ]
    good, bad, partly = read_rows(fields, rows, context)
    assert good.values == {"name": "A", "level": "b", "owner": cast.other_rep.id} and not good.problems
    assert set(bad.problems) == {"name", "level", "owner"}
    assert partly.values == {"name": "C", "level": None, "owner": cast.rep.id}


def test_what_recurs_is_read_alike_and_every_list_is_its_rows_own(app, cast):
    fields = [BY_KEY[key] for key in ("name", "level", "tags", "region")]
    row = {"name": "", "level": "zz", "tags": "a, b", "region": "深圳"}
    one, other = read_rows(fields, [row, dict(row)], Context(cast.administrator.actor))
    assert one.values == other.values == {"name": None, "tags": ["a", "b"], "region": "4403"}
    assert set(one.problems) == set(other.problems) == {"name", "level"}
    assert one.values["tags"] is not other.values["tags"]


def test_a_column_the_file_does_not_have_is_not_a_problem(app):
    (reading,) = read_rows([BY_KEY["name"], BY_KEY["type"]], [{"name": "A"}], CONTEXT)
    assert (reading.values, reading.problems) == ({"name": "A"}, {})


def test_a_custom_kind_without_choices_says_so():
    field = Field(key="x", label="X", kind=FieldKind.CHOICE)
    with pytest.raises(Invalid):
        field.parse("anything", CONTEXT)
