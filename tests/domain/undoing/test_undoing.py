"""An import taken back: what it made is gone, what it changed is as before, what people did since stays."""

import datetime as dt

import pytest
from sqlalchemy import select

from crm.domain.contacts.actions import VERBS as CONTACTS
from crm.domain.customers import actions as customers_
from crm.domain.customers.actions import create_many
from crm.domain.customers.models import Customer
from crm.domain.imports.models import Import
from crm.domain.imports.states import State as ImportState
from crm.domain.people.actions import SYSTEM
from crm.domain.people.granting import give_roles
from crm.domain.people.queries import ready_made
from crm.domain.tasks.actions import VERBS as TASKS
from crm.domain.tasks.models import Task
from crm.domain.timeline.actions import add_follow_up
from crm.domain.timeline.models import FollowUp
from crm.domain.undoing import actions
from crm.domain.undoing.models import ImportUndo, ImportUndoRow, Kind, State
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.undoing import sweep
from crm.kernel.access import unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event
from tests.domain.imports.test_follow_ups import brought as follow_ups_brought
from tests.domain.imports.work import again, csv_of, ran

KEYS = ("removed", "restored", "brought_back", "changed", "partly", "kept", "gone")
ROWS = [
    ["Acme", "13800138000", "A", "from the file"],
    ["Beta", "", "B", "from the file"],
    ["Gamma", "", "B", "from the file"],
]


def one(name: str) -> Customer:
    statement = select(Customer).where(Customer.name == name).execution_options(populate_existing=True)
    with unscoped("a test looks at everything"):
        return db.session.scalars(statement).one()


def done(undo: ImportUndo) -> ImportUndo:
    db.session.commit()
    sweep()
    db.session.refresh(undo)
    return undo


def counts(undo: ImportUndo) -> dict[str, int]:
    return {key: getattr(undo, key) for key in KEYS if getattr(undo, key)}


def conflicts(undo: ImportUndo) -> list[list]:
    rows = db.session.scalars(select(ImportUndoRow).filter_by(undo_id=undo.id).order_by(ImportUndoRow.line))
    return [each.conflicts for each in rows if each.conflicts]


@pytest.fixture
def import_(cast) -> Import:
    """Beta was there already, with a remark and without a level."""
    create_many(cast.rep.actor, [{"name": "Beta", "remarks": "before"}])
    return ran(cast.rep.actor, csv_of(ROWS), duplicates="update")


def test_what_was_made_is_in_the_bin_and_what_was_changed_is_as_before(cast, import_):
    undo = done(actions.undo(cast.rep.actor, import_))
    assert (undo.state, undo.total, counts(undo)) == (State.DONE, 3, {"removed": 2, "restored": 1})
    assert one("Acme").deleted_at and one("Gamma").deleted_at
    beta = one("Beta")
    assert (beta.remarks, beta.level, beta.deleted_at) == ("before", None, None)
    told = db.session.scalars(select(Event).order_by(Event.id.desc()).limit(5)).all()
    assert told[0].name == "import.undone" and told[0].payload["removed"] == 2
    put_back = next(each for each in told if each.name == "customer.changed")
    assert put_back.payload["import_id"] == import_.id and put_back.payload["takes_back"] is True
    assert "put back" in put_back.kind.says(put_back.payload)
    with pytest.raises(RuleBroken):  # once
        actions.undo(cast.rep.actor, again(import_.id))


def test_a_look_beforehand_says_the_same_and_changes_nothing(cast, import_):
    customers_.change(cast.rep.actor, one("Gamma"), {"remarks": "a person's"})
    look = done(actions.preview(cast.rep.actor, import_))
    assert counts(look) == {"removed": 1, "restored": 1, "kept": 1} and conflicts(look)
    assert one("Beta").remarks == "from the file" and not one("Acme").deleted_at
    assert not again(import_.id).undone_at
    assert counts(done(actions.undo(cast.rep.actor, import_))) == counts(look)


