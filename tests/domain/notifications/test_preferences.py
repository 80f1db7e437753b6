"""How somebody wants to be told, and what of it reaches whom by which way."""

import datetime as dt

import pytest

from crm.domain.mail.models import MailRow
from crm.domain.notifications import preferences
from crm.domain.notifications.actions import Kind, News, mark_read, notify
from crm.domain.notifications.models import DIGEST, NEVER, ONCE, Notification
from crm.domain.notifications.preferences import USUAL, Ways, Wishes, change, wishes_of
from crm.domain.notifications.queries import notifications, unread
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.events import Event


def at(text):
    """In UTC; the company is eight hours ahead."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def test_every_kind_has_what_is_usual_and_words():
    from crm.web.notifications import MANNERS

    assert set(USUAL) == set(Kind) == set(MANNERS)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-26T13:59", None),  # 21:59
        ("2026-11-26T14:00", "2026-11-26T23:00"),  # 22:00 until 07:00
        ("2026-11-26T22:59", "2026-11-26T23:00"),  # 06:59
        ("2026-11-26T23:00", None),
    ],
)
def test_quiet_hours_over_night_are_the_companys(app, now, until):
    wishes = Wishes(quiet_from=dt.time(22), quiet_to=dt.time(7))
    assert wishes.quiet_until(at(now)) == (until and at(until))
    assert Wishes().quiet_until(at(now)) is None


def test_quiet_hours_within_a_day(app):
    noon = Wishes(quiet_from=dt.time(12), quiet_to=dt.time(14))
    assert noon.quiet_until(at("2026-11-26T05:00")) == at("2026-11-26T06:00")
    assert noon.quiet_until(at("2026-11-26T06:00")) is None


@pytest.mark.parametrize(
    ("digest", "now", "moment"),
    [
        (preferences.DAILY, "2026-11-26T00:00", "2026-11-26T00:00"),  # 08:00
        (preferences.DAILY, "2026-11-25T23:59", "2026-11-25T00:00"),
        (preferences.WEEKLY, "2026-11-26T00:00", "2026-11-23T00:00"),  # Monday's
        (preferences.WEEKLY, "2026-11-22T23:59", "2026-11-16T00:00"),  # on Monday at 07:59
        (preferences.NONE, "2026-11-26T00:00", None),
    ],
)
def test_the_newest_digest_there_was_to_be(app, digest, now, moment):
    assert Wishes(digest=digest).last_digest(at(now)) == (moment and at(moment))


def test_wishes_are_kept_told_in_the_log_and_decide_the_ways(app, cast):
    rep = cast.rep
    wishes = Wishes({**USUAL, Kind.DUE: Ways(False, DIGEST), Kind.MENTIONED: Ways(True, NEVER)}, digest="weekly")
    change(rep.actor, rep, wishes)
    change(rep.actor, rep, wishes)  # nothing new
    assert wishes_of([rep.id, cast.manager.id]) == {rep.id: wishes, cast.manager.id: Wishes()}
    assert db.session.query(Event).filter_by(name="notifications.preferences_changed").count() == 1
    for kind in (Kind.DUE, Kind.MENTIONED, Kind.ASSIGNED):
        notify(kind, [News(rep.id, "customers", 1, key="1")])
    ways = {each.kind: (each.in_page, each.by_mail) for each in db.session.query(Notification)}
    assert ways == {"due": (False, DIGEST), "mentioned": (True, NEVER), "assigned": (True, ONCE)}
    assert unread(rep.actor) == 2 and notifications(rep.actor).hidden == 2
    assert db.session.query(MailRow).count() == 1


def test_without_digests_nothing_waits_for_one(app, cast):
    change(cast.rep.actor, cast.rep, Wishes(digest="none"))
    notify(Kind.BIRTHDAY, [News(cast.rep.id, "contacts", 1, key="1")])
    assert db.session.query(Notification).one().by_mail == NEVER


@pytest.mark.parametrize(("begin", "end"), [(None, dt.time(7)), (dt.time(7), dt.time(7))])
def test_half_quiet_hours_are_refused(app, cast, begin, end):
    with pytest.raises(Invalid):
        change(cast.rep.actor, cast.rep, Wishes(quiet_from=begin, quiet_to=end))


def test_of_one_event_one_notification_and_one_mail(app, cast):
    for kind in (Kind.ASSIGNED, Kind.MENTIONED, Kind.ASSIGNED):
        notify(kind, [News(cast.rep.id, "customers", 1, event_id=7), News(cast.manager.id, "customers", 1, event_id=7)])
    notify(Kind.MENTIONED, [News(cast.rep.id, "customers", 1, key="3")] * 2)
    assert db.session.query(Notification).filter_by(person_id=cast.rep.id).count() == 2
    assert db.session.query(MailRow).filter_by(person_id=cast.rep.id).count() == 2
    assert db.session.query(MailRow).filter_by(person_id=cast.manager.id).count() == 1
    mark_read(cast.rep.actor)
    assert (unread(cast.rep.actor), unread(cast.manager.actor)) == (0, 1)
