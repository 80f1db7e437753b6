"""Opportunities in the browser: the board, moves in every way, the page of a deal, and the pipelines behind it."""

import re
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.domain.contacts import actions as contacts
from crm.domain.customers import actions as customers
from crm.domain.opportunities import actions
from crm.domain.opportunities.models import Opportunity, Pipeline, Stage
from crm.infra.db import db
from crm.kernel.access import unscoped

BOARD = "/opportunities/board?pipeline=sales"


@pytest.fixture
def acme(cast):
    return customers.create(cast.rep.actor, {"name": "Acme"})


@pytest.fixture
def deal(cast, acme):
    def make(name="Deal", who="rep", **values):
        id_ = actions.create(getattr(cast, who).actor, {"name": name, "customer": acme, **values})
        db.session.commit()
        return id_

    return make


def page(browser, address, status=200):
    answer = browser.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def one(id_):
    with unscoped("a test looks at everything"):
        return db.session.get(Opportunity, id_)


def column(text, stage):
    """The ids of its cards, in order."""
    there = re.search(rf'<ul id="cards-{stage}">(.*?)</ul>', text, re.S).group(1)
    return [int(each) for each in re.findall(r'id="card-(\d+)"', there)]


def head(text, stage):
    inside = re.search(rf'<header id="head-{stage}".*?</header>', text, re.S).group(0)
    return " ".join(re.sub("<[^>]+>", " ", inside).split())


def test_each_sees_the_board_of_what_they_may_see(as_, deal):
    first, second = deal(amount=Decimal(1000)), deal("Other", amount=Decimal(500))
    won = deal("Gone", stage="won", amount=Decimal(70))
    for who in ("rep", "manager", "administrator"):
        text = page(getattr(as_, who), BOARD)
        assert column(text, "contacted") == [second, first]
        assert head(text, "contacted") == "First contact 2 CN¥1,500.00 weighted CN¥150.00"
        assert column(text, "won") == [won]
        assert "Acme" in text
    for who in ("other_rep", "outsider"):
        text = page(getattr(as_, who), BOARD)
        assert column(text, "contacted") == [] and head(text, "contacted").startswith("First contact 0")


def test_the_board_is_narrowed_like_the_list(as_, deal):
    small, large = deal("Small", amount=Decimal(10)), deal("Large", amount=Decimal(9000))
    assert column(page(as_.rep, BOARD + "&amount__min=100"), "contacted") == [large]
    assert column(page(as_.rep, BOARD + "&q=small"), "contacted") == [small]
    assert "is at least" in page(as_.rep, BOARD + "&amount__min=100")
    assert "There is no field" in page(as_.rep, BOARD + "&nonsense__is=1")


def test_a_column_has_25_cards_and_more(as_, cast, acme):
    made = actions.create_many(cast.rep.actor, [{"name": f"D{n}", "customer": acme} for n in range(30)])
    db.session.commit()
    text = page(as_.rep, BOARD)
    first = column(text, "contacted")
    assert len(first) == 25
    more = re.search(r'href="(/opportunities/board/cards[^"]+)"', text).group(1).replace("&amp;", "&")
    rest = [int(each) for each in re.findall(r'id="card-(\d+)"', page(as_.rep, more))]
    assert sorted(first + rest) == sorted(made)
    part = as_.rep.get(more, headers={"HX-Request": "true", "HX-Target": "li#more-contacted"}).get_data(as_text=True)
    assert "<html" not in part and len(re.findall('id="card-', part)) == 5
    assert page(as_.rep, BOARD.replace("board", "board/cards") + "&stage=contacted&after=x", 422)
    assert page(as_.rep, "/opportunities/board?pipeline=none", 404)


def test_without_a_script_a_card_is_moved_on_a_page(as_, deal):
    id_ = deal()
    assert f"/opportunities/{id_}/stage?" in page(as_.rep, BOARD)
    assert '<option value="proposal">Proposal' in page(as_.rep, f"/opportunities/{id_}/stage")
    place = {"list": "pipeline=sales&q=deal"}
    answer = as_.rep.post(f"/opportunities/{id_}/stage", {"stage": "proposal"} | place)
    assert (answer.status_code, answer.location) == (303, "/opportunities/board?pipeline=sales&q=deal")
    assert one(id_).stage == "proposal"
    answer = as_.rep.post(f"/opportunities/{id_}/stage", {"stage": "lost"} | place)
    assert answer.status_code == 422 and 'name="lost_reason"' in answer.get_data(as_text=True)
    assert one(id_).stage == "proposal"
    answer = as_.rep.post(f"/opportunities/{id_}/stage", {"stage": "lost", "lost_reason": ""} | place)
    assert answer.status_code == 422 and "This is required" in answer.get_data(as_text=True)
    answer = as_.rep.post(f"/opportunities/{id_}/stage", {"stage": "lost", "lost_reason": "price", "back": "record"})
    assert answer.location == f"/opportunities/{id_}"
    assert (one(id_).stage, one(id_).lost_reason) == ("lost", "price")


