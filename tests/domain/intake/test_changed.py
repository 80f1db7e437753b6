"""What strangers send where the house has changed meanwhile, or refuses it: nothing is lost, and nothing is doubled."""

import pytest
from sqlalchemy import event, select, text

from crm.domain.fields import actions as own_fields
from crm.domain.fields.drafts import Draft
from crm.domain.intake.forming import save_form
from crm.domain.intake.taking import release
from crm.domain.leads import actions as leads
from crm.domain.people import structure
from crm.domain.tags import shaping as tags
from crm.domain.tags.shaping import TagDraft
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.events import Event, because
from crm.kernel.kinds import FieldKind
from tests.domain.intake.conftest import wanted
from tests.domain.intake.test_intake import one, send


def test_what_the_rules_of_the_type_refuse_is_held_and_not_lost(cast):
    """The visitor could not mend it, so they are thanked as ever, and whoever decides is told why."""
    admin = cast.administrator.actor
    rival = own_fields.make(admin, "leads", Draft({"en": "Has another supplier"}, FieldKind.YES_NO, "lead"))
    demanded = Draft({"en": "Which"}, FieldKind.TEXT, "lead", required_from=(rival.key, ("yes",)))
    own_fields.make(admin, "leads", demanded)
    form = save_form(admin, None, wanted(fields=[("name", True), ("email", False), (rival.key, False)]))
    with because("Words of a stranger"):
        entry = send(form, **{"name": "Zhang", "email": "zhang@example.com", rival.key: "yes"})
        assert (entry.outcome, entry.suspicion, entry.record_id) == ("held", "refused", None)
        with pytest.raises(Invalid, match="must be filled in"):
            release(admin, form, entry)
        made = send(form, **{"name": "Zhang", "email": "zhang@example.com", rival.key: "no"})
    assert one(made).name == "Zhang"
    reasons = db.session.scalars(select(Event.reason).where(Event.name == "lead.created")).all()
    assert reasons == [form.name]


def test_nothing_that_was_typed_is_left_out_where_the_form_asks_less_by_now(lead_form, cast):
    admin = cast.administrator.actor
    entry = send(lead_form, "trap", name="Zhang", email="zhang@example.com", remarks="A trial, please")
    save_form(admin, lead_form, wanted(fields=[("name", True), ("email", False)]))
    with pytest.raises(Invalid, match="by hand"):
        release(admin, lead_form, entry)
    save_form(admin, lead_form, wanted())
    release(admin, lead_form, entry)
    assert one(entry).remarks == "A trial, please"


def test_a_pool_that_was_closed_takes_no_leads_any_more(cast):
    admin = cast.administrator.actor
    department = structure.create_department(admin, name="For a while")
    form = save_form(admin, None, wanted(department_id=department.id))
    structure.close_department(admin, department)
    assert one(send(form, name="Zhang", email="zhang@example.com")).department_id is None


def test_tags_of_the_form_are_put_on_without_asking_the_visitor_why(cast):
    admin = cast.administrator.actor
    risk, old = (tags.make(admin, TagDraft({"en": name}, asks_why=True)) for name in ("At risk", "Old"))
    form = save_form(admin, None, wanted(preset={"tags": f"{risk.key}, {old.key}, plain"}))
    tags.retire(admin, old)
    entry = send(form, name="Zhang", email="zhang@example.com")
    assert entry.outcome == "made" and one(entry).tags == [risk.key, "plain"]


def test_an_open_lead_is_found_behind_any_number_of_closed_ones(lead_form, cast):
    rep = cast.rep.actor
    open_ = leads.create(rep, {"name": "Zhang", "email": "zhang@example.com"})
    for n in range(6):
        closed = {"status": "discarded", "discard_reason": "no_need"}
        leads.create(rep, {"name": f"Zhang {n}", "email": "zhang@example.com"} | closed)
    entry = send(lead_form, name="Zhang", email="zhang@example.com")
    assert (entry.outcome, entry.record_id) == ("attached", open_)


def test_a_flood_of_what_is_held_looks_through_nobody_elses_news(lead_form, cast):
    """By a person's index; a walk through all there is would be paid for each robot, while all others wait."""
    asked = []
    event.listen(db.session.connection(), "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    send(lead_form, "trap", name="Robot")
    said, values = next(each for each in asked if "FROM notifications" in each[0] and "FROM people" not in each[0])
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = db.session.connection().exec_driver_sql("EXPLAIN " + said, values).scalars().all()
    assert "Index Cond: (person_id" in "".join(plan)
