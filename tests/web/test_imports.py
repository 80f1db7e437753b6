"""The import wizard through its doors: every step a page, nothing but links and forms."""

import io
import re

import pytest
from sqlalchemy import select

from crm.domain.customers.models import Customer
from crm.domain.imports.models import Import
from crm.domain.people.sessions import end_all
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.access import unscoped

FILE = """客户名称,客户等级,手机,邮箱,负责人姓名,备忘
上海启明软件有限公司,A级,138 0013 8000,li@example.com,Sam,第一
北京远景科技有限公司,B,13900139000,,,
北京远景科技有限公司,B,139 0013 9000,,,twice
坏电话公司,C,12,,,
,C,13700137000,,,no name
"""


def upload(browser, text=FILE, name="客户.csv", **more):
    data = {**more, "file": (io.BytesIO(text.encode() if isinstance(text, str) else text), name)}
    answer = browser.post("/imports/", data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location


def where(browser, url):
    return browser.get(url).location


def mapped(browser, url, **changes):
    """Take the suggestions of the mapping page, and have the rows checked."""
    sweep()
    page = browser.get(url + "/mapping").get_data(as_text=True)
    chosen = re.findall(r'<select class="input" name="(column-\d+)".*?</select>', page, re.S)
    parts = re.split(r'<select class="input" name="column-\d+"', page)[1:]
    picked = [re.search(r'<option value="([^"]+)" selected', part.partition("</select>")[0]) for part in parts]
    form = {name: found.group(1) if found else "" for name, found in zip(chosen, picked, strict=True)}
    answer = browser.post(url + "/mapping", form | changes)
    if answer.status_code == 303:
        sweep()
    return answer


def stored():
    with unscoped("a test looks at everything"):
        return db.session.scalars(select(Customer).order_by(Customer.id)).all()


def the_import():
    with unscoped("a test looks at everything"):
        return db.session.scalars(
            select(Import).order_by(Import.id.desc()).execution_options(populate_existing=True)
        ).first()


def text_of(answer):
    return answer.get_data(as_text=True)


def test_a_file_becomes_customers_step_by_step(as_):
    url = upload(as_.rep)
    assert where(as_.rep, url) == url + "/mapping"
    assert "Looking at the file" in text_of(as_.rep.get(url + "/mapping")) or "Waiting" in text_of(
        as_.rep.get(url + "/mapping")
    )
    assert mapped(as_.rep, url).location == url + "/check"
    page = text_of(as_.rep.get(url + "/check"))
    assert "is not a phone number" in page
    assert "This is required." in page
    assert as_.rep.post(url + "/run", {"duplicates": "skip"}).location == url + "/run"
    sweep()
    assert where(as_.rep, url) == url + "/report"
    import_ = the_import()
    assert (import_.rows, import_.created, import_.skipped, import_.failed) == (5, 2, 1, 2)
    assert [each.name for each in stored()] == ["上海启明软件有限公司", "北京远景科技有限公司"]
    report = text_of(as_.rep.get(url + "/report"))
    assert "rows/created" in report and "rows/failed" in report


def test_columns_that_are_not_recognised_are_shown_and_left_out(as_):
    url = upload(as_.rep)
    sweep()
    page = text_of(as_.rep.get(url + "/mapping"))
    assert "6 columns of the file, 1 left out" in page
    assert "负责人姓名" in page
    assert "Sure · 9" in page
    assert "第一" in page  # the first values, and the preview


def test_a_mapping_without_a_name_is_refused_and_what_was_chosen_stays(as_):
    url = upload(as_.rep)
    answer = mapped(as_.rep, url, **{"column-0": "", "column-5": "remarks"})
    assert answer.status_code == 422
    assert "No column fills “Full name”" in text_of(answer)
    assert re.search(r'name="column-5".*?value="remarks" selected', text_of(answer), re.S)
    assert the_import().state == "mapping"


def test_a_rep_is_not_offered_what_they_may_not_fill_in(as_):
    url = upload(as_.rep)
    assert mapped(as_.rep, url, **{"column-4": "owner"}).status_code == 422


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("", b"", "Choose a file first"), ("list.pdf", b"%PDF", "is not a spreadsheet"), ("list.csv", b"", "is empty"),
     ("list", b"a,b", "is not a spreadsheet")],
)  # fmt: skip
def test_a_file_that_can_never_be_read_is_refused_at_once(as_, name, content, words):
    answer = as_.rep.post("/imports/", {"file": (io.BytesIO(content), name)})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert the_import() is None


