"""Reports by mail: due moments, one mail for each receiver, with the numbers and rights they have when it is sent."""

import datetime as dt
import io
import zipfile

import pytest
from sqlalchemy import select

from crm.domain.mail.models import MailRow
from crm.domain.modules.actions import switch_module
from crm.domain.people.models import Person
from crm.domain.registry import RECORD_TYPES
from crm.domain.reports import actions, counting, mailings
from crm.domain.reports.asking import Dimension, Question
from crm.domain.reports.mailings import ReportMailing
from crm.domain.reports.queries import open_to
from crm.infra import clock
from crm.infra.db import db
from crm.infra.mail import Mail
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.patience import OutOfTime
from crm.web.outgoing import Withheld, outgoing

NOON = dt.datetime(2026, 11, 20, 4, 0, tzinfo=dt.UTC)  # in Shanghai


@pytest.fixture
def held(monkeypatch):
    now = [NOON]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    return now


@pytest.fixture
def report(cast, held):
    for who, many in ((cast.rep, 3), (cast.other_rep, 2)):
        RECORD_TYPES["customers"].verbs.create_many(who.actor, [{"name": f"N{n}"} for n in range(many)])
    return actions.save(
        cast.administrator.actor, Question("customers", (Dimension("owner"),)), name="Owners", description="Why"
    )


def mail_it(cast, report, *, every="day", on_day=0, hour=8, receivers=()):
    made = mailings.make(
        cast.administrator.actor,
        report,
        every=every,
        on_day=on_day,
        hour=hour,
        receivers=[each.id for each in receivers],
    )
    db.session.flush()
    return made


def sent():
    return db.session.scalars(select(MailRow).order_by(MailRow.person_id)).all()


def total_of(mail):
    (file,) = mail.attachments
    sheet = zipfile.ZipFile(io.BytesIO(file.content)).read("xl/worksheets/sheet1.xml").decode()
    assert file.name.endswith(".xlsx")
    return int(sheet.rpartition("<v>")[2].partition("<")[0])


def test_each_receiver_has_their_own_numbers_once(cast, report, held):
    mail_it(cast, report, receivers=[cast.manager])
    assert not mailings.send_next()
    held[0] = NOON + dt.timedelta(days=3)  # nothing ran for three days
    assert mailings.send_next() and not mailings.send_next()
    rows = sent()
    assert [each.person_id for each in rows] == sorted([cast.administrator.id, cast.manager.id])
    mails = {each.person_id: outgoing(each) for each in rows}
    assert total_of(mails[cast.administrator.id]) == 5 and total_of(mails[cast.manager.id]) == 3
    assert f"/reports/{report.id}" in mails[cast.manager.id].text and "Why" in mails[cast.manager.id].text
    held[0] += dt.timedelta(days=1)
    assert mailings.send_next() and len(sent()) == 4


def test_a_worker_that_dies_posts_nothing_twice(cast, report, held):
    mailing = mail_it(cast, report)
    moment = mailing.next_at
    held[0] = NOON + dt.timedelta(days=1)
    mailings.send_next()
    mailing.next_at = moment  # as if the same moment came again
    db.session.flush()
    mailings.send_next()
    assert len(sent()) == 1


def test_whoever_has_lost_the_right_or_left_gets_nothing(cast, report, held):
    mail_it(cast, report, receivers=[cast.manager, cast.rep])
    held[0] = NOON + dt.timedelta(days=1)
    mailings.send_next()
    db.session.get_one(Person, cast.rep.id).active = False
    db.session.flush()
    by = {each.person_id: outgoing(each) for each in sent()}
    assert isinstance(by[cast.rep.id], Withheld) and isinstance(by[cast.manager.id], Mail)
    switch_module(cast.administrator.actor, "report_mails", everyone=False)
    db.session.flush()
    db.session.expire_all()
    assert all(isinstance(outgoing(each), Withheld) for each in sent())
    with pytest.raises(RuleBroken):
        mailings.make(
            db.session.get_one(Person, cast.administrator.id).actor, report, every="day", on_day=0, hour=8, receivers=()
        )


def test_what_cannot_be_counted_is_told_without_a_file(cast, report, held, monkeypatch):
    """Whoever waits for it learns why it is not there, instead of hearing nothing."""

    def too_long(*_):
        raise OutOfTime

    mail_it(cast, report)
    held[0] += dt.timedelta(days=1)
    assert mailings.send_next()
    monkeypatch.setattr(counting, "_cells", too_long)
    mail = outgoing(sent()[0])
    assert not mail.attachments and "took too long to count" in mail.text and f"/reports/{report.id}" in mail.text


def test_what_is_ended_is_not_sent(cast, report, held):
    mailing = mail_it(cast, report)
    held[0] = NOON + dt.timedelta(days=1)
    mailings.send_next()
    mailings.end(cast.administrator.actor, mailing, report)
    db.session.flush()
    assert isinstance(outgoing(sent()[0]), Withheld)
    held[0] += dt.timedelta(days=9)
    assert not mailings.send_next() and not db.session.scalars(select(ReportMailing)).all()


@pytest.mark.parametrize(
    ("every", "on_day", "hour"), [("day", 1, 8), ("week", 7, 8), ("month", 29, 8), ("year", 0, 8), ("day", 0, 24)]
)
def test_odd_times_are_refused(cast, report, every, on_day, hour):
    with pytest.raises(Invalid):
        mail_it(cast, report, every=every, on_day=on_day, hour=hour)


def test_a_week_is_that_of_the_companys_clock(cast, report, held):
    mailing = mail_it(cast, report, every="week", on_day=0, hour=7)
    assert mailing.next_at == dt.datetime(2026, 11, 22, 23, 0, tzinfo=dt.UTC)  # Monday at seven in Shanghai


def test_whoever_is_not_shown_a_report_any_more_has_it_mailed_to_nobody(cast, report, held):
    report.department_id = cast.manager.department_id
    db.session.flush()
    mailings.make(cast.manager.actor, report, every="day", on_day=0, hour=8, receivers=[cast.rep.id])
    report.department_id = None
    db.session.flush()
    held[0] = NOON + dt.timedelta(days=1)
    assert mailings.send_next() and not sent()


def test_a_receiver_may_open_what_they_are_mailed(cast, report, held):
    assert db.session.scalars(open_to(cast.manager.actor)).all() == []
    mail_it(cast, report, receivers=[cast.manager])
    assert db.session.scalars(open_to(cast.manager.actor)).all() == [report]