def test_what_people_changed_since_stays_and_is_listed(cast, import_):
    customers_.change(cast.manager.actor, one("Beta"), {"level": "c"})
    customers_.change(cast.manager.actor, one("Acme"), {"remarks": "called"})
    undo = done(actions.undo(cast.rep.actor, import_))
    assert counts(undo) == {"removed": 1, "partly": 1, "kept": 1}
    assert conflicts(undo) == [[["touched", None, {"by": cast.manager.id}]], [["changed", "level", {}]]]
    beta = one("Beta")
    assert (beta.remarks, beta.level) == ("before", "c")
    assert (one("Acme").remarks, one("Acme").deleted_at) == ("called", None)


@pytest.mark.parametrize("what", ["follow-up", "contact", "task"])
def test_what_somebody_hung_something_on_stays(cast, import_, what):
    acme = one("Acme")
    if what == "follow-up":
        add_follow_up(cast.rep.actor, acme, {"kind": "call", "body": "x"})
    elif what == "contact":
        CONTACTS.create(cast.rep.actor, {"name": "Li", "customer": acme.id})
    else:
        TASKS.create(cast.rep.actor, {"name": "Call", "about": f"customers:{acme.id}"})
    undo = done(actions.undo(cast.rep.actor, import_))
    assert counts(undo) == {"removed": 1, "restored": 1, "kept": 1}
    on = {"follow-up": "follow_ups", "contact": "contacts", "task": "tasks"}[what]
    assert conflicts(undo) == [[["hangs", None, {"on": on}]]]


def test_made_again_everything_is_as_after_the_import(cast, import_):
    def looks() -> list:
        return [(each.name, each.number, each.level, each.remarks, each.phone, each.deleted_at) for each in all_()]

    before = looks()
    done(actions.undo(cast.rep.actor, import_))
    assert looks() != before
    redo = done(actions.redo(cast.rep.actor, import_))
    assert (redo.kind, redo.total, counts(redo)) == (Kind.REDO, 3, {"brought_back": 2, "changed": 1})
    assert looks() == before and again(import_.id).undone_at is None
    assert counts(done(actions.undo(cast.rep.actor, import_))) == {"removed": 2, "restored": 1}  # and once more


def all_() -> list[Customer]:
    with unscoped("a test looks at everything"):
        return list(db.session.scalars(select(Customer).order_by(Customer.id)))


def test_made_again_what_people_changed_meanwhile_stays(cast, import_):
    done(actions.undo(cast.rep.actor, import_))
    customers_.change(cast.rep.actor, one("Beta"), {"remarks": "newer"})
    customers_.restore(cast.rep.actor, one("Acme"))
    redo = done(actions.redo(cast.rep.actor, import_))
    assert counts(redo) == {"brought_back": 1, "partly": 1, "gone": 1}
    assert (one("Beta").remarks, one("Beta").level) == ("newer", "b")


def test_a_record_that_several_lines_changed_gets_back_what_it_had_before_all(cast):
    create_many(cast.rep.actor, [{"name": "Beta", "remarks": "before"}])
    rows = [
        ["Beta", "", "A", "first"],
        ["New", "", "A", "made"],
        ["Beta", "", "B", "second"],
        ["New", "", "C", "again"],
    ]
    import_ = ran(cast.rep.actor, csv_of(rows), duplicates="update")
    look = done(actions.preview(cast.rep.actor, import_))
    assert counts(look) == {"removed": 1, "restored": 3}
    undo = done(actions.undo(cast.rep.actor, import_))
    assert counts(undo) == {"removed": 1, "restored": 3}
    assert (one("Beta").remarks, one("Beta").level, bool(one("New").deleted_at)) == ("before", None, True)
    done(actions.redo(cast.rep.actor, import_))
    assert (one("Beta").remarks, one("New").remarks, one("New").deleted_at) == ("second", "again", None)