def test_the_same_upload_sent_twice_is_one_import(as_):
    data = {"idempotency_key": "u1"}
    answers = [as_.rep.post("/imports/", data | {"file": (io.BytesIO(b"a,b\n1,2\n"), "a.csv")}) for _ in range(2)]
    assert answers[0].location == answers[1].location
    with unscoped("a test looks at everything"):
        assert len(db.session.scalars(select(Import)).all()) == 1


def test_a_file_that_cannot_be_read_says_why(as_):
    url = upload(as_.rep, b"%PDF-1.7 nothing", "list.csv")
    sweep()
    assert where(as_.rep, url) == url + "/report"
    page = text_of(as_.rep.get(url + "/report"))
    assert "This is a PDF document. Nothing was read." in page


def test_the_file_can_be_read_in_another_way(as_):
    url = upload(as_.rep, "x;y\nName;Tel\nAcme;13800138000\n", "a.csv")
    sweep()
    as_.rep.post(url + "/reading", {"sheet": "", "encoding": "utf-8", "delimiter": ";", "heading_row": "2"})
    page = text_of(as_.rep.get(url + "/mapping"))
    assert "headings in row 2" in page
    assert "Acme" in page
    as_.rep.post(url + "/reading", {"sheet": "", "encoding": "utf-8", "delimiter": ",", "heading_row": "2"})
    assert the_import().state == "inspecting"


def checked(browser, text=FILE, **changes):
    url = upload(browser, text)
    assert mapped(browser, url, **changes).status_code == 303
    return url


def done(browser, text=FILE, duplicates="skip"):
    url = checked(browser, text)
    assert browser.post(url + "/run", {"duplicates": duplicates}).status_code == 303
    sweep()
    return url


def test_the_check_lists_every_problem_with_line_column_value_and_sentence(as_):
    page = text_of(as_.rep.get(checked(as_.rep) + "/check"))
    rows = re.findall(
        r"<tr>\s*<td class=\"num side\">(\d+)</td>\s*<td>(.*?)</td>\s*<td class=\"clip\">(.*?)</td>\s*(.*?)</tr>",
        page,
        re.S,
    )
    assert [(line, column, value) for line, column, value, _ in rows] == [("5", "手机", "12"), ("6", "客户名称", "")]
    assert "is not a phone number" in rows[0][3]


def test_many_problems_come_in_pages(as_):
    url = checked(as_.rep, "客户名称,手机\n" + "".join(f"C{n},x{n}\n" for n in range(60)), **{"column-1": "phone"})
    page, lines = text_of(as_.rep.get(url + "/check")), []
    for _ in range(5):
        lines += re.findall(r'<td class="num side">(\d+)</td>', page)
        further = re.search(r'rel="next" href="([^"#]+)', page)
        if not further:
            break
        page = text_of(as_.rep.get(further.group(1).replace("&amp;", "&")))
    assert lines == [str(n) for n in range(2, 62)]


def test_without_a_good_row_nothing_can_be_started(as_):
    url = checked(as_.rep, "客户名称,手机\nA,12\nB,13\n", **{"column-1": "phone"})
    assert "Import the rows" not in text_of(as_.rep.get(url + "/check"))
    assert as_.rep.post(url + "/run", {"duplicates": "skip"}).status_code == 409


@pytest.mark.parametrize("kind", ["all", "created", "skipped", "failed", "updated", "not_reached", "valid", "invalid",
                                  "duplicate_file", "duplicate_stored"])  # fmt: skip
def test_every_number_opens_its_rows(as_, kind):
    url = done(as_.rep)
    import_ = the_import()
    page = text_of(as_.rep.get(f"{url}/rows/{kind}"))
    expected = import_.rows if kind == "all" else getattr(import_, kind)
    assert page.count("<tr>") - (1 if expected else 0) == expected
    assert as_.rep.get(f"{url}/rows/nonsense").status_code == 404


