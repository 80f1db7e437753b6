"""Whoever may do everything but read some fields reads them nowhere: every page there is, from `app.url_map`."""

import io
import re

import pytest
from openpyxl import load_workbook

from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.jobs.audit_exports import write_exports
from crm.jobs.imports import sweep
from crm.kernel.access import FieldRight, Reach
from crm.kernel.permissions import Permission
from tests.web.test_leaks import ask, filled, numbers, secret  # noqa: F401

# What the rep's customer has in these fields, before and after changes.
HIDDEN = ("138 0013 8765", "13800138765", "8765", "leise@", "leise", "Stillgasse", "Verschwiegenheit")
FIELDS = {
    "phone": FieldRight.HIDDEN,
    "email": FieldRight.MASKED,
    "address": FieldRight.HIDDEN,
    "remarks": FieldRight.MASKED,
    "competitor": FieldRight.HIDDEN,
}
TAKEN_AWAY = ("audit.export",)  # files that a form asks for


def tell(text):
    """Which of HIDDEN stand in it. The end of a phone stands by itself: in keys and times its digits come by chance."""
    apart = {"8765": r"(?<![0-9A-Za-z.])8765(?![0-9A-Za-z])"}
    return [each for each in HIDDEN if re.search(apart.get(each, re.escape(each)), text)]


@pytest.fixture
def curious(cast):
    """Olga may do everything with everything, and see, too, what changed; but five fields of customers she may not,
    nor the same ones of other types."""
    role = granting.create_role(SYSTEM, name="Curious")
    reach = {each: Reach.ALL for each in Permission}
    granting.change_role(SYSTEM, role, name="", reach=reach, fields=dict.fromkeys(RECORD_TYPES, FIELDS))
    granting.give_roles(SYSTEM, cast.outsider, [role])
    db.session.commit()
    return cast.outsider


def words(answer):
    if "spreadsheetml" in answer.headers.get("Content-Type", ""):
        sheet = load_workbook(io.BytesIO(answer.get_data()), read_only=True).active
        return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "headers", [{}, {"HX-Request": "true", "HX-Target": "section#list-results"}], ids=["page", "part"]
)
def test_no_page_tells_a_field_one_may_not_read(app, curious, filled, headers):  # noqa: F811
    wrong, answered = [], 0
    for rule, method, address in filled:
        if (method != "GET" and rule.endpoint not in TAKEN_AWAY) or rule.endpoint.startswith("account."):
            continue
        answer = ask(app, curious, method, address, headers=headers)
        if rule.endpoint in TAKEN_AWAY:
            place = answer.location or answer.headers["HX-Redirect"]
            write_exports()
            answer = ask(app, curious, "GET", f"{place}/file")
            assert answer.status_code == 200
        answered += answer.status_code == 200
        text = words(answer).replace("Geheimwort", "")
        follow_up = rule.endpoint.partition(".")[0] in (*RECORD_TYPES, "audit")  # its words are nobody's field
        found = [each for each in tell(text) if not (follow_up and each == "Verschwiegenheit")]
        wrong += [f"{address} tells {each}: …{text[text.index(each) - 200 :][:300]}…" for each in found]
    assert answered > 15
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "asked",
    ["q=8765", "q=leise", "phone__is=13800138765", "email__contains=leise", "address__contains=Still", "sort=email"]
    + ["remarks__contains=Versch", "competitor__filled=1", "cols=phone&cols=email&cols=remarks&cols=address"],
)
def test_no_question_to_a_list_tells_it(app, curious, secret, asked):  # noqa: F811
    for place in ("/customers/", "/customers/bin", "/lookup/parent"):
        text = words(ask(app, curious, "GET", f"{place}?{asked}"))
        typed = [each for each in HIDDEN if each in asked]
        assert not [each for each in tell(text) if each not in typed], place
        if asked.startswith(("q=", "phone__", "email__", "address__", "remarks__", "competitor__")):
            assert "Geheimwort" not in text.split('id="list-rows"')[-1] or "message" in text, place


def test_of_a_strangers_file_only_columns_of_open_fields_are_shown(app, cast, curious, secret):  # noqa: F811
    """The rep's file had a name, a phone and remarks, and a row whose phone is none."""
    place = f"/imports/{secret['import_id']}"
    for page in ("/check", "/rows/all", "/rows/failed", "/rows/invalid", "/mapping", "/failed.csv", "/failed.xlsx"):
        answer = ask(app, curious, "GET", place + page)
        text = words(answer)
        assert answer.status_code == 200, page
        assert "Geheimwort" in text or page == "/check", "The name is open to all."
        assert not [each for each in ("13800138765", "电话", "备注", "“12”", "Verschwiegenheit") if each in text], page
        assert "13800138765" in words(ask(app, cast.rep, "GET", place + page)) or "rows/all" not in page
    assert "in a column that you may not see" in words(ask(app, curious, "GET", f"{place}/check"))
    assert "“12”" in words(ask(app, cast.rep, "GET", f"{place}/check"))


def test_a_column_cannot_be_opened_by_matching_it_anew(app, as_, cast, curious):
    file = (io.BytesIO("公司名称,电话\nGeheimwort 贸易,13800138765\n".encode()), "his.csv")
    place = as_.rep.post("/imports/", {"file": file}).location
    sweep()
    assert "13800138765" not in words(ask(app, curious, "GET", f"{place}/mapping"))
    for path in ("mapping", "reading"):
        answer = ask(app, curious, "POST", f"{place}/{path}", more_data={"column-0": "phone", "column-1": "name"})
        assert answer.status_code == 409
        assert "Only whoever brought the file" in words(answer)
    as_.rep.post(f"{place}/mapping", {"column-0": "name", "column-1": "phone"})
    sweep()
    assert "13800138765" not in words(ask(app, curious, "GET", f"{place}/rows/all"))
