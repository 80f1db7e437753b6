import datetime as dt

from sqlalchemy import select, text, update

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.retention.actions import bin_days, change_bin_days
from crm.domain.timeline import actions as timeline
from crm.domain.timeline.models import FollowUp
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.housekeeping import purge_bins, tidy
from crm.kernel.access import unscoped
from crm.kernel.events import Event
from crm.kernel.sharing import Share


def test_only_what_has_done_its_work_is_removed(cast, session):
    session.execute(
        text("""INSERT INTO idempotency_keys (person_id, key, digest, created_at)
                VALUES (:id, 'old', '', now() - interval '4 days'), (:id, 'new', '', now())"""),
        {"id": cast.rep.id},
    )
    session.commit()
    tidy()
    assert session.scalars(text("SELECT key FROM idempotency_keys")).all() == ["new"]


def test_what_is_long_in_the_bin_goes_with_all_that_hangs_on_it_and_the_log_stays(cast, session):
    ids = actions.create_many(cast.rep.actor, [{"name": f"c{n}"} for n in range(3)])
    found = {each.id: each for each in session.scalars(Customer.visible_to(cast.rep.actor))}
    old, new, child = (found[id_] for id_ in ids)
    actions.change(cast.rep.actor, child, {"parent": old.id})
    timeline.add_follow_up(cast.rep.actor, old, {"kind": "call", "body": "words"})
    session.add(Share(subject_type="customers", subject_id=old.id, person_id=cast.other_rep.id))
    for each in (old, new):
        actions.delete(cast.rep.actor, each)
    session.flush()
    with unscoped("a test moves the clock"):
        long_ago = clock.now() - dt.timedelta(days=91)
        session.execute(update(Customer).where(Customer.id == ids[0]).values(deleted_at=long_ago))
    session.commit()
    purge_bins()
    db.session.expire_all()
    with unscoped("a test looks at everything"):
        left = dict(session.execute(select(Customer.id, Customer.parent_id)).all())
    assert left == {ids[1]: None, ids[2]: None}
    assert session.scalars(select(FollowUp)).all() == session.scalars(select(Share)).all() == []
    told = session.scalars(select(Event.name).where(Event.subject_id == ids[0]).order_by(Event.id)).all()
    assert told[0] == "customer.created"
    assert told[-1] == "customer.purged"


def test_what_an_administrator_says_goes_before_what_is_installed(cast, session, app):
    (one,) = actions.create_many(cast.rep.actor, [{"name": "c"}])
    actions.delete(cast.rep.actor, session.scalars(Customer.visible_to(cast.rep.actor)).one())
    session.flush()
    with unscoped("a test moves the clock"):
        long_ago = clock.now() - dt.timedelta(days=40)
        session.execute(update(Customer).where(Customer.id == one).values(deleted_at=long_ago))
    session.commit()
    installed = app.config["SETTINGS"].bin_days
    assert (installed, bin_days(installed)) == (90, 90)
    purge_bins()
    assert _there() == [one]
    change_bin_days(cast.administrator.actor, 41, installed)
    session.commit()
    purge_bins()
    assert _there() == [one]
    change_bin_days(cast.administrator.actor, 39, installed)
    session.commit()
    purge_bins()
    assert _there() == []
    told = session.scalars(select(Event).filter_by(name="retention.bin_days_changed").order_by(Event.id)).all()
    assert [each.payload["changes"]["bin_days"] for each in told] == [[90, 41], [41, 39]]


def _there():
    with unscoped("a test looks at everything"):
        return list(db.session.scalars(select(Customer.id)))
