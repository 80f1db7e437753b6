"""What becomes of each row, and that the numbers add up however an import ends."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from crm.domain.customers import actions as customers_
from crm.domain.customers.events import FACTS
from crm.domain.customers.models import Customer
from crm.domain.imports import actions, running, turns
from crm.domain.imports.events import ImportCancelled, ImportFinished, ImportWaits
from crm.domain.imports.models import Import, ImportResult
from crm.domain.imports.purge import purge_next
from crm.domain.imports.states import State
from crm.domain.people.actions import SYSTEM
from crm.domain.people.granting import give_roles
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.imports import purge_old, sweep
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Delivery, Event
from tests.domain.imports.work import (
    again,
    checked,
    counts,
    csv_of,
    customers,
    outcomes,
    ran,
    rows_of,
    run,
    uploaded,
    xlsx_of,
)

ROWS = [
    ["Acme", "13800138000", "A", "first"],
    ["Beta", "", "B", ""],
    ["ACME", "138 0013 8000", "B", "second"],
    ["Bad", "12", "", ""],
    ["Gamma", "", "", ""],
]


def told(name):
    return db.session.scalars(select(Event).where(Event.name == name)).all()


def test_new_rows_become_customers_with_their_events(cast):
    import_ = ran(cast.rep.actor, csv_of(ROWS))
    assert import_.state == State.DONE
    assert counts(import_) == {"rows": 5, "created": 3, "skipped": 1, "failed": 1}
    assert outcomes(import_) == {2: "created", 3: "created", 4: "skipped", 5: "failed", 6: "created"}
    acme, beta, gamma = customers()
    assert (acme.name, acme.phone, acme.phone_original) == ("Acme", "+8613800138000", "13800138000")
    assert (acme.owner_id, acme.import_id, acme.type) == (cast.rep.id, import_.id, "company")
    event = told(FACTS.imported.name)[0]
    assert (event.subject_id, event.payload["line"], event.actor_id) == (acme.id, 2, cast.rep.id)
    assert told(ImportFinished.name)[0].payload["created"] == 3


@pytest.mark.parametrize(
    ("choice", "expected", "level", "remarks"),
    [
        ("skip", {"rows": 5, "created": 3, "skipped": 1, "failed": 1}, "a", "first"),
        ("update", {"rows": 5, "created": 3, "updated": 1, "failed": 1}, "b", "second"),
        ("create", {"rows": 5, "created": 4, "failed": 1}, "a", "first"),
    ],
)
def test_a_row_like_an_earlier_one_is_treated_as_chosen(cast, choice, expected, level, remarks):
    assert counts(ran(cast.rep.actor, csv_of(ROWS), choice)) == expected
    assert (customers()[0].level, customers()[0].remarks) == (level, remarks)


@pytest.mark.parametrize("choice", ["skip", "update", "create"])
def test_a_second_import_of_the_same_file_follows_the_choice(cast, choice):
    good = [row for row in ROWS if row[0] != "Bad"]
    ran(cast.rep.actor, csv_of(good))
    import_ = ran(cast.rep.actor, csv_of(good), choice)
    done = {"skip": "skipped", "update": "updated", "create": "created"}[choice]
    assert counts(import_) == {"rows": 4, done: 4}
    assert len(customers()) == (7 if choice == "create" else 3)


def test_empty_cells_change_nothing_in_an_update(cast):
    customers_.create(cast.rep.actor, {"name": "Acme", "type": "person", "level": "a", "remarks": "kept"})
    db.session.commit()
    import_ = ran(cast.rep.actor, csv_of([["Acme", "", "B", ""]]), "update")
    assert counts(import_) == {"rows": 1, "updated": 1}
    (acme,) = customers()
    assert (acme.level, acme.remarks, acme.type) == ("b", "kept", "person")
    change = told("customer.changed")[0].payload
    assert (change["changes"], change["import_id"], change["line"]) == ({"level": ["a", "b"]}, import_.id, 2)


def test_what_was_stored_after_the_check_is_seen(cast):
    import_ = checked(cast.rep.actor, csv_of([["Acme", ""]]))
    customers_.create(cast.rep.actor, {"name": "Acme"})
    db.session.commit()
    assert counts(run(cast.rep.actor, import_)) == {"rows": 1, "skipped": 1}


def test_a_row_the_verb_refuses_fails_alone(cast):
    """What a row refers to may be gone by the time it is its turn."""
    customers_.create(cast.rep.actor, {"name": "Parent"})
    db.session.commit()
    rows = [[f"Child {n}", "Parent" if n == 7 else ""] for n in range(20)]
    import_ = checked(cast.rep.actor, csv_of(rows, ("name", "parent")), {0: "name", 1: "parent"})
    db.session.execute(text("DELETE FROM customers"))
    db.session.commit()
    import_ = run(cast.rep.actor, import_)
    assert counts(import_) == {"rows": 20, "created": 19, "failed": 1}
    assert outcomes(import_)[9] == "failed"
    failed = db.session.scalars(select(ImportResult).filter_by(import_id=import_.id, outcome="failed")).one()
    assert "removed meanwhile" in failed.problem["message"]


def test_batches_are_cut_anywhere_with_the_same_result(cast, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 2)
    rows = [[f"Name {n % 7}", "", "", str(n)] for n in range(15)]
    import_ = ran(cast.rep.actor, csv_of(rows), "update")
    assert counts(import_) == {"rows": 15, "created": 7, "updated": 8}
    assert [each.remarks for each in customers()] == ["14", "8", "9", "10", "11", "12", "13"]


def steps(import_, monkeypatch, batch=2):
    """A run as the worker does it, one committed batch for each next()."""
    monkeypatch.setattr(running, "BATCH", batch)
    turns.begin(import_.id)
    db.session.commit()
    for _ in running.run(import_.id, None):
        db.session.commit()
        yield


def test_cancel_stops_within_one_batch_and_says_how_many_are_in(cast, monkeypatch):
    import_ = checked(cast.rep.actor, csv_of([[f"C{n}", ""] for n in range(6)]))
    actions.start(cast.rep.actor, import_, duplicates="skip")
    db.session.commit()
    next(steps(import_, monkeypatch))
    actions.cancel(cast.rep.actor, again(import_.id))
    db.session.commit()
    sweep()
    import_ = again(import_.id)
    assert (import_.state, import_.stopped_in) == (State.CANCELLED, State.RUNNING)
    assert counts(import_) == {"rows": 6, "created": 2}
    assert import_.not_reached == 4
    assert len(customers()) == 2
    assert told(ImportCancelled.name)[0].payload == {"reached": 2}


def test_an_import_nobody_works_on_is_cancelled_at_once(cast):
    import_ = checked(cast.rep.actor, csv_of(ROWS))
    actions.cancel(cast.rep.actor, import_)
    assert import_.state == State.CANCELLED
    with pytest.raises(RuleBroken):
        actions.cancel(cast.rep.actor, import_)


def test_a_worker_that_died_is_followed_by_one_that_goes_on(cast, monkeypatch):
    import_ = checked(cast.rep.actor, csv_of([[f"C{n}", ""] for n in range(7)]))
    actions.start(cast.rep.actor, import_, duplicates="skip")
    db.session.commit()
    dying = steps(import_, monkeypatch)
    next(dying)
    next(dying)
    dying.close()
    sweep()
    assert counts(again(import_.id)) == {"rows": 7, "created": 7}
    assert [each.name for each in customers()] == [f"C{n}" for n in range(7)]


def test_a_worker_that_lost_its_turn_writes_nothing(cast, monkeypatch):
    """The locks keep two workers apart; should they fail, the checkpoint does."""
    import_ = checked(cast.rep.actor, csv_of([[f"C{n}", ""] for n in range(4)]))
    actions.start(cast.rep.actor, import_, duplicates="skip")
    db.session.commit()
    monkeypatch.setattr(running, "BATCH", 2)
    slow = turns.fresh(import_.id)
    batch = running.next_rows(slow, slow.run_line)
    db.session.expunge(slow)
    sweep()  # another worker did it all
    with pytest.raises(turns.LostTurn), db.session.begin_nested():
        results = running.Batch(slow, cast.rep.actor).results(batch)
        running._write(slow, results, batch[-1].line)
    assert len(customers()) == 4
    assert counts(again(import_.id)) == {"rows": 4, "created": 4}


@pytest.mark.parametrize("taken", ["active", "role"])
def test_rights_are_asked_for_again_at_every_batch(cast, monkeypatch, taken):
    import_ = checked(cast.rep.actor, csv_of([[f"C{n}", ""] for n in range(4)]))
    actions.start(cast.rep.actor, import_, duplicates="skip")
    db.session.commit()
    next(steps(import_, monkeypatch))
    if taken == "active":
        cast.rep.active = False
    else:
        give_roles(SYSTEM, cast.rep, [])
    db.session.commit()
    sweep()
    import_ = again(import_.id)
    assert (import_.state, import_.stopped_in) == (State.FAILED, State.RUNNING)
    assert counts(import_) == {"rows": 4, "created": 2}
    assert "What is in stays in" in import_.problem["message"]


def test_what_stopped_an_import_can_be_put_right_and_it_goes_on(cast):
    import_ = checked(cast.rep.actor, csv_of([["A", ""], ["B", ""]]))
    actions.start(cast.rep.actor, import_, duplicates="skip")
    cast.rep.active = False
    db.session.commit()
    sweep()
    assert again(import_.id).state == State.FAILED
    cast.rep.active = True
    actions.resume(cast.rep.actor, again(import_.id))
    db.session.commit()
    sweep()
    assert counts(again(import_.id)) == {"rows": 2, "created": 2}


def test_trouble_that_stays_ends_in_a_sentence(cast, monkeypatch):
    import_ = checked(cast.rep.actor, csv_of([["A", ""]]))
    actions.start(cast.rep.actor, import_, duplicates="skip")
    db.session.commit()
    monkeypatch.setattr(running, "next_rows", lambda *_: 1 / 0)
    for _ in range(turns.ATTEMPTS + 1):
        again(import_.id).retry_at = None  # as if the time had passed
        db.session.commit()
        sweep()
    import_ = again(import_.id)
    assert import_.state == State.FAILED
    assert import_.problem["params"] == {"count": turns.ATTEMPTS}


def test_trouble_that_may_pass_is_waited_out(cast, monkeypatch):
    import_ = checked(cast.rep.actor, csv_of([["A", ""]]))
    actions.start(cast.rep.actor, import_, duplicates="skip")
    db.session.commit()
    with monkeypatch.context() as patch:
        patch.setattr(running, "next_rows", lambda *_: 1 / 0)
        sweep()
    sweep()
    assert again(import_.id).state == State.RUNNING  # not yet: its time has not come
    with clock.frozen(again(import_.id).retry_at):
        sweep()
    assert again(import_.id).state == State.DONE


def test_the_database_refuses_numbers_that_do_not_add_up(cast):
    import_ = ran(cast.rep.actor, csv_of(ROWS))
    for statement in ("skipped = skipped + 1", "rows = rows + 1", "invalid = invalid - 1"):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(text(f"UPDATE imports SET {statement} WHERE id = {import_.id}"))


def test_counters_and_rows_are_the_same_numbers(cast):
    import_ = ran(cast.rep.actor, csv_of(ROWS), "update")
    kept = db.session.execute(
        select(ImportResult.outcome, func.count()).filter_by(import_id=import_.id).group_by(ImportResult.outcome)
    ).all()
    assert {outcome: count for outcome, count in kept} == {k: v for k, v in counts(import_).items() if k != "rows"}
    assert len(rows_of(import_)) == import_.rows


def test_a_person_can_only_take_the_step_that_is_due(cast):
    import_ = ran(cast.rep.actor, csv_of(ROWS))
    for again_ in (
        lambda: actions.start(cast.rep.actor, import_, duplicates="skip"),
        lambda: actions.map_columns(cast.rep.actor, import_, mapping={0: "name"}),
        lambda: actions.reread(cast.rep.actor, import_, sheet="", encoding="", delimiter=""),
        lambda: actions.resume(cast.rep.actor, import_),
    ):
        with pytest.raises(RuleBroken):
            again_()


def test_nothing_starts_without_a_choice_or_a_good_row(cast):
    import_ = checked(cast.rep.actor, csv_of([["A", ""]]))
    with pytest.raises(Invalid):
        actions.start(cast.rep.actor, import_, duplicates="")
    import_ = checked(cast.rep.actor, csv_of([["A", "12"]]))
    with pytest.raises(RuleBroken):
        actions.start(cast.rep.actor, import_, duplicates="skip")


def test_every_step_of_a_person_calls_a_worker(cast):
    ran(cast.rep.actor, csv_of(ROWS))
    called = select(Event.name).join(Delivery, Delivery.event_id == Event.id).order_by(Event.id)
    names = db.session.scalars(called).all()
    assert names == ["import.uploaded", "import.mapped", "import.started"]
    assert ImportFinished not in ImportWaits.__subclasses__()


def test_the_same_rows_in_any_kind_of_file_make_the_same_customers(cast):
    rows = [["上海启明软件有限公司", "13800138000", "A", "“引号”, 换行"], ["北京远景", "010-62345678", "B", "𠮷"]]
    made = []
    for name, content in (
        ("gb.csv", csv_of(rows, encoding="gb18030")),
        ("bom.csv", csv_of(rows, encoding="utf-8-sig")),
        ("utf16.csv", csv_of(rows, encoding="utf-16")),
        ("book.xlsx", xlsx_of(rows)),
    ):
        db.session.execute(text("DELETE FROM customers"))
        import_ = checked(cast.rep.actor, content, filename=name)
        assert counts(run(cast.rep.actor, import_)) == {"rows": 2, "created": 2}
        made.append([_plain(each) for each in customers()])
    assert all(each == made[0] for each in made)


def _plain(customer):
    skipped = {"id", "number", "import_id", "created_at", "updated_at", "search", "search_text"}
    return {
        column.key: getattr(customer, column.key) for column in Customer.__table__.columns if column.key not in skipped
    }


def test_two_workers_never_hold_one_import(cast, app):
    import_ = checked(cast.rep.actor, csv_of([["A", ""]]))
    actions.start(cast.rep.actor, import_, duplicates="skip")
    db.session.commit()
    with db.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:n)"), {"n": 0x638_0000_0000 + import_.id})
        sweep()
        assert again(import_.id).state == State.RUNNING
        other.invalidate()  # the other worker dies
    sweep()
    assert again(import_.id).state == State.DONE


def test_files_are_forgotten_after_a_month_and_rows_when_they_cannot_be_undone(cast, app):
    import_ = ran(cast.rep.actor, csv_of(ROWS))
    assert purge_next() is None
    import_.created_at = clock.now() - dt.timedelta(days=31)
    db.session.commit()
    from crm.infra.storage import storage_for

    storage, key = storage_for(app.config["SETTINGS"]), import_.storage_key
    assert storage.exists(key)
    assert purge_old() == 1
    import_ = again(import_.id)
    assert not storage.exists(key) and rows_of(import_) and purge_old() == 0
    import_.finished_at = clock.now() - dt.timedelta(days=91)
    db.session.commit()
    assert purge_old() == 1
    import_ = again(import_.id)
    assert rows_of(import_) == [] and outcomes(import_) == {}
    assert counts(import_) == {"rows": 5, "created": 3, "skipped": 1, "failed": 1}
    assert purge_old() == 0


def test_a_person_sees_their_own_imports_and_an_administrator_all(cast):
    import_ = uploaded(cast.rep.actor, csv_of(ROWS))
    for person, sees in ((cast.rep, True), (cast.other_rep, False), (cast.outsider, False), (cast.administrator, True)):
        found = db.session.scalars(Import.visible_to(person.actor).where(Import.id == import_.id)).first()
        assert (found is not None) == sees


def test_a_small_import_does_not_wait_for_a_large_one(cast, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 2)
    large = checked(cast.rep.actor, csv_of([[f"L{n}", ""] for n in range(20)]))
    small = checked(cast.rep.actor, csv_of([["S", ""]]))
    for import_ in (large, small):
        actions.start(cast.rep.actor, import_, duplicates="skip")
    db.session.commit()
    sweep()
    finished = [again(each.id).finished_at for each in (small, large)]
    assert finished[0] < finished[1]


def test_the_only_worker_delivers_between_batches(cast, app, monkeypatch):
    """Else nothing that follows from a change would happen until the last row is in."""
    monkeypatch.setattr(running, "BATCH", 2)
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], workers=1))
    import_ = checked(cast.rep.actor, csv_of([[f"L{n}", ""] for n in range(6)]))
    actions.start(cast.rep.actor, import_, duplicates="skip")
    db.session.commit()
    assert due() > 0
    left = []
    monkeypatch.setattr(turns, "waiting", lambda ask=turns.waiting: (left.append(due()), ask())[1])
    sweep()
    assert left[0] > 0
    assert left[1] == 0


def due():
    return db.session.scalar(select(func.count()).select_from(Delivery).where(Delivery.done_at.is_(None)))


def test_one_worker_is_always_left_for_short_work(cast, app, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], workers=2))
    import_ = checked(cast.rep.actor, csv_of([["A", ""]]))
    actions.start(cast.rep.actor, import_, duplicates="skip")
    db.session.commit()
    with db.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:n)"), {"n": 0x637_0000_0000})  # the other worker is at imports
        assert sweep() == 0
        other.invalidate()
    assert sweep() > 0


def test_a_real_register_comes_in_the_same_from_each_of_its_twins(cast, shared_data):
    mapping = {0: "name", 6: "remarks", 7: "region", 8: "region", 9: "address"}
    made = []
    for ending in ("_gb18030.csv", "_utf8bom_crlf.csv", ".xlsx"):
        db.session.execute(text("DELETE FROM customers"))
        name = f"cn_companies_2000{ending}"
        content = (shared_data / "cn_companies" / name).read_bytes()
        import_ = run(cast.rep.actor, checked(cast.rep.actor, content, mapping, filename=name))
        assert import_.rows == 2000
        assert len(customers()) == import_.created > 1900
        made.append([_plain(each) for each in customers()])
    assert made[0] == made[1] == made[2]


def test_only_what_is_empty_is_filled_in(cast):
    """Nothing that is there changes; a row that has nothing for its record is skipped; undoing empties it again."""
    actor = cast.rep.actor
    customers_.create_many(
        actor, [{"name": "Acme", "remarks": "ours"}, {"name": "Beta", "level": "c", "remarks": "ours"}]
    )
    rows = [["Acme", "", "A", "theirs"], ["Beta", "", "A", "theirs"], ["Acme", "", "B", "again"], ["New", "", "A", ""]]
    import_ = ran(actor, csv_of(rows), duplicates="fill")
    assert outcomes(import_) == {2: "updated", 3: "skipped", 4: "skipped", 5: "created"}
    acme, beta, _ = customers()
    assert (acme.level, acme.remarks, beta.level, beta.remarks) == ("a", "ours", "c", "ours")
    (result,) = db.session.scalars(select(ImportResult).where(ImportResult.outcome == "updated"))
    assert result.before == {"level": None}
