"""Every number of the page of data quality is a list; nobody sees numbers of what they do not reach."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import select

from crm.domain.customers.models import Customer
from crm.domain.notifications.models import Notification
from crm.domain.people.sharing import grant
from crm.domain.quality import counting, reminding
from crm.domain.quality.checks import STANDARD
from crm.domain.quality.models import QualityCount, QualityDay
from crm.domain.quality.queries import by, checks_for, last_day, mine, rows_of, shared_rows, trend, whole
from crm.domain.quality.settings import change_settings, settings_of
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.quality import count as count_job
from crm.kernel.access import FieldRight, unscoped
from crm.kernel.company import company
from crm.kernel.errors import Conflict, Invalid

CUSTOMERS = RECORD_TYPES["customers"]
DAY = dt.timedelta(days=1)
KEYS = ["missing:email", "missing:level"]


@pytest.fixture
def customers(cast):
    """Some of everybody's, each lacking something else."""
    create = CUSTOMERS.verbs.create
    for person in (cast.rep, cast.other_rep, cast.manager):
        create(person.actor, {"name": f"{person.name} full", "email": "a@b.example", "level": "a"})
        create(person.actor, {"name": f"{person.name} empty"})
    for person in (cast.rep, cast.other_rep, cast.administrator):  # of departments, of everybody: nobody's
        with unscoped("a test looks at everything"):
            db.session.get(Customer, create(person.actor, {"name": f"{person.name} had it"})).owner_id = None
    for name, ago in (("told of", 5), ("long ago", 40)):
        id_ = create(cast.rep.actor, {"name": name})
        with unscoped("a test looks at everything"):
            db.session.get(Customer, id_).last_follow_up_at = clock.now() - ago * DAY
    db.session.commit()
    count_job()


def checks(actor):
    return checks_for(actor, CUSTOMERS, last_day(CUSTOMERS))


EVERYBODY = ["administrator", "manager", "rep", "other_rep", "agent", "marketer", "auditor", "outsider"]


def shown_to(cast, name, person):
    """Shares one of somebody else's; returns the person as they are then."""
    with unscoped("a test looks at everything"):
        one = db.session.scalars(select(Customer).where(Customer.name == name)).one()
    grant(cast.administrator.actor, one, person)
    db.session.commit()
    return person.actor


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_number_is_what_its_list_counts(cast, customers, who):
    actor = shown_to(cast, "Mia Rep empty" if who != "other_rep" else "long ago", getattr(cast, who))
    asked = checks(actor)
    rows = [*rows_of(actor, CUSTOMERS, last_day(CUSTOMERS).day), *shared_rows(actor, CUSTOMERS, asked)]
    numbers = whole(rows)
    for check in asked:
        assert numbers.of(check.key) == CUSTOMERS.list.count(actor, check.query()).number, check
        for owner, theirs in by(rows, "owner_id").items():
            whose = ("owner", "empty", "1")
            if owner is not None:
                whose = ("owner", "is", next(each.email for each in cast if each.id == owner))
            assert theirs.of(check.key) == CUSTOMERS.list.count(actor, check.query(whose)).number
    assert numbers.records == len(db.session.scalars(Customer.visible_to(actor)).all())


def test_stale_is_what_was_never_followed_up_or_long_ago(cast, customers):
    rows = rows_of(cast.rep.actor, CUSTOMERS, last_day(CUSTOMERS).day)
    own = by(rows, "owner_id")[cast.rep.id]
    assert (own.records, own.of("quiet"), own.of("missing:email")) == (4, 3, 3)
    assert own.share(["missing:email", "missing:level"]) == pytest.approx(0.25)
    assert own.asked(["missing:email", "missing:website"]) and not own.asked(["missing:website"])


def test_whoever_may_not_compare_a_field_is_told_nothing_of_it(cast, customers):
    settings_of().fields = {"customers": ["email"]}
    (_, told), *_ = mine(cast.rep.actor)
    assert {check.key: number for check, number in told} == {"missing:email": 3, "quiet": 3}
    for right in (FieldRight.HIDDEN, FieldRight.MASKED):
        (_, told), *_ = mine(replace(cast.rep.actor, fields={"customers": {"email": right}}))
        assert [check.key for check, _ in told] == ["quiet"]
    assert mine(cast.outsider.actor) == mine(replace(cast.rep.actor, modules=frozenset())) == []


def test_a_type_is_counted_once_a_day_and_a_killed_worker_is_followed(cast, customers):
    assert counting.step() is False
    db.session.query(QualityDay).filter_by(record_type="leads").delete()
    assert counting.step() is True
    counting.count(CUSTOMERS, company.today())  # asked for anew
    db.session.commit()
    days = db.session.scalars(select(QualityDay.record_type)).all()
    assert sorted(days) == sorted(STANDARD)
    assert whole(rows_of(cast.administrator.actor, CUSTOMERS, company.today())).records == 11


def test_days_are_kept_for_a_trend_and_then_the_first_of_each_month(cast, customers):
    for ago in (1, 100, 500, 800):
        day = (company.today() - ago * DAY).replace(day=1) if ago > 400 else company.today() - ago * DAY
        db.session.add(QualityDay(day=day, record_type="customers", counted_at=clock.now(), stale_days=30))
        count = QualityCount(
            day=day, record_type="customers", owner_id=cast.rep.id, records=2, counts={"missing:email": 1}
        )
        db.session.add(count)
    db.session.commit()
    assert len(trend(cast.rep.actor, CUSTOMERS, KEYS)) == 5
    while counting.forget():
        db.session.commit()
    kept = trend(cast.rep.actor, CUSTOMERS, KEYS)
    assert len(kept) in (3, 4)  # the day a hundred days ago may have been a first of the month
    before, now = (each for _, each in kept[-2:])
    assert (before.records, before.of("missing:email"), before.share(KEYS)) == (2, 1, pytest.approx(0.5))
    assert not before.asked(["missing:level"])  # nobody looked at it then, so it is no part of the trend
    assert (now.records, now.of("missing:email")) == (6, 5)  # with two of the pools
    assert len(trend(cast.other_rep.actor, CUSTOMERS, KEYS)) == 1


def test_owners_are_reminded_once_on_the_day_that_was_said(cast, customers):
    today = company.today()
    given = {"stale_days": 3, "fields": {"customers": ["phone", "nonsense"]}, "remind_hour": 0}
    change_settings(cast.administrator.actor, **given, remind_weekday=today.weekday(), seen=1)
    db.session.commit()
    assert settings_of().fields["customers"] == ["phone"]
    assert reminding.remind() is True
    db.session.commit()
    assert reminding.remind() is False  # whoever was killed after that is followed by nobody who tells it again
    told = db.session.scalars(select(Notification.person_id).where(Notification.kind == "quality")).all()
    assert sorted(told) == sorted([cast.rep.id, cast.other_rep.id, cast.manager.id])
    with pytest.raises(Conflict):
        change_settings(cast.administrator.actor, **given, remind_weekday=None, seen=1)
    with pytest.raises(Invalid):
        change_settings(cast.administrator.actor, **(given | {"stale_days": 0}), remind_weekday=None, seen=2)
