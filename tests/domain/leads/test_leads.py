"""Leads: the flow of their status and its history, the pool and who may take from it."""

import pytest
from sqlalchemy import select

from crm.domain.leads import actions
from crm.domain.leads.claiming import claim, refuse_late
from crm.domain.leads.models import Lead
from crm.domain.leads.queries import LEADS
from crm.domain.people.sharing import share
from crm.infra.db import db
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event
from crm.kernel.permissions import Action, permission
from crm.kernel.why import Why, sees, why


def test_what_a_rep_enters_is_theirs_and_has_a_number_and_a_history(cast, leads):
    lead = leads.create(cast.rep, name="陈先生", company="云海科技", source="website")
    assert lead.number.startswith("LEAD")
    assert (lead.owner_id, lead.status, lead.score) == (cast.rep.id, "new", 0)
    assert leads.history(lead) == [("new", cast.rep.id, False)]


def test_the_status_is_followed_step_by_step(cast, leads):
    lead = leads.create(cast.rep)
    for status in ("contacted", "qualified"):
        actions.change(cast.rep.actor, lead, {"status": status})
    actions.change(cast.rep.actor, lead, {"remarks": "Nothing about the status"})
    rep = cast.rep.id
    assert leads.history(lead) == [("new", rep, True), ("contacted", rep, True), ("qualified", rep, False)]


def test_discarding_asks_for_the_reason_and_taking_up_again_forgets_it(cast, leads):
    lead = leads.create(cast.rep)
    with pytest.raises(Invalid, match="Reason for discarding"):
        actions.change(cast.rep.actor, lead, {"status": "discarded"})
    actions.change(cast.rep.actor, lead, {"status": "discarded", "discard_reason": "no_need", "discard_text": "Full"})
    actions.change(cast.rep.actor, lead, {"status": "contacted"})
    assert (lead.status, lead.discard_reason, lead.discard_text) == ("contacted", None, None)


def test_nobody_wins_a_lead_by_saying_so(cast, leads):
    with pytest.raises(Invalid, match="by converting"):
        leads.create(cast.rep, status="won")
    lead = leads.create(cast.rep)
    with pytest.raises(Invalid, match="by converting"):
        actions.change(cast.rep.actor, lead, {"status": "won"})


def test_who_may_give_leads_away_and_names_nobody_leaves_them_in_the_pool(cast, leads):
    norths = leads.create(cast.manager)
    everybodys = leads.create(cast.administrator)
    assert (norths.owner_id, norths.department_id) == (None, cast.manager.department_id)
    assert (everybodys.owner_id, everybodys.department_id) == (None, None)
    assert leads.history(norths) == [("new", None, False)]


def test_pools_are_open_to_those_who_work_there_below_and_above_and_to_nobody_else(cast, leads):
    norths, everybodys = leads.create(cast.manager), leads.create(cast.administrator)
    assert leads.seen(cast.rep) == {norths.id, everybodys.id}  # his department is below
    assert leads.seen(cast.other_rep) == leads.seen(cast.outsider) == {everybodys.id}
    below = leads.create(cast.rep)
    actions.change(cast.manager.actor, below, {"owner": None})
    assert below.department_id == cast.rep.department_id, "it stays in the pool of the department where it was"
    assert leads.seen(cast.manager) == {norths.id, everybodys.id, below.id}


def test_what_is_told_of_the_pool_agrees_with_what_is_seen(cast, leads):
    made = [leads.create(who) for who in (cast.manager, cast.administrator, cast.rep, cast.other_rep)]
    share(cast.administrator.actor, made[0], cast.other_rep)
    share(cast.administrator.actor, made[1], cast.other_rep)
    for person in cast:
        listed = {row.id for row in LEADS.page(person.actor, Query()).rows}
        assert len(LEADS.page(person.actor, Query()).rows) == len(listed), "each once"
        for lead in made:
            reasons = why(person.actor, lead)
            assert sees(reasons) == (lead.id in leads.seen(person)) == (lead.id in listed), (person.name, reasons)
    assert Why.POOL in why(cast.rep.actor, made[0])


def test_a_pool_stands_in_its_place_in_every_order(cast, leads):
    names = {leads.create(who, name=name).name for who, name in ((cast.rep, "B"), (cast.manager, "A"), (cast.rep, "C"))}
    for sort in ("name", "-name", "-updated", "score", "-expected_amount"):
        found, query = [], Query(sort=sort)
        while True:
            page = LEADS.page(cast.rep.actor, query, size=1)
            found += [row.name for row in page.rows]
            if not page.after:
                break
            query = query.but(after=page.after)
        assert sorted(found) == sorted(names)
        if sort.endswith("name"):
            assert found == sorted(names, reverse=sort.startswith("-"))
    assert LEADS.count(cast.rep.actor, Query()).number == 3
    assert [row.name for row in LEADS.page(cast.rep.actor, Query(filters=(("owner", "empty", "1"),))).rows] == ["A"]


def test_a_pooled_lead_may_be_seen_and_not_changed_before_it_is_claimed(cast, leads):
    lead, edit = leads.create(cast.manager), permission("leads", Action.EDIT)
    assert not cast.rep.actor.holds(lead, edit)
    claim(cast.rep.actor, lead)
    assert cast.rep.actor.holds(lead, edit)
    assert (lead.owner_id, lead.department_id) == (cast.rep.id, cast.rep.department_id)
    assert leads.history(lead) == [("new", cast.rep.id, False)], "who takes it answers for the status it is in"
    event = db.session.scalars(select(Event).filter_by(name="lead.claimed", subject_id=lead.id)).one()
    assert event.payload["pool"] == cast.manager.department_id


def test_who_comes_second_is_told(cast, leads):
    lead = leads.create(cast.administrator)
    stale = db.session.scalars(Lead.visible_to(cast.rep.actor).where(Lead.id == lead.id)).one()
    claim(cast.other_rep.actor, lead)
    with pytest.raises(RuleBroken, match="quicker"):
        claim(cast.rep.actor, stale)
    assert leads.one(lead.id).owner_id == cast.other_rep.id
    with pytest.raises(RuleBroken, match="quicker"):
        refuse_late(cast.rep.actor, lead.id)
    refuse_late(cast.rep.actor, leads.create(cast.other_rep).id)  # which was in no pool: it does not exist


def test_a_rep_gives_no_lead_back_that_is_not_theirs_to_give(cast, leads):
    lead = leads.create(cast.rep)
    with pytest.raises(RuleBroken):
        actions.change(cast.rep.actor, lead, {"owner": None})
