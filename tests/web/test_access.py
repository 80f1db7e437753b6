"""Asking to see a record, a list or the program itself; what is granted for a time, and ends."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from crm.domain.access.administered import refuse, set_door
from crm.domain.access.models import AccessRequest
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.mail.models import MailRow
from crm.domain.modules.actions import switch_module
from crm.domain.notifications.models import Notification
from crm.domain.people import granting, lending
from crm.domain.people.actions import SYSTEM
from crm.domain.people.lasting import last_day, until
from crm.domain.people.models import PersonRole, Role
from crm.domain.people.queries import by_email, ready_made
from crm.domain.people.sharing import grant_many, share
from crm.infra.db import db
from crm.jobs.access import end
from crm.kernel.access import Reach, unscoped
from crm.kernel.company import company
from crm.kernel.errors import Conflict, Invalid, RuleBroken
from crm.kernel.events import Event
from crm.kernel.permissions import Permission
from crm.kernel.sharing import Share
from crm.web.outgoing import outgoing
from crm.web.throttle import limiter
from tests.web.test_tags import text_of

STRANGER = {"name": "Nia New", "email": "nia@example.org", "organisation": "South", "why": "I begin on Monday."}


@pytest.fixture(autouse=True)
def counted_anew(counting):
    vars(limiter).update(counting)
    limiter.reset()


@pytest.fixture
def theirs(cast):
    id_ = customers.create(cast.other_rep.actor, {"name": "云海科技有限公司"})
    db.session.commit()
    return id_


@pytest.fixture
def reading_customers(cast):
    role = granting.create_role(SYSTEM, name="Reads customers")
    granting.change_role(SYSTEM, role, name="", reach={Permission.CUSTOMERS_READ: Reach.ALL}, fields={})
    db.session.commit()
    return role


@pytest.fixture
def door(cast):
    set_door(cast.administrator.actor, True)
    db.session.commit()


@pytest.fixture
def mailing(app):
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, mail_url="smtp://127.0.0.1:1", base_url="https://crm.example")
    yield
    app.config["SETTINGS"] = before


def requests():
    db.session.expire_all()
    return db.session.scalars(select(AccessRequest).order_by(AccessRequest.id)).all()


def told(person, kind):
    return db.session.scalars(select(Notification).filter_by(person_id=person.id, kind=kind)).all()


def names_of_events(**of):
    return set(db.session.scalars(select(Event.name).filter_by(**of)))


def test_a_page_one_may_not_see_leads_to_asking_for_it_and_the_owner_answers_for_a_time(as_, cast, theirs):
    page = as_.rep.get(f"/customers/{theirs}")
    assert page.status_code == 404 and f'href="/access/records/customers/{theirs}"' in text_of(page)
    assert "If there is a record" in text_of(as_.rep.get(f"/access/records/customers/{theirs}"))
    asked = as_.rep.post(f"/access/records/customers/{theirs}", {"why": "They call me\nevery day"})
    assert asked.location == "/customers/"
    (request,) = requests()
    assert as_.rep.get(f"/access/{request.id}").status_code == 404, "that it is kept says that there is such a record"
    assert "Nothing here" in text_of(as_.rep.get("/access/"))
    owners = text_of(as_.other_rep.get(f"/customers/{theirs}"))
    assert f"{cast.rep.name} asks to see this" in owners and "They call me" in owners
    answer = {"answer": "yes", "lasts": "7"}
    assert as_.agent.post(f"/access/{request.id}/answer", answer).status_code in (404, 409)
    assert as_.other_rep.post(f"/access/{request.id}/answer", answer | {"lasts": "8"}).status_code == 422
    assert as_.other_rep.post(f"/access/{request.id}/answer", answer).status_code == 303
    (request,) = requests()
    assert last_day(request.until) == company.today() + dt.timedelta(days=7)
    assert as_.rep.get(f"/customers/{theirs}").status_code == 200
    assert "until" in text_of(as_.other_rep.get(f"/customers/{theirs}"))
    assert as_.rep.get(f"/access/{request.id}").location == f"/access/records/customers/{theirs}"
    assert as_.rep.get(f"/access/records/customers/{theirs}").location == f"/customers/{theirs}"


def test_what_is_not_there_is_asked_for_in_the_same_way_and_nobody_is_told(as_, cast, theirs):
    """Not a character of the answers tells whether there is such a record."""
    nowhere, binned = theirs + 1_000, customers.create(cast.other_rep.actor, {"name": "Gone"})
    with unscoped("a test puts it into the bin"):
        db.session.execute(text("UPDATE customers SET deleted_at = now() WHERE id = :id"), {"id": binned})
    db.session.commit()
    assert len({_asking(as_, each) for each in (theirs, nowhere, binned)}) == 1
    before = len(requests())
    answers = [as_.rep.post(f"/access/records/customers/{each}", {"why": ""}) for each in (nowhere, binned)]
    assert {each.location for each in answers} == {"/customers/"} and len(requests()) == before
    assert not told(cast.other_rep, "access_asked")


def _asking(as_, id_):
    """What the page says, without its address and what no two pages have in common."""
    page = text_of(as_.rep.get(f"/access/records/customers/{id_}"))
    return re.sub(r'value="[^"]*"', "", page[page.index("<main") :].replace(f"/customers/{id_}", ""))


def test_who_has_asked_for_very_many_is_not_passed_on(as_, cast):
    ids = [customers.create(cast.other_rep.actor, {"name": f"Customer {n}"}) for n in range(21)]
    db.session.commit()
    for each in ids:
        as_.rep.post(f"/access/records/customers/{each}", {"why": ""})
    assert len(requests()) == 20


def test_a_list_is_asked_for_and_a_role_is_given_for_a_time(as_, cast, reading_customers):
    granting.give_roles(SYSTEM, cast.outsider, [])
    granting.change_role(SYSTEM, _baseline(), name="", reach={}, fields={})
    db.session.commit()
    page = as_.outsider.get("/customers/")
    assert page.status_code == 403 and 'href="/access/lists/customers"' in text_of(page)
    assert as_.outsider.post("/access/lists/customers", {"why": " "}).status_code == 422
    for _ in range(2):
        assert as_.outsider.post("/access/lists/customers", {"why": "I plan the fair"}).status_code == 303
    (request,) = requests()
    assert len(told(cast.administrator, "access_wanted")) == 1
    assert "I plan the fair" in text_of(as_.administrator.get("/access/"))
    deciding = f"/access/{request.id}/decision"
    assert as_.administrator.get(f"/access/{request.id}").location == deciding
    page = text_of(as_.administrator.get(deciding))
    assert "Reads customers" in page and "Administrator<" not in page
    assert as_.manager.get(deciding).status_code == 403
    none = as_.administrator.post(deciding, {"decision": "yes", "lasts": "7"})
    assert none.status_code == 422 and "Choose a role" in text_of(none)
    given = as_.administrator.post(deciding, {"decision": "yes", "role": reading_customers.id, "lasts": "7"})
    assert given.status_code == 303 and as_.outsider.get("/customers/").status_code == 200
    assert "Given until" in text_of(as_.outsider.get(f"/access/{request.id}"))
    again = as_.administrator.post(deciding, {"decision": "no", "answer": "No"})
    assert again.status_code == 409 and "decided about it already" in text_of(again)
    assert len(told(cast.outsider, "access_decided")) == 1
    _let_pass("person_roles")
    assert as_.outsider.get("/customers/").status_code == 403, "before anything has tidied up"
    end()
    assert db.session.get(PersonRole, (cast.outsider.id, reading_customers.id)) is None
    assert "person.role_ended" in names_of_events(subject_type="people", subject_id=cast.outsider.id)


def _baseline():
    return db.session.scalars(select(Role).where(Role.baseline)).first()


def _let_pass(table):
    db.session.execute(text(f"UPDATE {table} SET until = now() - interval '1 second' WHERE until IS NOT NULL"))
    db.session.commit()


def test_what_is_refused_is_told_with_the_words(as_, cast, reading_customers):
    granting.give_roles(SYSTEM, cast.outsider, [])
    granting.change_role(SYSTEM, _baseline(), name="", reach={}, fields={})
    db.session.commit()
    as_.outsider.post("/access/lists/customers", {"why": "Curious"})
    (request,) = requests()
    as_.administrator.post(f"/access/{request.id}/decision", {"decision": "no", "answer": "Ask Mia first"})
    assert "Ask Mia first" in text_of(as_.outsider.get(f"/access/{request.id}"))
    assert as_.rep.get(f"/access/{request.id}").status_code == 404
    assert as_.outsider.post("/access/lists/customers", {"why": "Mia says yes"}).status_code == 303
    assert len(requests()) == 2


def test_strangers_ask_where_the_door_is_open_and_get_an_account(as_, cast, door, mailing):
    assert 'href="/access/account"' in text_of(as_.stranger.get("/sign-in"))
    wrong = as_.stranger.post("/access/account", STRANGER | {"email": "nobody", "why": ""})
    assert wrong.status_code == 422 and STRANGER["organisation"] in text_of(wrong)
    for _ in range(2):
        assert as_.stranger.post("/access/account", STRANGER).location == "/access/account/asked"
    taken = as_.stranger.post("/access/account", STRANGER | {"email": cast.rep.email})
    robot = as_.stranger.post("/access/account", STRANGER | {"email": "robot@example.org", "homepage": "x"})
    assert taken.location == robot.location == "/access/account/asked"
    (request,) = requests()
    page = text_of(as_.administrator.get(f"/access/{request.id}/decision"))
    assert all(each in page for each in STRANGER.values())
    assert as_.rep.get("/access/").status_code == 200 and "Nia New" not in text_of(as_.rep.get("/access/"))
    rep = ready_made("sales_rep")
    given = {"decision": "yes", "name": "Nia New", "role": rep.id, "department": cast.rep.department_id}
    assert as_.administrator.post(f"/access/{request.id}/decision", given).status_code == 303
    nia = by_email("nia@example.org")
    assert nia.department_id == cast.rep.department_id and requests()[0].person_id == nia.id
    mail = outgoing(db.session.scalars(select(MailRow).order_by(MailRow.id.desc())).first())
    assert "/account/link/" in mail.text and "nia@example.org" in mail.to


def test_who_gets_no_account_is_told_in_their_language(as_, cast, door, mailing):
    as_.stranger.post("/preferences", {"language": "zh_CN", "next": "/access/account"})
    as_.stranger.post("/access/account", STRANGER)
    (request,) = requests()
    assert request.language == "zh_CN"
    as_.administrator.post(f"/access/{request.id}/decision", {"decision": "no", "answer": "Not now"})
    mail = outgoing(db.session.scalars(select(MailRow).order_by(MailRow.id.desc())).first())
    assert mail.to == STRANGER["email"] and "Not now" in mail.text and "You do not get one" not in mail.text
    assert by_email(STRANGER["email"]) is None


def test_where_the_door_is_shut_there_is_nothing(as_, cast):
    assert "/access/account" not in text_of(as_.stranger.get("/sign-in"))
    assert as_.stranger.get("/access/account").status_code == 404
    assert as_.stranger.post("/access/account", STRANGER).status_code == 404
    assert as_.rep.post("/access/door", {"open": "1"}).status_code == 403
    as_.administrator.post("/access/door", {"open": "1"})
    assert as_.stranger.get("/access/account").status_code == 200
    assert "access.door_set" in names_of_events()


def test_a_share_ends_to_the_moment_and_is_tidied_away(as_, cast, theirs):
    with unscoped("a test looks at everything"):
        one = db.session.get(Customer, theirs)
    share(cast.other_rep.actor, one, cast.rep, until("1"))
    db.session.commit()
    assert as_.rep.get(f"/customers/{theirs}").status_code == 200
    _let_pass("shares")
    assert as_.rep.get(f"/customers/{theirs}").status_code == 404
    why = text_of(as_.administrator.get(f"/records/customers/{theirs}/why?person={cast.rep.email}"))
    assert "does not see" in why
    end()
    assert not db.session.scalars(select(Share)).all()
    assert {"record.lent", "record.unshared"} <= names_of_events(subject_type="customers", subject_id=theirs)


def test_what_a_rule_shows_outlasts_what_was_shared_for_a_time(cast, theirs):
    with unscoped("a test looks at everything"):
        one = db.session.get(Customer, theirs)
    share(cast.other_rep.actor, one, cast.rep, until("1"))
    grant_many(SYSTEM, "customers", [(theirs, cast.rep)], follows="a rule")
    (kept,) = db.session.scalars(select(Share)).all()
    assert (kept.until, kept.follows) == (None, "a rule")
    share(cast.other_rep.actor, one, cast.rep, until("7"))
    db.session.flush()
    (kept,) = db.session.scalars(select(Share).execution_options(populate_existing=True)).all()
    assert kept.follows is None and kept.until is not None


def test_a_role_is_lent_beside_what_one_has(cast, reading_customers):
    rep = ready_made("sales_rep")
    lending.lend_role(SYSTEM, cast.rep, rep, until("1"))
    assert db.session.get(PersonRole, (cast.rep.id, rep.id)).until is None, "for good stays for good"
    lending.lend_role(SYSTEM, cast.rep, reading_customers, until("1"))
    lending.lend_role(SYSTEM, cast.rep, reading_customers, until("30"))
    assert lending.lent(cast.rep) == {reading_customers.id: company.today() + dt.timedelta(days=30)}
    with pytest.raises(RuleBroken):
        lending.lend_role(SYSTEM, cast.rep, ready_made("administrator"), until("1"))


def test_where_the_module_is_off_nothing_is_asked(as_):
    switch_module(SYSTEM, "leads", everyone=False)
    db.session.commit()
    assert as_.rep.get("/access/lists/leads").status_code == 404
    assert as_.rep.post("/access/records/leads/1", {"why": "x"}).status_code == 404


@pytest.mark.parametrize("lasts", ["0", "-1", "8", "x", "９"])
def test_only_what_is_offered_is_a_time(lasts):
    with pytest.raises(Invalid):
        until(lasts)


def test_who_is_second_to_decide_is_told(cast):
    one = AccessRequest(subject_type="customers", person_id=cast.rep.id, reason="x")
    db.session.add(one)
    db.session.flush()
    refuse(cast.administrator.actor, one, "No")
    with pytest.raises(Conflict):
        refuse(cast.administrator.actor, one, "No")
