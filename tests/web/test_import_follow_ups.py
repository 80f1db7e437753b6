"""Follow-ups through the wizard: chosen, recognised by their headings, checked, in, and led to."""

import io
import re

from sqlalchemy import select

from crm.domain.customers.actions import create_many
from crm.domain.imports.states import State
from crm.domain.timeline.models import FollowUp
from crm.infra.db import db
from crm.jobs.imports import sweep
from tests.web.test_imports import mapped, text_of, the_import

HERE = """客户名称,跟进时间,跟进人,跟进方式,跟进内容,跟进结果,下次跟进时间
启明软件,2024/3/5 14:30,Sam 王,电话,问了报价,满意,2999-01-01
启明软件,2024-03-06,,拜访,上门演示,,
没有这家,2024-03-06,,电话,x,,
"""


def test_follow_ups_come_in_through_the_wizard(as_, cast):
    customer = create_many(cast.rep.actor, [{"name": "启明软件"}])[0]
    db.session.commit()
    browser = as_.rep
    assert "Follow-ups" in text_of(browser.get("/imports/new"))
    assert "One row for each follow-up" in text_of(browser.get("/imports/new?type=follow_ups"))
    sent = {"file": (io.BytesIO(HERE.encode()), "跟进.csv"), "record_type": "follow_ups"}
    url = browser.post("/imports/", sent).location
    assert mapped(browser, url).status_code == 303
    keys = ("about", "happened_at", "author", "kind", "body", "result", "next_on")
    assert the_import().mapping == {str(n): key for n, key in enumerate(keys)}  # without a click
    check = browser.get(url + "/check").get_data(as_text=True)
    assert "没有这家" in check
    assert 'value="update"' not in check  # what somebody wrote is not written over
    assert browser.post(url + "/run", {"duplicates": "update"}).status_code == 409
    browser.post(url + "/run", {"duplicates": "skip"})
    sweep()
    assert the_import().state == State.DONE
    said = db.session.scalars(select(FollowUp).order_by(FollowUp.happened_at)).all()
    assert [each.body for each in said] == ["问了报价", "上门演示"]
    report = browser.get(url + "/report")
    assert report.status_code == 200
    rows = browser.get(url + "/rows/created").get_data(as_text=True)
    assert re.findall(r'href="(/customers/\d+#follow-up-\d+)"', rows) == [
        f"/customers/{customer}#follow-up-{each.id}" for each in said
    ]
    page = browser.get(f"/customers/{customer}").get_data(as_text=True)
    assert "问了报价" in page and f'id="follow-up-{said[0].id}"' in page


def test_who_may_bring_them_in_is_said_by_a_role(as_):
    """The agent writes follow-ups and brings no files in."""
    assert as_.agent.get("/imports/new?type=follow_ups").status_code == 403
    assert "follow_ups:import" in as_.administrator.get("/admin/roles/2").get_data(as_text=True)
