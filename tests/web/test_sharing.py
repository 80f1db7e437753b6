"""A record is shared from its page by whoever owns it or may give it away, and an administrator asks who sees it."""

import pytest
from sqlalchemy import select

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.events import Event
from crm.kernel.sharing import Share


def words(answer):
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.fixture
def customer(cast):
    customer_id = actions.create(cast.rep.actor, {"name": "Shown around"})
    db.session.commit()
    return customer_id


def test_the_owner_shares_and_takes_it_back(as_, cast, customer):
    at = f"/records/customers/{customer}/shares"
    assert f'href="{at}"' in words(as_.rep.get(f"/customers/{customer}"))
    assert "or department" in words(as_.rep.get(at))
    assert as_.other_rep.get(f"/customers/{customer}").status_code == 404
    assert as_.rep.post(at, {"person": cast.other_rep.email}).location == f"/customers/{customer}"
    page = words(as_.other_rep.get(f"/customers/{customer}"))
    assert "Mia Rep" in page
    assert "/removal" not in page, "who only sees it may not take it away from others"
    assert as_.other_rep.get(f"/customers/{customer}/sections/basics/edit").status_code == 409

    as_.rep.post(at, {"person": cast.other_rep.email})
    (share_id,) = db.session.scalars(select(Share.id))
    as_.rep.post(f"{at}/{share_id}/removal")
    as_.rep.post(f"{at}/{share_id}/removal")
    assert as_.other_rep.get(f"/customers/{customer}").status_code == 404
    told = db.session.scalars(select(Event).where(Event.name.startswith("record."))).all()
    assert [each.name for each in told] == ["record.shared", "record.unshared"]
    assert "showed this to Mia Rep" in words(as_.rep.get(f"/customers/{customer}"))


def test_a_department_is_shown_it_too(as_, cast, customer):
    as_.rep.post(f"/records/customers/{customer}/shares", {"department": cast.other_rep.department_id})
    assert "South" in words(as_.other_rep.get(f"/customers/{customer}"))
    assert as_.outsider.get(f"/customers/{customer}").status_code == 404


def test_who_may_give_it_away_may_share_it_and_others_may_not(as_, cast, customer):
    at = f"/records/customers/{customer}/shares"
    assert as_.manager.post(at, {"person": cast.outsider.email}).status_code == 303
    assert as_.agent.post(at, {"person": cast.marketer.email}).status_code == 409
    assert as_.outsider.post(at, {"person": cast.other_rep.email}).status_code == 409
    assert as_.other_rep.post(at, {"person": cast.other_rep.email}).status_code == 404
    assert "Choose a person or a department." in as_.rep.post(at, {}).get_data(as_text=True)
    assert "Nobody here is called" in as_.rep.post(at, {"person": "Nessie"}).get_data(as_text=True)
    assert len(db.session.scalars(select(Share)).all()) == 1


def test_a_share_of_another_record_stays(as_, cast, customer):
    other = actions.create(cast.other_rep.actor, {"name": "Other"})
    db.session.commit()
    as_.other_rep.post(f"/records/customers/{other}/shares", {"person": cast.agent.email})
    (share,) = db.session.scalars(select(Share))
    as_.rep.post(f"/records/customers/{customer}/shares/{share.id}/removal")
    assert db.session.scalars(select(Share)).all()


def test_an_administrator_asks_why(as_, cast, customer):
    at = f"/records/customers/{customer}/why"
    assert f'href="{at}"' in words(as_.administrator.get(f"/customers/{customer}"))
    assert f'href="{at}"' not in words(as_.manager.get(f"/customers/{customer}"))
    assert as_.manager.get(at).status_code == 403

    def ask(person):
        return words(as_.administrator.get(at, query_string={"person": person.email}))

    assert "Ask why" in words(as_.administrator.get(at))
    assert "Sam 王 owns this record." in ask(cast.rep)
    manager = ask(cast.manager)
    assert "Max Manager sees this record" in manager
    assert "Sales manager: this role reaches the department of Max Manager and those below it" in manager
    assert "this record is in “North-east”" in manager
    assert "Marketing: this role lets Mark Marketing see all records of this type." in ask(cast.marketer)
    other = ask(cast.other_rep)
    assert "Mia Rep does not see this record" in other
    assert "only as far as “own”" in other
    as_.rep.post(f"/records/customers/{customer}/shares", {"person": cast.other_rep.email})
    assert "This record is shared with Mia Rep." in ask(cast.other_rep)
    with unscoped("a test looks at everything"):
        actions.delete(cast.rep.actor, db.session.get(Customer, customer))
    db.session.commit()
    assert "The record is in the recycle bin" in ask(cast.rep)
    assert "Nobody here is called" in words(as_.administrator.get(at, query_string={"person": "Nessie"}))
    assert as_.administrator.get("/records/customers/999999/why").status_code == 404
    assert as_.administrator.get(f"/records/nothings/{customer}/why").status_code == 404
