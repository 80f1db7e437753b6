"""Follow-ups out of a file: on the right record, by the right author, at the right time, and never twice."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm.domain.contacts.actions import VERBS as CONTACTS
from crm.domain.customers.actions import create_many
from crm.domain.imports import actions
from crm.domain.imports.targets import TARGETS
from crm.domain.people.granting import give_roles
from crm.domain.people.queries import ready_made
from crm.domain.timeline.models import FollowUp
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.company import company
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event
from tests.domain.imports.work import again, counts, csv_of, outcomes, rows_of, run, uploaded

HEADINGS = ("客户名称", "跟进时间", "跟进人", "跟进方式", "跟进内容", "下次跟进时间", "参与人")
KEYS = ("about", "happened_at", "author", "kind", "body", "next_on", "present")


@pytest.fixture
def acme(cast) -> int:
    return create_many(cast.rep.actor, [{"name": "Acme"}])[0]


def checked(actor, rows):
    import_ = uploaded(actor, csv_of(rows, HEADINGS), "follow-ups.csv", "follow_ups")
    import_.heading_row = 1
    actions.map_columns(actor, import_, mapping=dict(enumerate(KEYS)))
    db.session.commit()
    sweep()
    return again(import_.id)


def brought(actor, rows, duplicates="skip"):
    return run(actor, checked(actor, rows), duplicates)


def kept() -> list[FollowUp]:
    return list(db.session.scalars(select(FollowUp).order_by(FollowUp.id)))


def in_company(*moment: int) -> dt.datetime:
    return dt.datetime(*moment, tzinfo=ZoneInfo(company.timezone))


def test_author_and_time_are_kept(cast, acme):
    """The author has left since; the log says who brought it in, from which line."""
    cast.other_rep.active = False
    person = CONTACTS.create(cast.rep.actor, {"name": "Li Lei", "customer": acme})
    rows = [
        ["Acme", "2024-03-05 14:30", cast.other_rep.email, "电话", "Asked for a price", "2999-01-01", "Li Lei, Zhang"],
        ["Li Lei", "2024/4/6 9:00", cast.rep.name, "", "Has left", "", ""],
        ["Acme", "2023-01-02 08:00", "", "拜访", "First visit", "", ""],
    ]
    import_ = brought(cast.administrator.actor, rows)
    assert counts(import_) == {"rows": 3, "created": 3}
    first, third, second = sorted(kept(), key=lambda each: each.body)
    assert (first.subject_type, first.subject_id, first.customer_id) == ("customers", acme, acme)
    assert (first.author_id, first.happened_at) == (cast.other_rep.id, in_company(2024, 3, 5, 14, 30))
    assert (first.kind, first.body, first.present) == ("call", "Asked for a price", ["Li Lei", "Zhang"])
    assert (second.subject_type, second.subject_id, second.customer_id) == ("contacts", person, acme)
    assert (second.author_id, second.kind, second.happened_at) == (cast.rep.id, "note", in_company(2024, 4, 6, 9))
    assert (third.author_id, third.kind) == (cast.administrator.id, "visit")
    entity = TARGETS["customers"].entity
    customer = db.session.scalars(entity.visible_to(cast.rep.actor).where(entity.id == acme)).one()
    assert customer.last_follow_up_at == in_company(2024, 4, 6, 9)
    assert customer.next_follow_up_on == dt.date(2999, 1, 1)
    told = db.session.scalars(select(Event).filter_by(name="follow_up.added").order_by(Event.id)).all()
    by = {each.payload["follow_up_id"]: each for each in told}[first.id]
    assert (by.actor_id, by.payload["author_id"], by.payload["import_id"], by.payload["line"]) == (
        *(cast.administrator.id, cast.other_rep.id, import_.id, 2),
    )


def test_a_file_that_comes_again_brings_nothing_twice(cast, acme):
    rows = [["Acme", "2024-03-05 14:30", "", "", "Talked", "", ""]] * 2
    assert counts(brought(cast.rep.actor, rows)) == {"rows": 2, "created": 1, "skipped": 1}
    again_ = checked(cast.rep.actor, [rows[0], ["Acme", "2024-03-05 14:31", "", "", "Talked", "", ""]])
    assert (again_.duplicate_stored, again_.valid) == (1, 1)
    assert rows_of(again_)[0].duplicate_id == kept()[0].id
    assert outcomes(run(cast.rep.actor, again_)) == {2: "skipped", 3: "created"}
    third = checked(cast.rep.actor, rows[:1])
    with pytest.raises(RuleBroken, match="may not change"):  # what somebody wrote is not written over
        actions.start(cast.rep.actor, third, duplicates="update")


def test_what_cannot_be_said_stays_out_with_a_sentence(cast, acme):
    """Unknown records and people, what has not happened yet, another's name without the right to speak in it."""
    create_many(cast.other_rep.actor, [{"name": "Theirs"}])
    tomorrow = (clock.now() + dt.timedelta(days=2)).strftime("%Y-%m-%d")
    rows = [
        ["Nowhere", "2024-03-05", "", "", "x", "", ""],
        ["Theirs", "2024-03-05", "", "", "x", "", ""],
        ["Acme", "2024-03-05", "Nobody Known", "", "x", "", ""],
        ["Acme", "2024-03-05", cast.other_rep.email, "", "x", "", ""],
        ["Acme", tomorrow, "", "", "x", "", ""],
        ["Acme", "", "", "", "x", "", ""],
        ["Acme", "2024-03-05", cast.rep.email, "", "good", "", ""],
    ]
    import_ = brought(cast.rep.actor, rows)
    assert counts(import_) == {"rows": 7, "created": 1, "failed": 6}
    assert [each.body for each in kept()] == ["good"]


def test_following_up_needs_the_right_at_the_record(cast, acme):
    """Seen is not followed up: marketing sees the customer and may write nothing on it."""
    roles = [ready_made(key) for key in ("marketing", "sales_rep")]
    give_roles(cast.administrator.actor, cast.other_rep, roles)
    import_ = brought(cast.other_rep.actor, [["Acme", "2024-03-05", "", "", "x", "", ""]])
    assert (counts(import_), kept()) == ({"rows": 1, "failed": 1}, [])
