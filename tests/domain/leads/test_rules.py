"""Scores and assignment: the administrator's rules, in every write and for all by a worker."""

import pytest
from sqlalchemy import select

from crm.domain.leads import actions, ruling, scoring
from crm.domain.leads.rule_models import AssignmentRule
from crm.infra.db import db
from crm.jobs.leads import score_anew
from crm.kernel.errors import Invalid
from crm.kernel.events import Event


def assignment(cast, name, way, people=(), *, conditions=(), department=None):
    given = {"name": name, "way": way, "conditions": conditions, "department_id": department}
    given["people"] = [{"person": each.id, "region": region} for each, region in people]
    return ruling.save_assignment(cast.administrator.actor, None, given)


def test_a_score_is_the_sum_of_what_holds(cast, leads):
    admin = cast.administrator.actor
    ruling.add_score(admin, ("source", "in", "referral,exhibition"), 30)
    ruling.add_score(admin, ("expected_amount", "min", "10000"), 20)
    ruling.add_score(admin, ("email", "empty", "1"), -5)
    lead = leads.create(cast.rep, source="referral")
    assert lead.score == 25
    actions.change(cast.rep.actor, lead, {"expected_amount": 12_000, "email": "a@example.com"})
    assert lead.score == 50
    assert [each.points for each in scoring.explained(cast.rep.actor, lead)] == [30, 20]
    actions.change(cast.rep.actor, lead, {"source": None})
    assert lead.score == 20


def test_after_the_rules_change_a_worker_scores_every_lead(cast, leads, monkeypatch):
    monkeypatch.setattr(scoring, "BATCH", 2)
    made = [leads.create(cast.rep, company="A" if at % 2 else None) for at in range(5)]
    rule = ruling.add_score(cast.administrator.actor, ("company", "filled", "1"), 7)
    assert {leads.one(each.id).score for each in made} == {0}
    db.session.commit()
    assert score_anew() == 4  # three batches, and the end
    assert [leads.one(each.id).score for each in made] == [0, 7, 0, 7, 0]
    run = scoring.last_run()
    assert (run.total, run.done, run.finished_at is not None) == (5, 5, True)
    ruling.remove_score(cast.administrator.actor, rule)
    ruling.add_score(cast.administrator.actor, ("company", "empty", "1"), -3)  # takes the place of the run before it
    db.session.commit()
    score_anew()
    assert [leads.one(each.id).score for each in made] == [-3, 0, -3, 0, -3]
    assert db.session.scalars(select(Event.payload).filter_by(name="lead_scores.made")).all() == [{"count": 5}] * 2


@pytest.mark.parametrize(
    ("condition", "points"),
    [
        (("owner", "of", "me"), 5),  # means something else to everybody
        (("status", "is", "no such"), 5),
        (("nothing", "is", "x"), 5),
        (("company", "filled", "1"), 0),
        (("company", "filled", "1"), 101),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(cast, condition, points):
    with pytest.raises(Invalid):
        ruling.add_score(cast.administrator.actor, condition, points)


def test_leads_are_given_in_turns_and_the_rule_is_named(cast, leads):
    assignment(cast, "Everything in turns", "turns", [(cast.rep, None), (cast.other_rep, None)])
    ids = actions.create_many(cast.administrator.actor, [{"name": f"L{at}"} for at in range(3)])
    later = leads.create(cast.administrator)
    owners = [leads.one(each).owner_id for each in (*ids, later.id)]
    assert owners == [cast.rep.id, cast.other_rep.id, cast.rep.id, cast.other_rep.id]
    assert leads.one(ids[0]).department_id == cast.rep.department_id
    assert leads.history(later) == [("new", cast.other_rep.id, False)]
    told = db.session.scalars(select(Event).filter_by(name="lead.assigned", subject_id=ids[0])).one()
    assert told.payload == {"rule": "Everything in turns", "changes": {"owner": [None, cast.rep.id]}}


def test_the_first_rule_that_fits_decides(cast, leads):
    south = cast.other_rep.department_id
    assignment(cast, "Web", "turns", [(cast.rep, None)], conditions=[("source", "is", "website")])
    assignment(cast, "Big", "pool", conditions=[("expected_amount", "min", "5000")], department=south)
    web = leads.create(cast.administrator, source="website", expected_amount=9_000)
    big, other = leads.create(cast.administrator, expected_amount=9_000), leads.create(cast.administrator)
    assert web.owner_id == cast.rep.id
    assert (big.owner_id, big.department_id) == (None, south)
    assert (other.owner_id, other.department_id) == (None, None)
    assert (big.rule_id is not None, other.rule_id) == (True, None)


def test_by_region_the_nearest_answers(cast, leads):
    people = [(cast.rep, "31"), (cast.other_rep, "310115"), (cast.manager, "11")]
    assignment(cast, "Regions", "region", people)
    owners = [leads.create(cast.administrator, region=code).owner_id for code in ("310104", "310115", "440100", None)]
    assert owners == [cast.rep.id, cast.other_rep.id, None, None]


def test_by_load_whoever_has_the_fewest_open_leads_gets_the_next(cast, leads):
    for _ in range(2):
        leads.create(cast.rep)
    done = leads.create(cast.other_rep)
    actions.change(cast.other_rep.actor, done, {"status": "discarded", "discard_reason": "no_need"})
    assignment(cast, "Load", "load", [(cast.rep, None), (cast.other_rep, None)])
    ids = actions.create_many(cast.administrator.actor, [{"name": f"L{at}"} for at in range(4)])
    owners = [leads.one(each).owner_id for each in ids]
    assert owners == [cast.other_rep.id, cast.other_rep.id, cast.rep.id, cast.other_rep.id]


def test_whoever_has_left_gets_nothing_and_a_rule_put_away_decides_nothing(cast, leads):
    rule = assignment(cast, "Turns", "turns", [(cast.rep, None)])
    cast.rep.active = False
    assert leads.create(cast.administrator).owner_id is None
    cast.rep.active = True
    ruling.retire(cast.administrator.actor, rule)
    assert leads.create(cast.administrator).owner_id is None


def test_rules_are_put_in_order(cast):
    rules = [assignment(cast, name, "pool") for name in "ABC"]
    ruling.move(cast.administrator.actor, rules[2], -1)
    ruling.move(cast.administrator.actor, rules[0], -1)  # it is the first already
    statement = select(AssignmentRule.name).order_by(AssignmentRule.position)
    assert db.session.scalars(statement).all() == ["A", "C", "B"]


def test_a_rep_keeps_what_they_enter_whatever_the_rules(cast, leads):
    assignment(cast, "Turns", "turns", [(cast.other_rep, None)])
    assert leads.create(cast.rep).owner_id == cast.rep.id
