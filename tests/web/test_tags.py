"""Tags on their pages, without a script: said what they mean, chosen by it, put on with a reason."""

import re

import pytest
from sqlalchemy import select

from crm.domain.customers import actions as customers
from crm.domain.tags import shaping
from crm.domain.tags.models import Tag
from crm.domain.tags.shaping import TagDraft
from crm.infra.db import db
from crm.kernel.events import because
from tests.domain.tags.test_tags import stored

ALL = ("administrator", "manager", "rep", "other_rep", "agent", "marketer", "auditor", "outsider")


def text_of(answer):
    return answer.get_data(as_text=True)


@pytest.fixture
def risk(cast):
    draft = TagDraft({"en": "At risk", "zh_CN": "流失预警客户"}, {"en": "Call <b>within</b> a week"}, "warn", True)
    tag = shaping.make(cast.administrator.actor, draft)
    db.session.commit()
    return tag


def test_only_administrators_say_what_tags_mean(as_, cast, risk):
    for address in ("/admin/tags", f"/admin/tags/{risk.id}"):
        answers = {who: getattr(as_, who).get(address).status_code for who in ALL}
        assert answers == dict.fromkeys(ALL, 403) | {"administrator": 200}
    for path in ("", f"/{risk.id}", f"/{risk.id}/retirement", f"/{risk.id}/merging", f"/{risk.id}/place"):
        assert as_.manager.post(f"/admin/tags{path}", {"label-en": "Mine"}).status_code == 403


def test_made_changed_merged_and_brought_back(as_, cast, risk):
    made = {
        "label-en": "VIP",
        "label-zh_CN": "贵宾",
        "description-en": "Ask first",
        "tone": "ok",
        "types": ["customers"],
    }
    assert as_.administrator.post("/admin/tags", made).status_code == 303
    tag = db.session.scalars(select(Tag).where(Tag.key != risk.key)).one()
    assert (tag.label, tag.tone, tag.asks_why) == ({"en": "VIP", "zh_CN": "贵宾"}, "ok", False)
    twice = as_.administrator.post("/admin/tags", made)
    assert twice.status_code == 422 and "There is a tag called “VIP” already." in text_of(twice)
    assert "Ask first" in text_of(twice)
    as_.administrator.post(f"/admin/tags/{tag.id}", made | {"label-en": "Very important", "asks_why": "1"})
    assert "Files may still call it: VIP" in text_of(as_.administrator.get(f"/admin/tags/{tag.id}"))
    assert as_.administrator.post(f"/admin/tags/{tag.id}/merging", {"into": str(tag.id)}).status_code == 422
    assert as_.administrator.post(f"/admin/tags/{tag.id}/merging", {"into": str(risk.id)}).status_code == 303
    assert "→ At risk" in text_of(as_.administrator.get("/admin/tags"))
    as_.administrator.post(f"/admin/tags/{tag.id}/return")
    assert "→" not in text_of(as_.administrator.get("/admin/tags"))


def test_the_form_says_what_a_tag_means_and_asks_why(as_, cast, risk):
    id_ = customers.create(cast.rep.actor, {"name": "One", "tags": ["old words"]})
    db.session.commit()
    edit = text_of(as_.rep.get(f"/customers/{id_}/sections/basics/edit"))
    assert "Call &lt;b&gt;within&lt;/b&gt; a week" in edit and 'name="reason"' in edit
    before = dict(re.findall(r'name="(before-[^"]+)" value="([^"]*)"', edit))
    sent = before | {"name": "One", "type": "company", "tags": [risk.key, "old words"]}
    refused = as_.rep.post(f"/customers/{id_}/sections/basics", sent)
    assert refused.status_code == 422 and "is only put on with a reason: say why." in text_of(refused)
    assert re.search(rf'value="{risk.key}" checked', text_of(refused))
    kept = as_.rep.post(f"/customers/{id_}/sections/basics", sent | {"reason": "Their buyer has left"})
    assert (kept.status_code, stored(id_).tags) == (303, [risk.key, "old words"])
    page = text_of(as_.rep.get(f"/customers/{id_}"))
    assert "Reason: Their buyer has left" in page
    assert re.search(r'class="badge warn" title="Call &lt;b&gt;within&lt;/b&gt; a week">At risk', page)
    assert "(Call &lt;b&gt;within&lt;/b&gt; a week)</span>" in page  # for whoever hears the page


def test_a_section_saved_without_touching_its_tags_changes_none(as_, cast, risk):
    with because("Known"):
        id_ = customers.create(cast.rep.actor, {"name": "One", "tags": ["b", risk.key, "a"]})
    db.session.commit()
    edit = text_of(as_.rep.get(f"/customers/{id_}/sections/basics/edit"))
    before = dict(re.findall(r'name="(before-[^"]+)" value="([^"]*)"', edit))
    sent = before | {"name": "Two", "type": "company", "tags": [risk.key, "b, a"]}
    assert as_.rep.post(f"/customers/{id_}/sections/basics", sent).status_code == 303
    assert (stored(id_).name, stored(id_).tags) == ("Two", ["b", risk.key, "a"])


def test_a_cell_asks_why_too(as_, cast, risk):
    id_ = customers.create(cast.rep.actor, {"name": "One"})
    db.session.commit()
    form = as_.rep.get(f"/cells/customers/{id_}/tags/edit?list=")
    assert 'name="reason"' in text_of(form)
    refused = as_.rep.post(f"/cells/customers/{id_}/tags", {"tags": risk.key}, htmx="td")
    assert refused.status_code == 422 and "say why" in text_of(refused)
    saved = as_.rep.post(f"/cells/customers/{id_}/tags", {"tags": risk.key, "reason": "Quiet"}, htmx="td")
    assert saved.status_code == 200 and "At risk" in text_of(saved)


def test_a_list_is_narrowed_by_tags_and_says_so(as_, cast, risk):
    with because("Known"):
        customers.create_many(cast.rep.actor, [{"name": "Plain"}, {"name": "Typed", "tags": ["流失预警客户"]}])
    db.session.commit()
    page = text_of(as_.rep.get("/customers/?tags__any=At+risk,vip"))
    assert "Typed" in page and ">Plain<" not in page
    assert "Tags has one of these: At risk or vip" in page and '<option value="At risk">' in page
    page = text_of(as_.rep.get("/customers/?tags__lacks=At+risk"))
    assert "Typed" not in page and "Plain" in page
    built = text_of(as_.rep.get("/filters/customers?f0=tags&o0=any&v0=At+risk"))
    assert "has none of these" in built and 'list="known-0"' in built
