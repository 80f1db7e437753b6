"""The box that searches everything: groups, their order, and only what there is for whoever asks."""

import re
from html import unescape

import pytest

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.customers.queries import CUSTOMERS
from crm.domain.imports.models import Import
from crm.domain.modules.actions import switch_module
from crm.domain.people.actions import SYSTEM
from crm.domain.registry import RECORD_TYPES
from crm.domain.search.everything import SOURCES, everything
from crm.domain.timeline.actions import add_follow_up
from crm.infra.db import db
from crm.kernel.finding import best
from crm.kernel.sharing import Share

WHILE_TYPING = {"HX-Request": "true"}


def made(actor, *names):
    ids = [actions.create(actor, {"name": each}) for each in names]  # one by one: the last is the newest
    db.session.commit()
    return ids


def named(actor, text, size=20):
    return [row.name for row in best(CUSTOMERS.open_to(actor), actor, text, size)]


def words(answer):
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def groups(answer):
    return re.findall(r'<li class="group" role="none">([^<]+)<', words(answer))


def test_the_whole_name_comes_first_then_what_begins_so_then_the_newest(cast):
    actor = cast.rep.actor
    made(actor, "华东科技", "华东", "中华东方", "华东贸易", "上海华东")
    assert named(actor, "华东") == ["华东", "华东贸易", "华东科技", "上海华东", "中华东方"]
    assert named(actor, "華東") == ["华东", "华东贸易", "华东科技", "上海华东", "中华东方"]
    assert named(actor, "华东", 3) == ["华东", "华东贸易", "华东科技"]


def test_the_number_comes_first_and_pinyin_finds_beginnings(cast):
    actor = cast.rep.actor
    first, _ = made(actor, "Zeta", "Zeta 2")
    number = next(row.number for row in best(CUSTOMERS, actor, "Zeta", 5) if row.id == first)
    made(actor, f"Named like {number}")
    assert named(actor, number.lower()) == ["Zeta", f"Named like {number}"]
    made(actor, "安徽昂立", "大安")
    assert named(actor, "an")[0] == "安徽昂立"
    assert named(actor, "zeta")[:2] == ["Zeta", "Zeta 2"]


@pytest.mark.parametrize("text", ["", "   ", "'", "%", "&|!", "\u200b", "x" * 5000, "()", "\\"])
def test_any_text_can_be_asked(as_, text):
    assert as_.rep.get("/search/", query_string={"q": text}).status_code == 200


def test_every_type_of_record_is_a_group(cast):
    assert {each.key for each in SOURCES} >= set(RECORD_TYPES)


def test_only_what_one_may_see_is_found(as_, cast):
    made(cast.rep.actor, "Nachtigall")
    made(cast.other_rep.actor, "Nachtigall 2")
    page = words(as_.rep.get("/search/?q=nachti"))
    assert "Nachtigall</a>" in page and "Nachtigall 2" not in page
    assert "Nothing fits" in words(as_.outsider.get("/search/?q=nachti"))
    assert "Nachtigall 2" in words(as_.administrator.get("/search/?q=nachti"))


def test_what_is_shared_is_found_once(as_, cast):
    (hers,) = made(cast.other_rep.actor, "Nachtigall")
    db.session.add(Share(subject_type="customers", subject_id=hers, person_id=cast.rep.id))
    db.session.commit()
    assert words(as_.rep.get("/search/?q=Nachtigall")).count("Nachtigall</a>") == 1


def test_more_of_a_kind_leads_to_its_list_with_the_question(as_, cast):
    made(cast.rep.actor, *(f"Nachtigall {n}" for n in range(11)))
    page = words(as_.rep.get("/search/?q=Nachtigall"))
    assert page.count("Nachtigall ") >= 10 and 'href="/customers/?q=Nachtigall"' in page
    part = words(as_.rep.get("/search/?q=Nachtigall", headers=WHILE_TYPING))
    assert part.count('role="option"') == 6 and 'data-href="/customers/?q=Nachtigall"' in part
    assert "<html" not in part
    assert "All in" not in words(as_.rep.get("/search/?q=Nachtigall 10"))


def test_imports_and_colleagues_are_groups_of_their_own(as_, cast):
    file = Import(
        owner_id=cast.rep.id, record_type="customers", filename="Sam 客户.csv", storage_key=None, size=1, sha256=""
    )
    db.session.add(file)
    db.session.commit()
    answer = as_.rep.get("/search/?q=sam", headers=WHILE_TYPING)
    assert groups(answer) == ["Imports", "Colleagues"]
    assert f'data-href="/imports/{file.id}"' in words(answer)
    assert 'data-href="/customers/?owner__is=sam@example.com"' in words(answer).replace("%40", "@")
    assert f'data-href="/admin/people/{cast.rep.id}"' in words(
        as_.administrator.get("/search/?q=sam", headers=WHILE_TYPING)
    )
    assert groups(as_.other_rep.get("/search/?q=sam", headers=WHILE_TYPING)) == ["Colleagues"]


def test_a_part_that_is_off_leaves_no_group(as_, cast):
    file = Import(
        owner_id=cast.rep.id, record_type="customers", filename="list.csv", storage_key=None, size=1, sha256=""
    )
    db.session.add(file)
    db.session.commit()
    assert groups(as_.rep.get("/search/?q=list", headers=WHILE_TYPING)) == ["Imports"]
    switch_module(SYSTEM, "imports", everyone=False)
    db.session.commit()
    assert groups(as_.rep.get("/search/?q=list", headers=WHILE_TYPING)) == []


def test_follow_ups_are_a_group_of_their_own_with_the_record_and_an_excerpt(as_, cast):
    (one,) = made(cast.rep.actor, "Nachtigall")
    customer = db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == one)).one()
    said = add_follow_up(cast.rep.actor, customer, {"kind": "call", "body": "Asked for <b>plums</b> & pears"})
    db.session.commit()
    part = as_.rep.get("/search/?q=plums", headers=WHILE_TYPING)
    assert groups(part) == ["Follow-ups"]
    assert f'data-href="/customers/{one}#follow-up-{said.id}"' in words(part)
    page = as_.rep.get("/search/?q=plums").get_data(as_text=True)
    assert f'href="/customers/{one}#follow-up-{said.id}">Nachtigall</a>' in page
    assert "Asked for &lt;b&gt;plums&lt;/b&gt; &amp; pears" in page
    assert f'id="follow-up-{said.id}"' in words(as_.rep.get(f"/customers/{one}"))
    assert "Follow-ups" in words(as_.marketer.get("/search/?q=plums"))
    for other in (as_.other_rep, as_.outsider):
        assert "Nothing fits" in words(other.get("/search/?q=plums"))
    as_.rep.client.set_cookie("language", "zh_CN")
    assert groups(as_.rep.get("/search/?q=plums", headers=WHILE_TYPING)) == ["跟进记录"]


def test_of_more_follow_ups_than_fit_it_is_said_so(as_, cast):
    (one,) = made(cast.rep.actor, "Nachtigall")
    customer = db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == one)).one()
    for n in range(11):
        add_follow_up(cast.rep.actor, customer, {"kind": "call", "body": f"plums {n}"})
    db.session.commit()
    page = words(as_.rep.get("/search/?q=plums"))
    assert page.count("#follow-up-") == 10 and "There are more" in page
    assert "There are more" not in words(as_.rep.get("/search/?q=plums 7"))


def test_the_box_on_every_page_leads_here(as_):
    page = words(as_.rep.get("/keyboard"))
    assert 'action="/search/" data-combobox="/search/"' in page
    assert everything(SYSTEM, "", 5) == []
