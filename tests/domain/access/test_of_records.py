"""Asking to see what one has only been told of."""

import pytest
from sqlalchemy import select

from crm.domain.access import of_records as access
from crm.domain.access.models import AccessRequest
from crm.domain.customers.models import Customer
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.notifications.models import Notification
from crm.domain.notifications.queries import notifications
from crm.infra.db import db
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event


def asked():
    db.session.flush()
    return db.session.scalars(select(AccessRequest)).all()


def seen(who, id_):
    return db.session.scalar(Customer.visible_to(who.actor).where(Customer.id == id_).with_only_columns(Customer.id))


def test_the_owner_is_asked_once_and_shares_it(cast, make, row):
    theirs = make(cast.other_rep, "云海科技有限公司")
    for _ in range(2):
        access.ask(cast.rep.actor, CUSTOMER, [theirs])
    (request,) = asked()
    assert seen(cast.rep, theirs) is None
    told = notifications(cast.other_rep.actor).told
    assert [(each.notification.kind, each.record, each.by) for each in told] == [
        ("access_asked", "云海科技有限公司", cast.rep.name)
    ]
    access.answer(cast.other_rep.actor, row(theirs), request, granted=True)
    db.session.flush()
    assert seen(cast.rep, theirs) == theirs
    assert [each.notification.kind for each in notifications(cast.rep.actor).told] == ["access_granted"]


def test_who_says_no_shares_nothing(cast, make, row):
    theirs = make(cast.other_rep, "云海科技有限公司")
    access.ask(cast.rep.actor, CUSTOMER, [theirs])
    (request,) = asked()
    access.answer(cast.other_rep.actor, row(theirs), request, granted=False)
    db.session.flush()
    assert (
        seen(cast.rep, theirs) is None
        and not db.session.scalars(select(Notification).filter_by(kind="access_granted")).all()
    )
    names = db.session.scalars(select(Event.name).filter_by(subject_id=theirs, subject_type="customers")).all()
    assert {"record.access_asked", "record.access_refused"} <= set(names)


def test_only_who_may_share_it_may_answer(cast, make, row):
    theirs = make(cast.other_rep, "云海科技有限公司")
    access.ask(cast.rep.actor, CUSTOMER, [theirs])
    with pytest.raises(RuleBroken):
        access.answer(cast.agent.actor, row(theirs), asked()[0], granted=True)
