"""Ids of other systems: the second file of a system updates, other files name records by them."""

import pytest

from crm.domain.contacts.models import Contact
from crm.domain.customers.models import Customer
from crm.domain.imports import actions
from crm.domain.imports.templates import keep
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.records.external import ids_of, records_called
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.access import FieldRight, Reach, unscoped
from crm.kernel.errors import Invalid
from crm.kernel.permissions import Permission
from tests.domain.imports.work import again, counts, csv_of, customers, outcomes, rows_of, run, uploaded

HEADINGS = ("Id", "name", "phone")


def mapped(actor, rows, source="Salesforce", column=0, headings=HEADINGS, mapping=None, type_="customers"):
    import_ = uploaded(actor, csv_of(rows, headings), type_=type_)
    import_.heading_row = 1
    mapping = mapping or {1: "name", 2: "phone"}
    actions.map_columns(actor, import_, mapping=mapping, source=source, source_column=column)
    db.session.commit()
    sweep()
    return again(import_.id)


def brought(actor, rows, duplicates="update", **more):
    return run(actor, mapped(actor, rows, **more), duplicates)


def test_the_second_file_of_a_system_updates_whatever_they_are_called_now(cast):
    actor = cast.rep.actor
    brought(actor, [["001", "Acme", "13800138000"], ["002", "Beta", ""]])
    first = [each.id for each in customers()]
    assert ids_of("customers", first[0]) == [("Salesforce", "001")]
    import_ = mapped(actor, [["001", "Acme International", "13900139000"], ["003", "Beta", ""]], source="salesforce ")
    assert (import_.duplicate_stored, import_.valid) == (1, 1)  # another id of the system: another Beta
    import_ = run(actor, import_, "update")
    assert counts(import_) == {"rows": 2, "created": 1, "updated": 1}
    assert [each.name for each in customers()] == ["Acme International", "Beta", "Beta"]
    assert mapped(actor, [["001", "x", ""]], source="HubSpot").duplicate_stored == 0  # another system's 001


def test_who_was_here_before_is_known_by_name_and_then_by_id(cast):
    actor = cast.rep.actor
    brought(actor, [["", "Acme", "13800138000"]])
    assert counts(brought(actor, [["77", "Acme", "13800138000"]], "skip")) == {"rows": 1, "skipped": 1}
    assert records_called(actor, Customer, "Salesforce", ["77"]) == {"77": customers()[0].id}
    assert outcomes(brought(actor, [["77", "Acme renamed", ""]])) == {2: "updated"}
    assert [each.name for each in customers()] == ["Acme renamed"]


def test_rows_with_one_id_are_of_one_record_and_what_nobody_sees_is_not_found(cast):
    import_ = mapped(cast.rep.actor, [["1", "Acme", ""], ["1", "Acme again", ""], ["2", "Acme", ""]])
    assert (import_.valid, import_.duplicate_file) == (2, 1)
    run(cast.rep.actor, import_, "skip")
    other = mapped(cast.other_rep.actor, [["1", "Acme", ""]])
    assert other.duplicate_stored == 0
    run(cast.other_rep.actor, other)
    found = records_called(cast.other_rep.actor, Customer, "Salesforce", ["1"])
    assert found == {"1": customers()[-1].id}


def test_a_system_must_be_named_and_the_template_knows_it(cast):
    with pytest.raises(Invalid, match="which system"):
        mapped(cast.rep.actor, [["1", "Acme", ""]], source=" ")
    import_ = mapped(cast.rep.actor, [["1", "Acme", ""]])
    template = keep(cast.rep.actor, import_, "sf", shared=False, mapping={1: "name"})
    assert (template.source, template.source_heading) == ("Salesforce", "id")


def contacts(actor, rows, source="Salesforce"):
    mapping = {0: "name", 1: "customer"}
    return mapped(actor, rows, source, None, ("name", "customer"), mapping, "contacts")


def test_linked_records_are_found_by_id_phone_and_address(cast):
    actor = cast.rep.actor
    headings, mapping = ("Id", "name", "phone", "email"), {1: "name", 2: "phone", 3: "email"}
    rows = [["001", "Acme", "13800138000", "office@acme.example"], ["002", "Beta", "", "x@beta.example"]]
    brought(actor, rows, headings=headings, mapping=mapping)
    acme, beta = (each.id for each in customers())
    rows = [["by id", "001"], ["by phone", "138 0013 8000"], ["by mail", "X@beta.example"], ["by none", "009"]]
    import_ = contacts(actor, rows)
    assert (import_.valid, import_.invalid) == (3, 1)
    run(actor, import_)
    with unscoped("a test looks at everything"):
        found = {each.name: each.customer_id for each in db.session.query(Contact).all()}
    assert found == {"by id": acme, "by phone": acme, "by mail": beta}
    assert contacts(actor, [["a", "001"]], source="").invalid == 1  # of no system
    assert contacts(cast.other_rep.actor, [["a", "001"], ["b", "13800138000"]]).invalid == 2


def test_a_field_that_is_closed_finds_nothing(cast):
    brought(cast.rep.actor, [["001", "Acme", "13800138000"]])
    role = granting.create_role(SYSTEM, name="Curious")
    closed = dict.fromkeys(RECORD_TYPES, {"phone": FieldRight.MASKED})
    granting.change_role(SYSTEM, role, name="", reach=dict.fromkeys(Permission, Reach.ALL), fields=closed)
    granting.give_roles(SYSTEM, cast.outsider, [role])
    db.session.commit()
    import_ = contacts(cast.outsider.actor, [["by phone", "13800138000"], ["by name", "Acme"]])
    assert [row.state for row in rows_of(import_)] == ["invalid", "valid"]
