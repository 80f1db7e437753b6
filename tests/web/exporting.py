"""Exports as a person has them: asked for on a page, written, fetched."""

import csv
import io
import json
import re

import openpyxl

from crm.domain.exports.models import Export
from crm.infra.db import db
from crm.jobs.exports import write_waiting
from crm.kernel.access import Reach
from crm.kernel.permissions import Permission


def wish(browser, type_key="customers", listed="", *, fields=("name",), form="csv", **more):
    data = {"list": listed, "field": list(fields), "names": "labels", "format": form} | more
    return browser.post(f"/exports/{type_key}", data)


def place_of(answer):
    assert answer.status_code == 303, sentence_of(answer)
    return answer.location.partition("?")[0]


def fetched(browser, place):
    answer = browser.get(f"{place}/file")
    assert answer.status_code == 200, sentence_of(answer)
    return answer.data


def exported(browser, type_key="customers", listed="", **more):
    """The bytes of the file, whoever wrote it."""
    place = place_of(wish(browser, type_key, listed, **more))
    write_waiting()
    return fetched(browser, place)


def table(content, encoding="utf-8-sig"):
    """Headings, rows, and the line below them."""
    heading, *rows, last = csv.reader(io.StringIO(content.decode(encoding), newline=""))
    return heading, rows, last[0]


def objects(content):
    *rows, last = [json.loads(line) for line in content.decode().splitlines()]
    return rows, last[""]


def sheet(content):
    return openpyxl.load_workbook(io.BytesIO(content)).active


def sentence_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def newest():
    return db.session.query(Export).order_by(Export.id.desc()).first()


def everything(type_key=None):
    """Rights to all there is, or to all but one type's export."""
    off = f"{type_key}:export" if type_key else ""
    return {each: Reach.ALL for each in Permission if each != off}
