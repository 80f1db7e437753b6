"""Ids of other systems go and come back with what the import did."""

from crm.domain.customers import actions as customers_
from crm.domain.customers.models import Customer
from crm.domain.records.external import ids_of, records_called
from crm.domain.undoing import actions
from crm.infra.db import db
from tests.domain.imports.test_external import brought
from tests.domain.undoing.test_undoing import counts, done, one


def called(actor, *ids):
    return set(records_called(actor, Customer, "Salesforce", ids or ("000", "001", "002")))


def test_ids_of_the_import_are_taken_back_and_given_again_and_others_stay(cast):
    actor = cast.rep.actor
    brought(actor, [["000", "Old", ""], ["", "Beta", "13900139000"]])
    import_ = brought(actor, [["001", "Acme", ""], ["002", "Beta", "13900139000"], ["000", "Old", "13800138000"]])
    assert called(actor) == {"000", "001", "002"}
    done(actions.preview(actor, import_))
    assert called(actor) == {"000", "001", "002"}
    assert counts(done(actions.undo(actor, import_))) == {"removed": 1, "restored": 2}
    assert called(actor) == {"000"} and not ids_of("customers", one("Acme").id)
    done(actions.redo(actor, import_))
    assert called(actor) == {"000", "001", "002"}
    assert ids_of("customers", one("Beta").id) == [("Salesforce", "002")]
    done(actions.undo(actor, import_))
    assert called(actor) == {"000"}


def test_what_another_record_has_got_meanwhile_stays_its_own(cast):
    actor = cast.rep.actor
    import_ = brought(actor, [["001", "Acme", ""]])
    done(actions.undo(actor, import_))
    brought(actor, [["001", "Acme anew", ""]])
    done(actions.redo(actor, import_))
    assert records_called(actor, Customer, "Salesforce", ["001"]) == {"001": one("Acme anew").id}
    assert not ids_of("customers", one("Acme").id)


def test_a_record_that_stays_because_somebody_worked_on_it_keeps_its_id(cast):
    actor = cast.rep.actor
    import_ = brought(actor, [["001", "Acme", "13800138000"], ["001", "Acme", "13900139000"]])
    customers_.change(cast.manager.actor, one("Acme"), {"remarks": "called"})
    db.session.commit()
    assert counts(done(actions.undo(actor, import_))) == {"kept": 1, "restored": 1}
    assert called(actor) == {"001"}
