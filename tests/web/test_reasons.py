"""Why something was done, typed once into a form, is kept with every event it causes and found again by an auditor."""

import csv
import io

import pytest
from sqlalchemy import select

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.infra.db import db
from crm.jobs.audit_exports import write_exports
from crm.jobs.bulk import sweep
from crm.kernel.events import LONGEST_REASON, Event

WHY = "Asked for by the customer, 100% sure"


@pytest.fixture
def customers(cast):
    ids = actions.create_many(cast.rep.actor, [{"name": f"Customer {n}"} for n in range(3)])
    db.session.commit()
    return ids


def reasons(*names):
    told = select(Event.name, Event.reason).where(Event.name.in_(names)).order_by(Event.id)
    return [tuple(each) for each in db.session.execute(told)]


def audit(browser, query=""):
    return browser.get(f"/audit{query}").get_data(as_text=True)


def test_a_reason_is_kept_shown_found_and_exported(as_, cast, customers):
    page = as_.rep.get(f"/customers/{customers[0]}").get_data(as_text=True)
    assert 'name="reason"' in page
    as_.rep.post(f"/customers/{customers[0]}/deletion", {"reason": f"  {WHY} "})
    as_.rep.post(f"/customers/{customers[1]}/deletion")
    assert reasons("customer.deleted") == [("customer.deleted", WHY), ("customer.deleted", None)]
    assert WHY in audit(as_.auditor)
    found = audit(as_.auditor, "?why=100%25 SURE")
    assert found.count('id="event-') == 1 and WHY in found
    assert 'id="event-' not in audit(as_.auditor, "?why=10_%25")
    place = as_.auditor.post("/audit/export.csv", {"why": "customer", "reason": "For the auditor"}).location
    write_exports()
    saved = as_.auditor.get(f"{place}/file").get_data().decode("utf-8-sig")
    (line,) = list(csv.DictReader(io.StringIO(saved)))
    assert (line["Reason"], line["Who"]) == (WHY, "Sam 王")
    assert reasons("audit.exported") == [("audit.exported", "For the auditor")]


def test_a_reason_too_long_is_told_and_nothing_happens(as_, cast, customers):
    answer = as_.rep.post(f"/customers/{customers[0]}/deletion", {"reason": "x" * (LONGEST_REASON + 1)})
    assert answer.status_code == 422 and str(LONGEST_REASON) in answer.get_data(as_text=True)
    assert db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == customers[0])).one()
    assert as_.rep.post(f"/customers/{customers[0]}/deletion", {"reason": "x" * LONGEST_REASON}).status_code == 303


def test_every_record_that_a_worker_changes_has_the_reason_of_whoever_asked(as_, customers):
    chosen = {"id": customers[:2], "what": "edit:level", "level": "a"}
    form = as_.administrator.get("/bulk/customers/new", query_string=chosen).get_data(as_text=True)
    assert 'name="reason"' in form
    made = as_.administrator.post("/bulk/customers", chosen | {"reason": WHY})
    sweep()
    changes = [("customer.changed", WHY)] * 2
    assert reasons("customer.changed") == changes
    assert reasons("bulk.started", "bulk.finished") == [("bulk.started", WHY), ("bulk.finished", WHY)]
    assert 'name="reason"' in as_.administrator.get(made.location).get_data(as_text=True)
    as_.administrator.post(f"{made.location}/undoing", {"reason": "A mistake"})
    sweep()
    assert reasons("customer.changed") == [*changes, *[("customer.changed", "A mistake")] * 2]


def test_all_that_is_handed_over_has_the_reason(as_, cast, customers):
    place = f"/admin/people/{cast.rep.id}"
    assert 'name="reason"' in as_.administrator.get(f"{place}/departure").get_data(as_text=True)
    sent = {"receiver": cast.other_rep.email, "reason": "Has left"}
    assert as_.administrator.post(f"{place}/departure", sent).status_code == 303
    assert reasons("record.handed_over", "person.deactivated") == [
        ("person.deactivated", "Has left"),
        *[("record.handed_over", "Has left")] * 3,
    ]