def test_rights_are_those_of_the_moment(cast, import_):
    """A record given away is gone; without the right to delete what was made stays; strangers may not ask at all."""
    customers_.change(cast.administrator.actor, one("Acme"), {"owner": cast.other_rep.id})
    with pytest.raises(RuleBroken, match="Only whoever brought"):
        actions.undo(cast.manager.actor, import_)
    assert counts(done(actions.preview(cast.rep.actor, import_))) == {"removed": 1, "restored": 1, "gone": 1}
    undo = actions.undo(cast.rep.actor, import_)
    give_roles(SYSTEM, cast.rep, [ready_made("marketing")])
    assert done(undo).state == State.FAILED and undo.problem
    assert not one("Gamma").deleted_at
    give_roles(SYSTEM, cast.rep, [ready_made("sales_rep")])
    actions.resume(cast.rep.actor, import_, undo)
    assert done(undo).state == State.DONE


def test_it_can_be_stopped_and_gone_on_with(cast, import_):
    undo = actions.undo(cast.rep.actor, import_)
    actions.cancel(cast.rep.actor, import_, undo)
    assert (done(undo).state, undo.reached) == (State.CANCELLED, 0)
    actions.resume(cast.rep.actor, import_, undo)
    assert counts(done(undo)) == {"removed": 2, "restored": 1}


def test_ninety_days_are_the_limit(cast, import_):
    with clock.frozen(clock.now() + dt.timedelta(days=91)):
        assert not actions.is_undoable(import_)
        with pytest.raises(RuleBroken):
            actions.undo(cast.rep.actor, import_)
    with clock.frozen(clock.now() + dt.timedelta(days=89)):
        assert actions.is_undoable(import_)


def test_follow_ups_go_and_come_back_too(cast):
    create_many(cast.rep.actor, [{"name": "Acme"}])
    import_ = follow_ups_brought(cast.rep.actor, [["Acme", "2024-03-05", "", "", each, "", ""] for each in ("a", "b")])
    assert import_.state == ImportState.DONE
    b = db.session.scalars(select(FollowUp).filter_by(body="b")).one()
    b.edited_at = clock.now()
    undo = done(actions.undo(cast.rep.actor, import_))
    assert counts(undo) == {"removed": 1, "kept": 1}
    assert [each.body for each in db.session.scalars(select(FollowUp).filter_by(deleted_at=None))] == ["b"]
    done(actions.redo(cast.rep.actor, import_))
    assert len(db.session.scalars(select(FollowUp).filter_by(deleted_at=None)).all()) == 2


def test_tasks_of_rules_and_messages_are_recalled(cast):
    """Those nobody has worked on, and those nobody has read."""
    from tests.domain.automation.making import made
    from tests.domain.automation.test_many import imported, told

    rule = {"do": "task", "title": "Call", "days": "0", "whom": "owner"}
    made(cast.administrator.actor, {"kind": "imported"}, rule, {"do": "notify", "whom": "owner"})
    import_ = imported(cast.rep, automates=True)
    assert len(told()) == 1
    with unscoped("a test looks at everything"):
        first, *others = db.session.scalars(select(Task).order_by(Task.id)).all()
    assert len(others) == 2
    TASKS.change(cast.rep.actor, first, {"status": "done"})
    look = done(actions.preview(cast.rep.actor, import_))
    assert (counts(look), look.recalled, look.worked_on, look.untold) == ({"removed": 3}, 2, 1, 1)
    assert len(told()) == 1
    undo = done(actions.undo(cast.rep.actor, import_))
    assert (counts(undo), undo.recalled, undo.worked_on, undo.untold) == ({"removed": 3}, 2, 1, 1)
    assert told() == []
    with unscoped("a test looks at everything"):
        assert [each.id for each in db.session.scalars(select(Task).where(Task.deleted_at.is_(None)))] == [first.id]
    done(actions.redo(cast.rep.actor, import_))
    with unscoped("a test looks at everything"):
        assert len(db.session.scalars(select(Task).where(Task.deleted_at.is_(None))).all()) == 3
