"""How cells are written in files: dates, amounts, phones, texts; what cells prove; what is said for empty ones."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.domain.imports import actions, saying
from crm.domain.imports.amounts import decimals_of, plainly, sized, unit_of
from crm.domain.imports.cleaning import changed_rows, report_of
from crm.domain.imports.dates import from_serial, in_order, order_of
from crm.domain.imports.states import State
from crm.domain.imports.templates import fitting, keep
from crm.domain.opportunities.models import Opportunity
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.access import unscoped
from crm.kernel.errors import Invalid
from tests.domain.imports.work import again, csv_of, customers, rows_of, run, uploaded


def mapped(actor, rows, headings, mapping, type_="customers", **more):
    import_ = uploaded(actor, csv_of(rows, headings), type_=type_)
    import_.heading_row = 1
    actions.map_columns(actor, import_, mapping=mapping, **more)
    db.session.commit()
    sweep()
    return again(import_.id)


def told(import_):
    """Line → sentences about its cells."""
    return {row.line: [each[2] % each[3] for each in row.problems or ()] for row in rows_of(import_)}


@pytest.mark.parametrize(
    ("text", "order", "plain", "month_first", "day_first"),
    [
        ("12/25/2025", "mdy", "2025-12-25", "2025-12-25", "12/25/2025"),
        ("25.12.2025", "dmy", "2025-12-25", "25.12.2025", "2025-12-25"),
        ("03/04/2026", "", "03/04/2026", "2026-03-04", "2026-04-03"),
        ("03/03/2026", "", "2026-03-03", "2026-03-03", "2026-03-03"),
        ("12/25/25", "mdy", "2025-12-25", "2025-12-25", "12/25/25"),
        ("25.12.25", "", "25.12.25", "25.12.25", "2025-12-25"),
        ("1/2/26 2:30 PM", "", "1/2/26 2:30 PM", "2026-01-02 2:30 PM", "2026-02-01 2:30 PM"),
        ("Dec 25, 2025", "", "2025-12-25", "2025-12-25", "2025-12-25"),
        ("25-Dec-25", "", "2025-12-25", "2025-12-25", "2025-12-25"),
        ("Thursday, December 25, 2025", "", "2025-12-25", "2025-12-25", "2025-12-25"),
        ("31/02/2026", "dmy", "31/02/2026", "31/02/2026", "31/02/2026"),
        ("May", "", "May", "May", "May"),
    ],
)
def test_a_date_is_turned_where_it_can_be_one_only(text, order, plain, month_first, day_first):
    assert order_of(text) == order
    assert [in_order(text, each) for each in ("", "mdy", "dmy")] == [plain, month_first, day_first]


def test_serial_numbers_of_spreadsheets_are_dates():
    assert from_serial("46347") == "2026-11-21"
    assert from_serial("46347.604166") == "2026-11-21 14:30:00"
    assert from_serial("12345") == "12345"  # 1933: more likely another number


@pytest.mark.parametrize(
    ("text", "plain", "with_comma", "counted", "in_ten_thousands"),
    [
        ("12.5万", "12.5万", "12.5万", "125000", "125000"),
        ("¥1.2亿元", "¥1.2亿元", "¥1.2亿元", "120000000", "120000000"),
        ("85%", "85%", "85%", "85", "85"),
        ("1.234,50", "1234.50", "1234.50", "1.234,50", "1.234,50"),
        ("1,234.50", "1,234.50", "1,234.50", "1,234.50", "12345000"),
        ("1.234", "1.234", "1234", "1.234", "12340"),
        ("(300.00)", "-300.00", "-300.00", "(300.00)", "(300.00)"),
        ("1'234.50", "1234.50", "1234.50", "1'234.50", "1'234.50"),
        ("12万5", "12万5", "12万5", "12万5", "12万5"),
    ],
)
def test_an_amount_is_counted_out(text, plain, with_comma, counted, in_ten_thousands):
    assert (plainly(text), plainly(text, decimals="comma")) == (plain, with_comma)
    if text != "1.234,50":  # nobody asks before the comma is turned
        assert (sized(text), sized(text, "10000")) == (counted, in_ten_thousands)


def test_a_heading_may_name_the_unit_and_a_cell_the_mark_of_decimals():
    assert [unit_of(each) for each in ("金额（万元）", "合同额万元", "Budget (k)", "Mark")] == [
        "10000",
        "10000",
        "1000",
        "",
    ]
    assert [decimals_of(each) for each in ("12,5", "12.5", "1.234", "12,500")] == ["comma", "point", "", ""]


DEALS = ("name", "customer", "amount", "closes_on")
COLUMNS = dict(enumerate(DEALS))


@pytest.fixture
def acme(cast):
    import_ = mapped(cast.manager.actor, [["Acme"]], ["name"], {0: "name"})
    run(cast.manager.actor, import_)
    return customers()[0].number


def deals():
    with unscoped("a test looks at everything"):
        return {each.name: each for each in db.session.query(Opportunity).all()}


def test_one_cell_proves_the_whole_column_and_the_report_says_so(cast, acme):
    rows = [
        ["first", acme, "1.234,50", "03/04/2026"],
        ["second", acme, "2.500", "12/25/2026"],
        ["third", acme, "7", "Nov 21, 2026"],
        ["fourth", acme, "3万", "46347"],
    ]
    import_ = mapped(cast.manager.actor, rows, DEALS, COLUMNS, "opportunities")
    assert (import_.valid, import_.invalid) == (4, 0), told(import_)
    assert import_.conversions["closes_on"]["order"] == "mdy"
    assert import_.conversions["closes_on"]["proof"] == {"of": "order", "count": 1, "example": "12/25/2026"}
    assert import_.conversions["amount"]["decimals"] == "comma"
    report = report_of(import_)["closes_on"]
    assert (report.said, report.kept, report.refused) == (4, 4, 0)
    assert [(each.kind, each.count) for each in report.changes] == [("serial", 1), ("date_order", 3)]
    assert report.changes[1].examples[0] == [2, "03/04/2026", "2026-03-04"]
    assert [each.line for each in changed_rows(import_, "closes_on", "date_order", 2, 25)] == [3, 4]
    run(cast.manager.actor, import_)
    made = deals()
    assert [made[name].closes_on for name in ("first", "fourth")] == [dt.date(2026, 3, 4), dt.date(2026, 11, 21)]
    assert [made[each].amount for each in ("first", "second", "fourth")] == [Decimal("1234.5"), 2500, 30000]


def test_what_nothing_proves_is_not_guessed_and_can_be_said(cast, acme):
    rows = [["first", acme, "1", "03/04/2026"], ["second", acme, "2", "03/03/2026"]]
    import_ = mapped(cast.manager.actor, rows, ("name", "customer", "金额（万元）", "close"), COLUMNS, "opportunities")
    assert (import_.valid, import_.invalid) == (1, 1)
    assert "which is the day" in told(import_)[2][0]
    saying.convert(cast.manager.actor, import_, {"closes_on": {"order": "dmy"}})
    db.session.commit()
    sweep()
    import_ = again(import_.id)
    assert import_.invalid == 0
    run(cast.manager.actor, import_)
    assert (deals()["first"].closes_on, deals()["first"].amount) == (dt.date(2026, 4, 3), 10000)


def test_a_cell_that_contradicts_its_column_is_refused(cast, acme):
    rows = [["first", acme, "1", "03/04/2026"], ["second", acme, "2", "25/12/2026"]]
    import_ = mapped(cast.manager.actor, rows, DEALS, COLUMNS, "opportunities")
    assert import_.conversions["closes_on"]["order"] == "dmy"
    saying.convert(cast.manager.actor, import_, {"closes_on": {"order": "mdy"}})
    db.session.commit()
    sweep()
    assert again(import_.id).invalid == 1
    assert list(filter(None, told(again(import_.id)).values())) == [[told(again(import_.id))[3][0]]]


def test_cells_are_written_as_was_said_and_empty_ones_filled(cast):
    rows = [["**acme LTD**", "415-555-2671", "", "ＡＢＣ"], ["beta", "13800138000", "B", ""]]
    import_ = mapped(
        cast.rep.actor,
        rows,
        ("name", "phone", "level", "remarks"),
        {0: "name", 1: "phone", 2: "level", 3: "remarks"},
        fallbacks={"level": "A", "source": "Website"},
    )
    said = {
        "name": {"strip": "*", "case": "title"},
        "phone": {"region": "us"},
        "remarks": {"narrow": "1"},
        "level": {"order": "mdy"},  # of no meaning there
        "source": {"case": "upper"},  # no column fills it
    }
    saying.convert(cast.rep.actor, import_, said)
    db.session.commit()
    sweep()
    import_ = again(import_.id)
    assert import_.conversions == {
        "name": {"strip": "*", "case": "title"},
        "phone": {"region": "US"},
        "remarks": {"narrow": True},
    }
    assert told(import_)[2] == []
    assert "phone number" in told(import_)[3][0]  # 138… is none of the United States
    run(cast.rep.actor, import_)
    made = customers()[0]
    assert (made.name, made.phone) == ("Acme Ltd", "+14155552671")
    assert (made.level, made.remarks) == ("a", "ABC")
    with pytest.raises(Invalid, match="country"):
        saying.convert(cast.rep.actor, checked_again(cast, import_), {"phone": {"region": "XX"}})


def checked_again(cast, import_):
    return mapped(cast.rep.actor, [["gamma", "1"]], ("name", "phone"), {0: "name", 1: "phone"})


def test_a_column_of_parts_is_divided_and_the_template_divides_the_next(cast):
    headings, rows = ("name", "contact"), [["Acme", "Wang Fang / 13800138000"], ["Beta", "nobody"]]
    import_ = uploaded(cast.rep.actor, csv_of(rows, headings))
    import_.heading_row = 1
    saying.divide(cast.rep.actor, import_, column=1, separator="/", parts=2)
    assert import_.state == State.MAPPING
    mapping = {0: "name", 3: "phone"}
    actions.map_columns(cast.rep.actor, import_, mapping=mapping)
    keep(cast.rep.actor, import_, "parts", shared=False, mapping=mapping)
    db.session.commit()
    sweep()
    import_ = again(import_.id)
    assert [row.raw for row in rows_of(import_)] == [
        ["Acme", "Wang Fang / 13800138000", "Wang Fang", "13800138000"],
        ["Beta", "nobody", "nobody", ""],
    ]
    run(cast.rep.actor, import_)
    assert [each.phone for each in customers()] == ["+8613800138000", None]
    other = uploaded(cast.rep.actor, csv_of([["Gamma", "x / 13900139000"]], headings))
    other.heading_row = 1
    found = fitting(cast.rep.actor, other)
    assert found is not None and found.exact
    with pytest.raises(Invalid, match="2 to 6"):
        saying.divide(cast.rep.actor, other, column=1, separator="/", parts=9)
    actions.map_columns(cast.rep.actor, other, mapping=mapping, template=found.template)
    assert other.splits == [[1, "/", 2]]


def test_a_value_for_all_rows_must_be_one_and_may_stand_for_a_column(cast):
    import_ = uploaded(cast.rep.actor, csv_of([["13800138000"]], ["phone"]))
    import_.heading_row = 1
    with pytest.raises(Invalid, match="not one of the choices"):
        actions.map_columns(cast.rep.actor, import_, mapping={0: "phone"}, fallbacks={"name": "Acme", "level": "Q"})
    actions.map_columns(cast.rep.actor, import_, mapping={0: "phone"}, fallbacks={"name": "Acme"})
    db.session.commit()
    sweep()
    run(cast.rep.actor, again(import_.id))
    assert customers()[0].name == "Acme"