def test_a_move_swaps_one_card_and_two_heads(as_, deal):
    below, id_ = deal(amount=Decimal(5), stage="needs"), deal(amount=Decimal(7))
    where = {"stage": "needs", "was": "contacted", "below": str(below), "list": "pipeline=sales"}
    answer = as_.rep.post(f"/opportunities/{id_}/stage", where, htmx=f"li#card-{id_}")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200 and len(text.encode()) <= 4096
    assert f'hx-swap-oob="beforebegin:#card-{below}"' in text
    assert head(text, "contacted") == "First contact 0 CN¥0.00"
    assert head(text, "needs") == "Needs clear 2 CN¥12.00 weighted CN¥3.00"
    assert column(page(as_.rep, BOARD), "needs") == [id_, below]
    lost = as_.rep.post(
        f"/opportunities/{id_}/stage", {"stage": "lost", "was": "needs", "list": ""}, htmx=f"li#card-{id_}"
    )
    text = lost.get_data(as_text=True)
    assert lost.status_code == 422 and text.lstrip().startswith('<li class="deal asking"') and len(text) <= 4096


def test_a_card_somebody_else_has_moved_is_shown_where_it_is(as_, deal):
    id_ = deal()
    as_.manager.post(f"/opportunities/{id_}/stage", {"stage": "needs"})
    sent = {"stage": "proposal", "was": "contacted", "list": "pipeline=sales"}
    answer = as_.rep.post(f"/opportunities/{id_}/stage", sent, htmx=f"li#card-{id_}")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "afterbegin:#cards-needs" in text and "Needs clear 1" in head(text, "needs")
    assert "Somebody has moved" in text
    assert as_.rep.post(f"/opportunities/{id_}/stage", sent).status_code == 409
    assert one(id_).stage == "needs"


def test_who_may_not_move_does_not(as_, deal):
    id_ = deal()
    for who, status in (("other_rep", 404), ("outsider", 404), ("agent", 403), ("auditor", 403)):
        assert getattr(as_, who).post(f"/opportunities/{id_}/stage", {"stage": "won"}).status_code == status
    text = page(as_.agent, BOARD)
    assert f'id="card-{id_}" data-fixed' in text and f"/opportunities/{id_}/stage" not in text
    assert as_.rep.post(f"/opportunities/{id_}/stage", {"stage": "nonsense"}).status_code == 404


def test_the_word_that_something_changed_tells_nothing_else(as_, cast, deal):
    deal("Mine")
    text = page(as_.rep, BOARD)
    stream = re.search(r'hx-sse:connect="([^"]+)"', text).group(1).replace("&amp;", "&")
    news = stream.replace("board/stream", "board/news")
    assert "Somebody changed" not in page(as_.rep, news)
    deal("Secret", "manager")
    assert "Somebody changed" not in page(as_.rep, news), "what the reader cannot see"
    deal("Seen")
    assert "Somebody changed" in page(as_.rep, news) and "Seen" not in page(as_.rep, news)


def test_the_page_of_a_deal_has_its_path_products_contacts_and_history(as_, cast, deal, acme):
    id_ = deal()
    person = contacts.create(cast.rep.actor, {"name": "Wang Fang", "customer": acme})
    db.session.commit()
    root = f"/opportunities/{id_}"
    text = page(as_.rep, root)
    assert 'aria-current="step"' in text and 'value="won"' in text and "0 days in this stage" in text
    options = page(as_.rep, f"{root}/contacts/options")
    assert "Wang Fang (CONT" in options
    typed = re.search(r'data-value="([^"]+)"', options).group(1)
    assert as_.rep.post(f"{root}/contacts", {"contact": typed, "role": "decides"}).status_code == 303
    assert as_.rep.post(f"{root}/contacts", {"contact": "Nobody"}).status_code == 422
    line = {"product": "Pump", "quantity": "2", "price": "10.5", "discount": "10"}
    assert as_.rep.post(f"{root}/lines", line | {"quantity": "0"}).status_code == 422
    part = as_.rep.post(f"{root}/lines", line, htmx="section#deal-lines").get_data(as_text=True)
    assert "CN¥18.90" in part and "<html" not in part
    text = page(as_.rep, root)
    assert "Wang Fang" in text and "Decides" in text and "added the product “Pump”" in text
    assert "Wang Fang" in page(as_.agent, root) and "/removal" not in page(as_.agent, root)
    number = re.search(rf'action="{root}/lines/(\d+)/removal', text).group(1)
    assert as_.rep.get(f"{root}/lines/{number}/edit").status_code == 200
    assert as_.rep.post(f"{root}/lines/{number}", line | {"quantity": "3"}).status_code == 303
    assert one(id_).amount == Decimal("28.35")
    assert as_.other_rep.post(f"{root}/lines/{number}/removal").status_code == 404
    assert as_.rep.post(f"{root}/lines/{number}/removal").status_code == 303
    assert as_.rep.post(f"{root}/contacts/{person}/removal").status_code == 303
    assert "Stages so far" in page(as_.rep, root)


