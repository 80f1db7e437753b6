"""Ids of other systems where people and programs meet them: page, search, API."""

import pytest

from crm.domain.records.external import keep_called
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db


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
