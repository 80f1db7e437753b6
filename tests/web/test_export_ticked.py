"""The ticked rows of a list as a file: the same rights, limits, last line and event as any export."""

import pytest

from crm.domain.customers.record_type import CUSTOMER
from crm.infra.db import db
from crm.jobs.exports import write_waiting
from crm.kernel.access import Reach
from tests.web.exporting import everything, fetched, newest, place_of, sentence_of, table, wish
from tests.web.test_exports import events, role, waits  # noqa: F401 - a fixture


@pytest.fixture
def ids(cast):
    rows = [{"name": f"Firma {n}", "owner": cast.rep.id, "level": "a"} for n in range(3)]
    found = CUSTOMER.verbs.create_many(cast.administrator.actor, [*rows, {"name": "Mias", "owner": cast.other_rep.id}])
    db.session.commit()
    return found


def ticked(browser, ids, listed="", **more):
    return wish(browser, listed=listed, ticked="1", id=[str(each) for each in ids], **more)


def test_whoever_may_export_ticks_rows_whether_or_not_they_may_change_many(as_, cast, ids, role):  # noqa: F811
    page = as_.administrator.get("/customers/").get_data(as_text=True)
    assert 'action="/bulk/customers/new"' in page and 'formaction="/exports/customers/new"' in page
    role(everything() | {"customers:bulk": Reach.NONE})
    page = as_.outsider.get("/customers/").get_data(as_text=True)
    assert page.count('name="id"') == 4 and 'action="/exports/customers/new"' in page and "/bulk/customers" not in page
    role(everything("customers"))
    page = as_.outsider.get("/customers/").get_data(as_text=True)
    assert 'action="/bulk/customers/new"' in page and "/exports/customers/new" not in page
    assert ticked(as_.outsider, ids[:1]).status_code == 403


def test_only_the_ticked_rows_are_taken_away(as_, ids, monkeypatch):
    asked = f"ticked=1&id={ids[2]}&id={ids[0]}&list=level__is%3Da%26sort%3D-name%26cols%3Dlevel"
    page = sentence_of(as_.administrator.get(f"/exports/customers/new?{asked}"))
    assert "2 records you may export. Only the rows that you ticked." in page
    assert "regularly" not in page and "Only a period" not in page
    form = as_.administrator.get(f"/exports/customers/new?{asked}").get_data(as_text=True)
    assert form.count('type="hidden" name="id"') == 2
    answer = ticked(as_.administrator, [ids[2], ids[0], ids[0]], "level__is=b&sort=-name", fields=["name", "level"])
    _, rows, last = table(fetched(as_.administrator, place_of(answer)))
    assert [each[0] for each in rows] == ["Firma 2", "Firma 0"]  # in the list's order, whatever it shows by now
    assert ": 2 of 2 where the row was ticked (crm-export" in last
    told = events("export.written")[-1].payload
    assert told["asked"] == ["the row was ticked"] and f"ticked={ids[2]},{ids[0]}" in told["conditions"]
    waits(monkeypatch)
    place = place_of(ticked(as_.administrator, ids[1:2]))
    write_waiting()
    assert [each[0] for each in table(fetched(as_.administrator, place))[1]] == ["Firma 1"]


def test_all_that_match_are_the_whole_list(as_, ids):
    answer = ticked(as_.administrator, ids[:1], "level__is=a", all="1")
    assert len(table(fetched(as_.administrator, place_of(answer)))[1]) == 3


def test_rights_and_limits_are_those_of_every_export(as_, cast, ids, role):  # noqa: F811
    role(everything() | {"customers:export": Reach.OWN, "customers:read": Reach.ALL})
    CUSTOMER.verbs.change_many(cast.administrator.actor, [(ids[1], {"owner": cast.outsider.id})])
    db.session.commit()
    _, rows, last = table(fetched(as_.outsider, place_of(ticked(as_.outsider, ids))))
    assert [each[0] for each in rows] == ["Firma 1"] and ": 1 of 4 where" in last
    role(everything() | {"customers:read": Reach.OWN})  # what they cannot see is not in it, however it was ticked
    _, rows, last = table(fetched(as_.outsider, place_of(ticked(as_.outsider, ids))))
    assert [each[0] for each in rows] == ["Firma 1"] and ": 1 of 1 where" in last
    role(limits={"export_rows": 2})
    refused = ticked(as_.outsider, ids)
    assert refused.status_code == 422 and "allow 2 rows in one export" in sentence_of(refused)
    assert place_of(ticked(as_.outsider, ids[:2]))


def test_nothing_ticked_and_too_much_is_said(as_, ids):
    before = newest()
    page = as_.administrator.get("/exports/customers/new?ticked=1&list=")
    assert "No row is ticked" in sentence_of(page)
    refused = ticked(as_.administrator, [])
    assert refused.status_code == 422 and "No row is ticked" in sentence_of(refused)
    refused = ticked(as_.administrator, range(1, 1_002))
    assert refused.status_code == 422 and "At most 1000 ticked rows" in sentence_of(refused)
    regular = {"every": "day", "on": "", "hour": "7", "kept": "3", "regular_name": "x"}
    refused = ticked(as_.administrator, ids, **regular)
    assert refused.status_code == 422 and "exported once" in sentence_of(refused)
    assert newest() == before
