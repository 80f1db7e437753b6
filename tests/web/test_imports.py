"""The import wizard through its doors: every step a page, nothing but links and forms."""

import io
import re

import pytest
from sqlalchemy import select

from crm.domain.customers.models import Customer
from crm.domain.imports.models import Import, ImportResult
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


def upload(browser, text=FILE, name="客户.csv"):
    data = {"file": (io.BytesIO(text.encode() if isinstance(text, str) else text), name)}
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
