"""Notifications by mail: what the receiver may see when it is sent, in their language, once, and not in quiet hours."""

import datetime as dt
import re

import pytest

from crm.domain.contacts import actions as contacts
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.mail.models import MailRow
from crm.domain.mail_templates.actions import save
from crm.domain.mail_templates.models import MailTemplate
from crm.domain.notifications.actions import Kind, News, mark_read, notify
from crm.domain.notifications.models import DIGEST, Notification
from crm.domain.notifications.preferences import USUAL, Ways, Wishes, change
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.queries import ready_made
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.mail import gather_digests, send_waiting
from crm.kernel.access import FieldRight, Reach
from crm.kernel.permissions import Permission
from tests.jobs.test_mail import posting, server

__all__ = ["posting", "server"]
NIGHT = dt.datetime(2026, 11, 25, 15, tzinfo=dt.UTC)  # 23:00 where the company is
MORNING = dt.datetime(2026, 11, 25, 23, 30, tzinfo=dt.UTC)  # 07:30
EIGHT = dt.datetime(2026, 11, 26, 0, 1, tzinfo=dt.UTC)  # 08:01


@pytest.fixture
def acme(cast):
    made = customers.create(cast.rep.actor, {"name": "<b>Acme</b>", "owner": cast.rep.id})
    db.session.commit()
    return made


def tell(cast, record, kind=Kind.MENTIONED, type_="customers", who="rep", **more):
    notify(kind, [News(getattr(cast, who).id, type_, record, **more)], by=cast.manager.actor)
    db.session.commit()


def states():
    return [each.state for each in db.session.query(MailRow).order_by(MailRow.id)]


def content(message, kind):
    return message.get_body((kind,)).get_content()


def give_away(cast, record):
    one = db.session.scalars(Customer.visible_to(cast.administrator.actor).where(Customer.id == record)).one()
    customers.change(cast.administrator.actor, one, {"owner": cast.other_rep.id})
    db.session.commit()


def test_it_says_what_happened_in_the_receivers_language(posting, cast, acme, server):
    cast.rep.language = "zh_CN"
    tell(cast, acme)
    assert send_waiting() == 1
    (mail,) = server.taken
    assert mail["To"] == "Sam 王 <sam@example.com>" and "Max Manager" in mail["Subject"]
    assert re.search("[一-鿿]", mail["Subject"]) and "<b>Acme</b>" in content(mail, "plain")
    html = content(mail, "html")
    assert "&lt;b&gt;Acme" in html and f'href="http://127.0.0.1:8000/customers/{acme}"' in html
    assert 'lang="zh-CN"' in html and mail["List-Unsubscribe"] == "<http://127.0.0.1:8000/account/notifications>"
    assert "/account/notifications" in content(mail, "plain")


def test_many_things_at_once_are_one_mail(posting, cast, acme, server):
    many = [News(cast.rep.id, "customers", acme, key=str(n)) for n in range(210)]
    notify(Kind.ASSIGNED, [*many, News(cast.manager.id, "customers", acme, key="1")], by=cast.administrator.actor)
    assert send_waiting() == 3
    assert sorted((each["To"], each["Subject"][:15]) for each in server.taken) == [
        ("Max Manager <max@example.com>", "Ada Admin gave "),
        ("Sam 王 <sam@example.com>", "What is new: 10"),
        ("Sam 王 <sam@example.com>", "What is new: 20"),
    ]


def test_what_is_read_or_out_of_sight_by_then_is_withheld(posting, cast, acme, server):
    tell(cast, acme)
    mark_read(cast.rep.actor)
    assert send_waiting() == 0
    tell(cast, acme, Kind.ASSIGNED)
    give_away(cast, acme)
    assert send_waiting() == 0 and states() == ["withheld", "withheld"] and server.taken == []
    change(cast.other_rep.actor, cast.other_rep, Wishes({**USUAL, Kind.DUE: Ways()}))
    tell(cast, acme, Kind.DUE, who="other_rep")
    change(cast.other_rep.actor, cast.other_rep, Wishes({**USUAL, Kind.DUE: Ways(by_mail="never")}))
    assert send_waiting() == 0 and states()[-1] == "withheld"


