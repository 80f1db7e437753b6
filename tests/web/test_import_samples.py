"""A verification sample through its doors: drawn, compared, shared, entered from paper, signed, and what it marks."""

import html
import re

from crm.domain.customers import actions as customers_
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.sampling.queries import latest, rows_of
from crm.infra.db import db
from crm.kernel.access import FieldRight, Reach
from crm.kernel.permissions import Permission
from tests.domain.undoing.test_undoing import one
from tests.web.test_imports import checked, text_of, the_import

FILE = "客户名称,客户等级,手机,备注\n" + "".join(f"公司{n},A级,138 0013 8{n:03},来自文件{n}\n" for n in range(12))


def said(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text_of(page))).split())


def drawn(as_):
    from crm.jobs.imports import sweep

    url = checked(as_.rep, FILE)
    as_.rep.post(url + "/run", {"duplicates": "skip"})
    sweep()
    page = as_.rep.get(url + "/report")
    assert "Is it right?" in said(page)
    of = f"/samples/of/{the_import().id}"
    assert 'value="12"' in text_of(as_.rep.get(of))  # of so few all
    assert as_.rep.post(of, {"size": "500"}).status_code == 422
    return url, as_.rep.post(of, {"size": "3", "seed": "5"}).location


def test_rows_are_compared_signed_and_mark_the_import(as_, cast):
    url, place = drawn(as_)
    sample = latest(the_import().id)
    first, second, third = rows_of(sample)
    customers_.change(cast.rep.actor, one(f"公司{first.line - 2}"), {"remarks": "changed since"})
    db.session.commit()
    page = as_.rep.get(f"{place}/rows/{first.line}")
    assert f"来自文件{first.line - 2}" in said(page) and "changed since" in said(page) and "138 0013 8" in said(page)
    answer = as_.rep.post(
        f"{place}/rows/{first.line}", {"verdict": "wrong", "wrong": "remarks", "note": "should be 来自"}
    )
    assert answer.location == f"{place}/rows/{second.line}"
    assert as_.rep.post(f"{place}/rows/{second.line}", {"verdict": "right"}).location == f"{place}/rows/{third.line}"
    page = as_.rep.get(place)
    assert "1 of 2 wrong: 50 % right. With 95 % certainty at most 97.47 % of all are wrong." in said(page)
    assert "should be 来自" in said(page) and "1 rows are not judged" in said(page)
    printed = as_.rep.get(f"{place}/print")
    assert said(printed).count("☐ right ☐ wrong") == 3 and "signature" in said(printed)
    assert as_.rep.post(f"{place}/paper", {"lines": "1x"}).status_code == 422
    as_.rep.post(f"{place}/paper", {"lines": ""})
    as_.rep.post(f"{place}/signature")
    page = said(as_.rep.get(place))
    assert "Signed by Sam" in page and "Less than 99 % is right" in page and "Undo the import" in page
    assert "verification failed" in said(as_.rep.get("/imports/"))
    assert "Verified: 1 of 3 rows wrong." in said(as_.rep.get(url + "/report"))
    assert as_.rep.post(f"{place}/rows/{first.line}", {"verdict": "right"}).status_code == 409


def test_a_colleague_sees_of_it_what_their_own_rights_allow(as_, cast):
    _, place = drawn(as_)
    row = rows_of(latest(the_import().id))[0]
    for address in (place, f"{place}/rows/{row.line}", f"{place}/print"):
        assert as_.manager.get(address).status_code == 404
    assert as_.rep.post(f"{place}/people", {"people": "Nobody Known"}).status_code == 422
    as_.rep.post(f"{place}/people", {"people": "max@example.com, mia@example.com"})
    role = granting.create_role(SYSTEM, name="Curious")
    reach = {each: Reach.ALL for each in Permission if each not in (Permission.IMPORTS_READ,)}
    granting.change_role(SYSTEM, role, name="", reach=reach, fields={"customers": {"remarks": FieldRight.HIDDEN}})
    granting.give_roles(SYSTEM, cast.manager, [role])
    db.session.commit()
    assert "asks you to compare rows" in said(as_.manager.get("/notifications/"))
    page = said(as_.manager.get(f"{place}/rows/{row.line}"))
    assert f"公司{row.line - 2}" in page and "来自文件" not in page and "Remarks" not in page
    assert "来自文件" not in said(as_.manager.get(f"{place}/print"))
    other = rows_of(latest(the_import().id))[-1]
    as_.rep.post(f"{place}/rows/{other.line}", {"verdict": "wrong", "note": "来自文件 is wrong"})
    assert "来自文件 is wrong" in said(as_.rep.get(place))
    for page in (place, f"{place}/rows/{other.line}"):  # a note may tell what is hidden
        assert "来自文件" not in said(as_.manager.get(page)) and "来自文件" not in said(as_.other_rep.get(page))
    theirs = said(as_.other_rep.get(f"{place}/rows/{row.line}"))  # whose customers these are not
    assert "This record is not there for you" in theirs and "公司" not in theirs
    assert as_.manager.get(f"/imports/{the_import().id}/report").status_code in (403, 404)
    assert as_.manager.post(f"{place}/rows/{row.line}", {"verdict": "right"}).status_code == 303
