"""Ids of other systems where people and programs meet them: page, search, API."""

import pytest

from crm.domain.records.external import keep_called
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.asking import Query
from crm.kernel.pages import Count


def made(actor, type_, called, name="Acme", source="Salesforce"):
    """A record that another system calls so."""
    id_ = type_.verbs.create_many(actor, [{"name": name, "owner": actor.id}])[0]
    keep_called(type_.key, source, [(id_, called)])
    db.session.commit()
    return id_


@pytest.mark.parametrize("type_", RECORD_TYPES.values(), ids=RECORD_TYPES)
def test_the_page_shows_what_other_systems_call_the_record(as_, cast, type_):
    id_ = made(cast.administrator.actor, type_, "003<b>xx", source="Sales<i>")
    keep_called(type_.key, "HubSpot", [(id_, "77")])
    other = type_.verbs.create_many(cast.administrator.actor, [{"name": "Other"}])[0]
    db.session.commit()
    page = as_.administrator.get(f"/{type_.key}/{id_}").text
    assert "<dt>Id in HubSpot</dt><dd>77</dd>" in page
    assert "<dt>Id in Sales&lt;i&gt;</dt><dd>003&lt;b&gt;xx</dd>" in page
    assert 'id="called"' not in as_.administrator.get(f"/{type_.key}/{other}").text
    others = as_.outsider.get(f"/{type_.key}/{id_}")
    assert others.status_code == (200 if type_.key == "products" else 404)  # products are everybody's


@pytest.mark.parametrize("type_", RECORD_TYPES.values(), ids=RECORD_TYPES)
def test_an_id_of_another_system_finds_its_record_for_whoever_may_see_it(as_, cast, type_):
    id_ = made(cast.administrator.actor, type_, "003Xx-7", name="Quellwort")
    made(cast.administrator.actor, type_, "003xx-7", name="Nebenwort")

    def found(who, address, text="003Xx-7"):
        page = getattr(as_, who).get(address, query_string={"q": text}).text
        return {name for name in ("Quellwort", "Nebenwort") if name in page}

    for address in (f"/{type_.key}/", "/search/"):
        assert found("administrator", address) == {"Quellwort"}
        assert found("administrator", address, "003XX-7") == set()
        assert found("administrator", address, "003Xx-") == set()
        assert found("outsider", address) == ({"Quellwort"} if type_.key == "products" else set())
    narrowed = type_.list.select(cast.administrator.actor, Query(search="003Xx-7"))
    assert [each.id for each in db.session.scalars(narrowed)] == [id_]
    assert type_.list.count(cast.administrator.actor, Query(search="003Xx-7")) == Count(1)


def test_what_an_id_and_words_find_stands_in_one_order_and_once(cast):
    actor, type_ = cast.administrator.actor, RECORD_TYPES["customers"]
    names = ["old", "x 4711", "4711 too", "new"]
    ids = [made(actor, type_, called, name) for name, called in zip(names, ("4711", "4711a", "b", "c"), strict=True)]
    keep_called("customers", "HubSpot", [(ids[2], "4711")])
    asked = Query(search="4711")
    assert [row.id for row in type_.list.page(actor, asked).rows] == [ids[2], ids[1], ids[0]]
    first = type_.list.page(actor, asked, size=2)
    older = type_.list.page(actor, Query(search="4711", after=first.after), size=2)
    assert [row.id for row in (*first.rows, *older.rows)] == [ids[2], ids[1], ids[0]]
    assert type_.list.count(actor, asked) == Count(3)


def test_in_the_bin_an_id_finds_its_record_too(as_, cast):
    type_ = RECORD_TYPES["customers"]
    id_ = made(cast.rep.actor, type_, "003Xx", name="Quellwort")
    as_.rep.post(f"/customers/{id_}/deletion")
    assert "Quellwort" in as_.rep.get("/customers/").text  # the message that it is there now, once
    assert "Quellwort" not in as_.rep.get("/customers/?q=003Xx").text
    assert "Quellwort" in as_.rep.get("/customers/bin?q=003Xx").text


def test_a_bin_in_which_nothing_fits_is_not_called_empty(as_, cast):
    id_ = made(cast.rep.actor, RECORD_TYPES["customers"], "003Xx", name="Quellwort")
    assert "The recycle bin is empty" in as_.rep.get("/customers/bin").text
    as_.rep.post(f"/customers/{id_}/deletion")
    searched = as_.rep.get("/customers/bin?q=nobody").text
    assert "No customer fits" in searched and "The recycle bin is empty" not in searched
