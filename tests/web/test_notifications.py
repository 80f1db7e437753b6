"""How one is told, as a page; the bell, on every device of a person."""

import datetime as dt

import pytest

from crm.domain.customers import actions as customers
from crm.domain.mail_templates.models import MailTemplate
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.notifications.preferences import Ways, Wishes, wishes_of
from crm.infra.db import db
from crm.web import streams

ADDRESS = "/account/notifications"
CHOSEN = {"page-mentioned": "1", "mail-mentioned": "digest", "mail-due": "never", "digest": "weekly"}
CHOSEN |= {"quiet_from": "22:00", "quiet_to": "07:30", "digest_at": "09:15"}


@pytest.fixture
def one_look(monkeypatch):
    monkeypatch.setattr(streams, "LIFETIME", 0.0)


def test_what_is_chosen_counts_and_stands_there_again(as_, cast):
    assert as_.rep.post(ADDRESS, CHOSEN).status_code == 303
    wishes = wishes_of([cast.rep.id])[cast.rep.id]
    assert (wishes.of(Kind.MENTIONED), wishes.of(Kind.DUE)) == (Ways(True, "digest"), Ways(False, "never"))
    assert (wishes.quiet_from, wishes.quiet_to, wishes.digest) == (dt.time(22), dt.time(7, 30), "weekly")
    page = as_.rep.get(ADDRESS).get_data(as_text=True)
    assert 'value="22:00"' in page and 'value="09:15"' in page and "Asia/Shanghai" in page
    assert wishes_of([cast.manager.id])[cast.manager.id] == Wishes()
    assert as_.stranger.get(ADDRESS).status_code in (302, 303)
    assert ADDRESS in as_.rep.get("/notifications/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"quiet_to": ""}, "both times, or none"),
        ({"quiet_to": "22:00"}, "another time than they begin"),
        ({"quiet_from": "noon"}, "is no time of day"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(as_, cast, wrong, said):
    answer = as_.rep.post(ADDRESS, CHOSEN | wrong)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and said in page and 'value="09:15"' in page
    assert wishes_of([cast.rep.id])[cast.rep.id] == Wishes()
    assert f'value="{wrong.get("quiet_from", "22:00")}"' in page


def test_the_bell_tells_each_device_the_same(as_, cast, one_look):
    notify(Kind.DUE, [News(cast.rep.id, "customers", 1, key=str(n)) for n in range(2)])
    db.session.commit()
    assert "data: 2\ndata: Notifications: 2 unread\n" in as_.rep.get("/notifications/stream").get_data(as_text=True)
    assert "/bell.js" in as_.rep.get("/notifications/").get_data(as_text=True)
    as_.rep.post("/notifications/reading")
    assert "data: \ndata: Notifications\n" in as_.rep.get("/notifications/stream").get_data(as_text=True)


def test_bells_leave_room_for_progress(app, as_, cast, one_look, monkeypatch):
    seats = streams._Seats()
    monkeypatch.setattr(streams, "_seats", seats)
    half = app.config["SETTINGS"].streams // 2
    assert all(seats.take(half) for _ in range(half))
    polled = as_.rep.get("/notifications/stream")
    assert polled.get_data(as_text=True) == "retry: 30000\n\ndata: \ndata: Notifications\n\n"
    assert as_.stranger.get("/notifications/stream").status_code == 204
    assert seats.take(app.config["SETTINGS"].streams)


def test_a_message_is_shown_in_the_words_of_its_template(as_, cast):
    record = customers.create(cast.rep.actor, {"name": "<i>Acme</i>", "owner": cast.rep.id})
    row = db.session.query(MailTemplate).filter_by(key="have_a_look").one()
    notify(
        Kind.MESSAGE, [News(each.id, "customers", record, template_id=row.id) for each in (cast.rep, cast.other_rep)]
    )
    db.session.commit()
    assert "Please have a look at &lt;i&gt;Acme" in as_.rep.get("/notifications/").get_data(as_text=True)
    page = as_.other_rep.get("/notifications/").get_data(as_text=True)
    assert "Acme" not in page and "1 more are about something" in page