def test_rows_lead_to_their_records(as_):
    url = done(as_.rep)
    page = text_of(as_.rep.get(url + "/rows/created"))
    ids = re.findall(r'href="(/customers/\d+)">([^<]+)', page)
    assert [name for _, name in ids] == ["上海启明软件有限公司", "北京远景科技有限公司"]
    assert "上海启明软件有限公司" in text_of(as_.rep.get(ids[0][0]))
    assert f'href="/customers/{ids[1][0].rpartition("/")[2]}"' in text_of(as_.rep.get(url + "/rows/skipped"))


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_failed_rows_come_with_their_reason_and_go_in_again_once_corrected(as_, suffix):
    url = done(as_.rep, FILE.replace("坏电话公司", "=HYPERLINK(1)公司"))
    answer = as_.rep.get(f"{url}/failed.{suffix}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    content = answer.get_data()
    if suffix == "csv":
        text = content.decode("utf-8-sig")
        assert "'=HYPERLINK(1)公司" in text
        assert text.startswith("Why this row was not imported,客户名称,客户等级,手机")
        assert "手机: “12” is not a phone number" in text
        content = text.replace(",12,", ",13600136000,").encode("utf-8-sig")
    again = upload(as_.rep, content, f"failed.{suffix}")
    mapped(as_.rep, again)
    import_ = the_import()
    assert import_.mapping["1"] == "name"
    assert "0" not in import_.mapping
    assert (import_.rows, import_.valid, import_.invalid) == ((2, 1, 1) if suffix == "csv" else (2, 0, 2))


def test_the_progress_fragment_is_the_same_on_the_page_and_when_polling_and_small(as_):
    url = upload(as_.rep)
    page = text_of(as_.rep.get(url + "/mapping"))
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert f'hx-sse:connect="{url}/stream?phase=inspecting"' in page
    fragment = text_of(as_.rep.get(url + "/progress?phase=inspecting"))
    assert "every 2s" in fragment
    assert "<progress" in fragment and "<progress" in page
    assert len(fragment) < 4096
    sweep()
    fragment = text_of(as_.rep.get(url + "/progress?phase=inspecting"))
    assert "go on" in fragment and 'hx-trigger="load"' in fragment


def events(answer):
    """The messages of a stream, one at a time."""
    text = ""
    for chunk in answer.response:
        text += chunk.decode() if isinstance(chunk, bytes) else chunk
        while "\n\n" in text:
            message, text = text.split("\n\n", 1)
            if message.startswith("data:"):
                yield "\n".join(line.removeprefix("data: ") for line in message.splitlines())


def test_a_stream_begins_with_the_state_and_ends_with_the_step(as_):
    url = upload(as_.rep)
    answer = as_.rep.get(url + "/stream?phase=inspecting", buffered=False)
    assert answer.mimetype == "text/event-stream"
    told = events(answer)
    assert "<progress" in next(told)
    sweep()
    assert "go on" in next(told)
    assert next(told, None) is None
    answer.close()


def test_over_the_cap_a_stream_is_polling(as_, app):
    url = upload(as_.rep)
    most = app.config["SETTINGS"].streams
    open_ = [as_.rep.get(url + "/stream?phase=inspecting", buffered=False) for _ in range(most)]
    one_more = as_.rep.get(url + "/stream?phase=inspecting")
    assert one_more.mimetype == "text/html"
    assert "every 2s" in text_of(one_more)
    for answer in open_:
        answer.close()
    answer = as_.rep.get(url + "/stream?phase=inspecting", buffered=False)
    assert answer.mimetype == "text/event-stream"
    answer.close()


def test_a_stream_ends_when_the_person_may_no_longer_see_it(as_, cast):
    url = upload(as_.rep)
    answer = as_.rep.get(url + "/stream?phase=inspecting", buffered=False)
    told = events(answer)
    next(told)
    end_all(cast.rep)
    db.session.commit()
    assert next(told, None) is None
    answer.close()


def test_cancel_before_and_after_the_check(as_):
    url = upload(as_.rep)
    assert as_.rep.post(url + "/cancellation").location == url
    assert "Stopping" in text_of(as_.rep.get(url + "/mapping"))
    sweep()
    assert where(as_.rep, url) == url + "/report"
    assert "The import was cancelled" in text_of(as_.rep.get(url + "/report"))
    assert as_.rep.post(url + "/cancellation").status_code == 409
    url = checked(as_.rep)
    as_.rep.post(url + "/cancellation")
    assert the_import().state == "cancelled"
    assert stored() == []


def test_each_step_leads_to_where_the_import_stands(as_):
    url = done(as_.rep)
    assert as_.rep.get(url + "/run").location == url + "/report"
    for step in ("mapping", "check", "report"):
        assert as_.rep.get(f"{url}/{step}").status_code == 200
    url = upload(as_.rep)
    assert as_.rep.get(url + "/check").location == url + "/mapping"


def test_the_list_shows_ones_own_newest_first_in_pages(as_):
    for n in range(27):
        upload(as_.rep, name=f"file-{n}.csv")
    page = text_of(as_.rep.get("/imports/"))
    assert re.findall(r"file-(\d+)\.csv", page) == [str(n) for n in range(26, 1, -1)]
    older = re.search(r'rel="next" href="([^"]+)"', page).group(1)
    assert re.findall(r"file-(\d+)\.csv", text_of(as_.rep.get(older))) == ["1", "0"]
    assert not re.search(r"file-\d", text_of(as_.other_rep.get("/imports/")))
    assert "file-26" in text_of(as_.administrator.get("/imports/"))


ADDRESSES = [
    "",
    "/mapping",
    "/check",
    "/run",
    "/report",
    "/rows/all",
    "/failed.csv",
    "/failed.xlsx",
    "/progress",
    "/stream",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_import_exists_for_its_owner_and_administrators_only(as_, address):
    url = done(as_.rep)
    for browser, status in ((as_.other_rep, 404), (as_.outsider, 404), (as_.stranger, 303)):
        assert browser.get(url + address).status_code == status
    assert as_.administrator.get(url + address).status_code in (200, 303)


@pytest.mark.parametrize("address", ["/mapping", "/reading", "/run", "/cancellation", "/resumption"])
def test_nobody_else_can_move_an_import(as_, address):
    url = upload(as_.rep)
    assert as_.other_rep.post(url + address, {"duplicates": "skip"}).status_code == 404


def test_what_comes_from_a_file_is_shown_and_never_obeyed(as_):
    evil = "<script>alert(1)</script>"
    url = done(as_.rep, f'客户名称,手机,"{evil}"\n"{evil}","{evil}",x\n{evil},,y\n')
    for step in ("mapping", "check", "report", "rows/all", "rows/failed"):
        assert evil not in text_of(as_.rep.get(f"{url}/{step}"))


def test_the_mapping_page_of_a_wide_file_stays_small(as_):
    headings = [f"Spalte {n}" for n in range(400)]
    url = upload(
        as_.rep, ",".join(["客户名称", *headings]) + "\n" + ",".join(["Acme", *("x" * 50 for _ in headings)]) + "\n"
    )
    sweep()
    answer = as_.rep.get(url + "/mapping", headers={"Accept-Encoding": "gzip"})
    assert len(answer.get_data()) < 60_000


def test_a_checked_import_can_be_run_later(as_):
    url = checked(as_.rep)
    assert 'value="22:00"' in text_of(as_.rep.get(url + "/check"))
    sent = {"duplicates": "skip", "when": "tonight", "at": "25:00"}
    assert as_.rep.post(url + "/run", sent).status_code == 422
    assert as_.rep.post(url + "/run", sent | {"at": "22:00"}).location.endswith("/check")
    assert "It runs by itself" in text_of(as_.rep.get(url + "/check")) and the_import().starts_at
    as_.rep.post(url + "/run/cancellation")
    assert the_import().starts_at is None and "It runs by itself" not in text_of(as_.rep.get(url + "/check"))