def test_of_a_birthday_nobody_is_told_who_may_not_read_it(posting, cast, acme, server):
    change(cast.rep.actor, cast.rep, Wishes({**USUAL, Kind.BIRTHDAY: Ways()}))
    contact = contacts.create(cast.rep.actor, {"name": "陈经理", "customer": acme, "owner": cast.rep.id})
    tell(cast, contact, Kind.BIRTHDAY, "contacts")
    role = ready_made("sales_rep")
    reach = {Permission(key): Reach[value] for key, value in role.reach.items()}
    granting.change_role(SYSTEM, role, name="", reach=reach, fields={"contacts": {"birthday": FieldRight.MASKED}})
    db.session.commit()
    assert send_waiting() == 0 and states() == ["withheld"] and server.taken == []


def test_quiet_hours_put_it_off_until_they_end(posting, cast, acme, server):
    change(cast.rep.actor, cast.rep, Wishes(quiet_from=dt.time(22), quiet_to=dt.time(7)))
    with clock.frozen(NIGHT):
        tell(cast, acme)
        assert send_waiting() == 0 and send_waiting() == 0
    row = db.session.query(MailRow).one()
    assert (row.state, row.attempts, row.run_at) == ("waiting", 0, dt.datetime(2026, 11, 25, 23, tzinfo=dt.UTC))
    with clock.frozen(MORNING):
        assert send_waiting() == 1 and send_waiting() == 0


def test_a_digest_gathers_what_may_be_told_and_is_sent_once(posting, cast, acme, server):
    contact = contacts.create(cast.rep.actor, {"name": "陈经理", "customer": acme, "owner": cast.rep.id})
    others = customers.create(cast.rep.actor, {"name": "Gone Ltd", "owner": cast.rep.id})
    with clock.frozen(NIGHT):
        for record, type_ in ((contact, "contacts"), (others, "customers"), (acme, "customers")):
            tell(cast, record, Kind.BIRTHDAY if type_ == "contacts" else Kind.POOL_NEAR, type_)
        assert gather_digests() == 0 and send_waiting() == 0
    with clock.frozen(EIGHT + dt.timedelta(minutes=1)):
        tell(cast, acme, Kind.POOLED)  # after the moment of the digest: it waits for the next
        assert gather_digests() == 1 and gather_digests() == 0
        give_away(cast, others)
        assert send_waiting() == 1 and send_waiting() == 0
    (mail,) = server.taken
    text = content(mail, "plain")
    assert mail["Subject"] == "What is new: 2" and "陈经理" in text and "Acme" in text
    assert "Gone" not in text and "Gone" not in content(mail, "html") and "Went back" not in text
    with clock.frozen(EIGHT + dt.timedelta(days=1)):
        assert gather_digests() == 1 and send_waiting() == 1
    assert "Went back" in content(server.taken[1], "plain") and len(server.times()) == 2


def test_who_wants_no_digest_any_more_gets_none(posting, cast, acme, server):
    with clock.frozen(NIGHT):
        tell(cast, acme, Kind.POOL_NEAR)
        change(cast.rep.actor, cast.rep, Wishes(digest="none"))
    with clock.frozen(EIGHT):
        assert gather_digests() == 0 and gather_digests() == 0
    assert db.session.query(Notification).filter_by(by_mail=DIGEST).count() == 0


def test_a_message_is_in_the_words_of_its_template_for_each_reader(posting, cast, acme, server):
    change(cast.rep.actor, cast.rep, Wishes({**USUAL, Kind.MESSAGE: Ways()}))
    row = db.session.query(MailTemplate).filter_by(key="have_a_look").one()
    tell(cast, acme, Kind.MESSAGE, template_id=row.id)
    assert send_waiting() == 1 and server.taken[0]["Subject"].startswith("Please have a look at <b>Acme</b>")
    given = {"name": "x", "channel": "message", "record_type": "customers", "subject": {}, "body": {"en": "{{today}}"}}
    assert save(cast.administrator.actor, None, given).subject == {}
