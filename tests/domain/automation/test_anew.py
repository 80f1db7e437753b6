"""Asked again: what failed, what came too late, what is stuck, and what a rule would have done."""

from typing import Any

import pytest
from sqlalchemy import text

from crm.domain.automation import ruling, timing
from crm.domain.automation import runs as history
from crm.domain.automation.models import AutomationEvent
from crm.domain.automation.rules import rule_of
from crm.domain.automation.trial import tried
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.imports import actions as imports
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.errors import RuleBroken
from crm.kernel.shape import reshaped
from tests.domain.automation.making import decisions, made, runs, worked
from tests.domain.automation.test_many import ROWS, imported, told
from tests.domain.automation.test_reacting import customer
from tests.domain.automation.test_timing import at
from tests.domain.imports.work import checked, csv_of

TELL = {"do": "notify", "whom": "owner"}


@pytest.fixture
def admin(cast: Any) -> Any:
    return cast.administrator.actor


def test_what_failed_is_not_done_to_what_has_become_another_record(cast: Any, admin: Any) -> None:
    action = {"do": "assign", "whom": f"person:{cast.other_rep.id}"}
    rule = made(admin, {"kind": "created"}, action, conditions=(("level", "is", "a"),))
    cast.other_rep.active = False
    one = customer(cast.rep, level="a")
    worked()
    (run,) = runs(rule)
    assert run.decision == "failed"
    cast.other_rep.active = True
    CUSTOMER.verbs.change(cast.rep.actor, one, {"level": "c"})
    run.retry_at = run.at
    assert history.retry_next() and (run.decision, run.retry_at) == ("not", None)
    db.session.refresh(one)
    assert one.owner_id == cast.rep.id


def test_of_a_rule_that_is_off_nothing_is_tried_again(cast: Any, admin: Any) -> None:
    rule = made(admin, {"kind": "created"}, {"do": "assign", "whom": f"person:{cast.other_rep.id}"})
    cast.other_rep.active = False
    customer(cast.rep)
    worked()
    ruling.switch(admin, rule, on=False)
    with pytest.raises(RuleBroken, match="switch it on first"):
        history.run_again(admin, runs(rule)[0])


def test_a_turn_of_the_week_that_passed_while_nothing_ran_is_not_lost(cast: Any, admin: Any) -> None:
    """Whoever comes back the next day, before the hour, has still to do it."""
    with at(0, 12):
        customer(cast.rep)
        today = timing.company.today()
        when = {"kind": "schedule", "every": "week", "on": str((today.isoweekday()) % 7 + 1), "hour": "9"}
        rule = made(admin, when, TELL)  # its turn is tomorrow
    for day, hour, done in ((2, 3, 0), (2, 8, 0), (2, 10, 1), (3, 10, 1)):
        with at(day, hour):
            while timing.tick():
                db.session.flush()
            worked()
            assert decisions(rule) == ["done"] * done, (day, hour)
    assert rule.next_at is not None and (rule.next_at - runs(rule)[0].occurred_at).days == 5


def test_a_rule_that_cannot_be_asked_keeps_no_other_from_its_time(cast: Any, admin: Any) -> None:
    with at(0, 6):
        customer(cast.rep)
        broken, good = (made(admin, {"kind": "date", "field": "created", "days": "1", "hour": "8"}, TELL) for _ in "ab")
        broken.definition = {**broken.definition, "when": {**broken.definition["when"], "days": "many"}}
        db.session.flush()
        reshaped()
    with at(1, 9):
        while timing.tick():
            db.session.flush()
        worked()
    assert (decisions(broken), decisions(good)) == ([], ["done"]) and broken.next_at == good.next_at


def test_what_is_stuck_keeps_the_end_of_an_import_from_nobody(cast: Any, admin: Any) -> None:
    made(admin, {"kind": "imported"}, TELL)
    import_ = checked(cast.rep.actor, csv_of(ROWS))
    imports.start(cast.rep.actor, import_, duplicates="create", automates=True)
    db.session.commit()
    sweep()
    stuck = text(
        "UPDATE automation_queue SET run_at = now() + interval '1 hour', attempts = 9, error = 'KeyError()'"
        " WHERE id = (SELECT min(id) FROM automation_queue)"
    )
    db.session.execute(stuck)
    worked()
    assert told() == [(cast.rep.id, "automated_digest")]
    (left,) = history.stuck()
    assert db.session.query(AutomationEvent).one() is left and left.attempts == 9


def test_the_dry_run_counts_only_what_would_have_been_heard(cast: Any, admin: Any) -> None:
    """What began otherwise has not entered; of an import nobody hears unless that was chosen."""
    entered = made(admin, {"kind": "entered", "field": "level", "to": "a"}, TELL, on=False)
    came = made(admin, {"kind": "imported"}, TELL, on=False)
    customer(cast.rep)  # of no level: its event says nothing of it
    mine = customer(cast.rep, level="a")
    imported(cast.rep, automates=False)
    found = tried(admin, rule_of(entered))
    assert (found.moments, found.acted, list(found.records)) == (1, 1, [mine.id])
    assert (tried(admin, rule_of(came)).moments, tried(admin, rule_of(came)).acted) == (0, 0)
    imported(cast.manager, automates=True)
    assert (tried(admin, rule_of(came)).acted, tried(admin, rule_of(entered)).acted) == (3, 3)