def test_a_new_one_begins_on_its_form_and_stands_with_its_customer(as_, cast, acme):
    assert 'name="stage"' in page(as_.rep, "/opportunities/new")
    assert as_.rep.post("/opportunities/", {"name": "New", "pipeline": "sales"}).status_code == 422, "without customer"
    answer = as_.rep.post("/opportunities/", {"name": "New", "customer": "Acme", "stage": "needs", "amount": "1,200"})
    assert answer.status_code == 303
    id_ = int(answer.location.rpartition("/")[2])
    assert (one(id_).stage, one(id_).amount) == ("needs", 1200)
    assert "New" in page(as_.rep, f"/customers/{acme}").partition('id="related-opportunities-customer"')[2]
    text = page(as_.rep, "/opportunities/?stage__in=needs,won&sort=-stage")
    assert "Stage is Needs clear or Won" in text
    form = page(as_.rep, f"/cells/opportunities/{id_}/stage/edit")
    assert '<option value="proposal"' in form
    sent = {"stage": "proposal", "before-stage": "needs"}
    assert as_.rep.post(f"/cells/opportunities/{id_}/stage", sent).status_code == 303
    assert one(id_).stage == "proposal"


def test_pipelines_are_shaped_and_obeyed_at_once(as_, deal):
    assert as_.rep.get("/admin/pipelines").status_code == 403
    place = as_.administrator.post("/admin/pipelines", {"label-en": "Renewals", "label-zh_CN": "续约"}).location
    made = {"label-en": "Talks", "kind": "open", "probability": "40", "rotting_days": "9"}
    assert as_.administrator.post(f"{place}/stages", made).status_code == 303
    assert as_.administrator.post(f"{place}/stages", made | {"probability": "400"}).status_code == 422
    assert as_.administrator.post("/admin/pipelines", {"label-en": " "}).status_code == 422
    text = page(as_.rep, "/opportunities/board?pipeline=renewals")
    assert re.findall(r'id="head-(\w+)"', text) == ["new", "talks", "won_2", "lost_2"]
    talks = db.session.scalars(select(Stage).filter_by(key="talks")).one().id
    assert as_.administrator.post(f"/admin/pipelines/stages/{talks}/place", {"way": "up"}).status_code == 303
    change = {"label-en": "Talking", "probability": "40", "required": ["amount"]}
    assert as_.administrator.post(f"/admin/pipelines/stages/{talks}", change).status_code == 303
    assert "checked" in page(as_.administrator, f"/admin/pipelines/stages/{talks}")
    text = page(as_.rep, "/opportunities/board?pipeline=renewals")
    assert re.findall(r'id="head-(\w+)"', text)[0] == "talks" and "Talking" in text
    id_ = deal(pipeline="renewals", stage="won_2")
    answer = as_.rep.post(f"/opportunities/{id_}/stage", {"stage": "talks"})
    assert answer.status_code == 422 and 'name="amount"' in answer.get_data(as_text=True)
    assert as_.rep.post(f"/opportunities/{id_}/stage", {"stage": "talks", "amount": "3"}).status_code == 303
    assert as_.administrator.post(f"/admin/pipelines/stages/{talks}/retirement").status_code == 303
    text = page(as_.rep, "/opportunities/board?pipeline=renewals")
    assert column(text, "talks") == [id_] and "not offered any more" in text
    row = db.session.scalars(select(Pipeline).filter_by(key="renewals")).one().id
    for way in ("retirement", "return", "place"):
        assert as_.administrator.post(f"/admin/pipelines/{row}/{way}").status_code == 303
    assert as_.administrator.post(f"/admin/pipelines/stages/{talks}/return").status_code == 303
    assert page(as_.administrator, place) and page(as_.administrator, "/admin/pipelines")


def test_the_probability_is_a_column_of_the_list(as_, deal):
    deal(stage="won")
    assert ">100<" in page(as_.rep, "/opportunities/?cols=probability")
