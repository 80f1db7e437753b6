"""The outbox of mail against a real server that fails: nothing lost, nothing twice, told by Message-ID."""

import datetime as dt
from contextlib import contextmanager
from dataclasses import replace

import pytest

from crm.domain.mail import actions
from crm.domain.mail.actions import Post, To, post, post_many
from crm.domain.mail.made import Ready
from crm.domain.mail.models import MailRow
from crm.domain.mail.queries import failed, standing
from crm.infra import clock, queue
from crm.infra.db import db
from crm.infra.redis import connect
from crm.jobs.mail import send_waiting
from crm.kernel.access import NOBODY
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event
from tests.smtp import Moody, serving

HELLO = Ready("Hello", "Hello, 王小明", "<p>Hello</p>")
START = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)


@pytest.fixture
def server():
    return Moody()


@pytest.fixture
def posting(app, server):
    """The app with this mail server."""
    plain = app.config["SETTINGS"]
    with serving(server) as address:
        app.config["SETTINGS"] = replace(plain, mail_url=address)
        yield app
        app.config["SETTINGS"] = plain


@contextmanager
def no_server(app):
    """Nobody listens there."""
    with serving(Moody()) as address:
        pass
    good = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(good, mail_url=address)
    yield
    app.config["SETTINGS"] = good


def write(cast, count=1, key="k"):
    posts = [Post(To(cast.rep.id), HELLO, f"{key}{n}") for n in range(count)]
    ids = post_many(cast.administrator.actor, posts)
    db.session.commit()
    return [db.session.get(MailRow, ids[each.key]) for each in posts]


def test_what_somebody_has_written_is_not_said_to_be_automatic(posting, cast, server):
    actor, to = cast.administrator.actor, To(address="lin@example.org")
    post(actor, to, Ready("[TICK1] Pump", "We are on it.", automatic=False), key="by hand")
    post(actor, to, HELLO, key="by itself")
    db.session.commit()
    assert send_waiting() == 2
    assert {each["Subject"]: each["Auto-Submitted"] for each in server.taken} == {
        "[TICK1] Pump": None,
        "Hello": "auto-generated",
    }


def test_an_hour_without_a_server_loses_nothing_and_sends_nothing_twice(posting, cast, server):
    with clock.frozen(START):
        mails = write(cast, 3)
    moment, tries = START, 0
    while moment < START + dt.timedelta(hours=1):
        with clock.frozen(moment), no_server(posting):
            assert send_waiting() == 0
        tries = sum(each.attempts for each in mails)
        moment += dt.timedelta(minutes=1)
    assert {each.state for each in mails} == {"waiting"} and 3 < tries <= 30  # the pauses grow
    assert all("refused" in each.error for each in mails) and standing().tried == 3
    with clock.frozen(START + dt.timedelta(hours=3)):
        assert send_waiting() == 3 and send_waiting() == 0
    assert list(server.times().values()) == [1, 1, 1]
    assert [each.state for each in mails] == ["sent"] * 3 and {each.message_id for each in mails} == {*server.times()}


def test_moods_of_a_server(posting, cast, server):
    server.moods = ["put off", "refused", "says nothing", "rude goodbye", "", "never"]
    with clock.frozen(START):
        mails = write(cast, 4)
    for minutes in range(12):
        with clock.frozen(START + dt.timedelta(minutes=minutes)):
            send_waiting()
    assert [each.state for each in sorted(mails, key=lambda one: one.state)] == ["failed", "sent", "sent", "sent"]
    taken = server.times()
    assert len(taken) == 3, "Each has one Message-ID, however often it was tried."
    # The one that was taken without a word is the only one that could not be known to be there.
    assert sorted(taken.values()) == [1, 1, 2]
    assert {each.message_id for each in mails if each.state == "sent"} == {*taken}


def test_who_is_gone_holds_nobody_up_and_can_be_tried_again(posting, cast, server):
    boss = cast.administrator.actor
    gone = db.session.get(MailRow, post(boss, To(address="gone@example.com"), HELLO, key="a"))
    here = db.session.get(MailRow, post(boss, To(address="here@example.com"), HELLO, key="b"))
    assert send_waiting() == 1 and (gone.state, here.state) == ("failed", "sent") and "550" in gone.error
    assert [each.id for each in failed()] == [gone.id]
    actions.send_again(boss, gone)
    gone.address = "back@example.com"
    assert send_waiting() == 1 and gone.state == "sent"
    with pytest.raises(RuleBroken):
        actions.send_again(boss, gone)
    assert db.session.query(Event).filter_by(name="mail.sent_again", subject_id=gone.id).count() == 1


def test_after_a_day_and_a_half_it_has_failed(posting, cast, server):
    with clock.frozen(START):
        (mail,) = write(cast)
    moment = START
    with no_server(posting):
        for _ in range(actions.MOST_ATTEMPTS):
            with clock.frozen(moment := max(moment, mail.run_at)):
                send_waiting()
    assert mail.state == "failed"
    assert dt.timedelta(days=1) < moment - START < dt.timedelta(days=2)
    assert actions.send_all_again(cast.administrator.actor) == 1 and send_waiting() == 1
    assert list(server.times().values()) == [1]


def test_what_every_worker_dies_of_is_not_tried_for_ever(posting, cast, server):
    (mail,) = write(cast)
    mail.attempts = actions.MOST_ATTEMPTS
    assert send_waiting() == 0 and (mail.state, mail.error) == ("failed", actions.DIED) and server.taken == []


def test_to_a_closed_account_nothing_is_sent_and_a_mail_that_cannot_be_made_harms_no_other(posting, cast, server):
    closed, broken, whole = write(cast, 3)
    closed.person_id, broken.made_of = cast.other_rep.id, {"kind": "nonsense"}
    cast.other_rep.active = False
    assert send_waiting() == 1
    assert (closed.state, broken.state, whole.state) == ("withheld", "waiting", "sent")
    assert "nonsense" in broken.error


def test_a_posting_is_taken_back_with_its_transaction(posting, cast, server):
    db.session.commit()
    post(cast.administrator.actor, To(cast.rep.id), HELLO, key="never")
    db.session.rollback()
    assert send_waiting() == 0 and server.taken == []
    assert post(cast.administrator.actor, To(cast.rep.id), HELLO, key="never")
    assert post(cast.administrator.actor, To(cast.rep.id), HELLO, key="never") is None


def test_a_worker_is_asked_once_the_posting_is_kept(app, cast):
    redis, asked = connect(app.config["SETTINGS"]), "rq:queue:outbox"
    queue.init(app.config["SETTINGS"])
    redis.flushall()
    post(cast.administrator.actor, To(cast.rep.id), HELLO, key="a")
    db.session.rollback()
    db.session.commit()
    assert redis.llen(asked) == 0
    post_many(NOBODY, [Post(To(cast.rep.id), HELLO, each) for each in "ab"])
    post(NOBODY, To(cast.rep.id), HELLO, key="c")
    assert redis.llen(asked) == 0
    db.session.commit()
    assert redis.llen(asked) == 1
    redis.flushall()
    redis.close()


def test_ready_words_to_somebody_outside_go_out_though_who_wrote_them_has_left(posting, cast, server):
    post(cast.agent.actor, To(address="lin@example.org"), HELLO, key="answer")
    cast.agent.active = False
    db.session.commit()
    assert send_waiting() == 1
    assert [each["To"] for each in server.taken] == ["lin@example.org"]
