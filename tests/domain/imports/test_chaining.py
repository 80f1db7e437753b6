"""A row that is a customer, a contact and an opportunity at once makes all three."""

import pytest
from sqlalchemy import select

from crm.domain.contacts.models import Contact
from crm.domain.imports import actions
from crm.domain.imports.chaining import children, whole_mapping
from crm.domain.imports.fixing import is_fixable
from crm.domain.imports.models import Import
from crm.domain.imports.states import State
from crm.domain.imports.targets import TARGETS
from crm.domain.imports.templates import keep, missing
from crm.domain.opportunities.models import Opportunity
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.access import unscoped
from crm.kernel.errors import Invalid, RuleBroken
from tests.domain.imports.work import again, counts, csv_of, customers, rows_of, run, uploaded

HEADINGS = ("Company", "Tel", "Person", "Mobile", "Deal", "Amount")
MAPPING = {0: "name", 1: "phone", 2: "contacts:name", 3: "contacts:phone", 4: "opportunities:name"}
MAPPING |= {5: "opportunities:amount"}
ROWS = [
    ["Acme", "02162345678", "Wang Fang", "13800138000", "Big deal", "12万"],
    ["Acme", "02162345678", "Li Lei", "13900139000", "", ""],
    ["Beta", "", "Han Mei", "12", "", ""],
    ["Gamma", "1", "Nobody", "", "Lost deal", "5"],
    ["Acme", "01012345678", "", "", "", ""],
]


def mapped(actor, rows=ROWS, mapping=MAPPING, **more):
    import_ = uploaded(actor, csv_of(rows, HEADINGS))
    import_.heading_row = 1
    actions.map_columns(actor, import_, mapping=mapping, **more)
    db.session.commit()
    sweep()
    return again(import_.id)


def everything(entity):
    with unscoped("a test looks at everything"):
        return db.session.scalars(select(entity).order_by(entity.id)).all()


def test_all_three_come_in_and_lead_to_what_their_row_became(cast):
    import_ = mapped(cast.manager.actor)
    assert whole_mapping(import_) == MAPPING
    run(cast.manager.actor, import_)
    sweep()
    assert [each.name for each in customers()] == [
        "Acme",
        "Beta",
        "Acme",
    ]
    people, deals = children(again(import_.id))
    assert (people.record_type, people.state, deals.record_type, deals.state) == (
        "contacts",
        State.DONE,
        "opportunities",
        State.DONE,
    )
    acme = customers()[0].id
    assert [(each.name, each.customer_id) for each in everything(Contact)] == [("Wang Fang", acme), ("Li Lei", acme)]
    assert [(each.name, each.customer_id, each.amount) for each in everything(Opportunity)] == [
        ("Big deal", acme, 120000)
    ]
    assert counts(people) == {"rows": 4, "created": 2, "failed": 2}
    assert people.blank == 1  # a row that says nothing of a person
    failed = {row.line: [each[2] for each in row.problems] for row in rows_of(people) if row.problems}
    assert sorted(failed) == [4, 5]
    assert failed[5] == ["The record that this row belongs to did not go in."]
    assert not is_fixable(cast.manager.actor, again(import_.id))


def test_a_file_that_comes_again_follows_the_choice_for_all(cast):
    run(cast.manager.actor, mapped(cast.manager.actor))
    sweep()
    import_ = run(cast.manager.actor, mapped(cast.manager.actor))
    sweep()
    assert [counts(each) for each in children(again(import_.id))] == [
        {"rows": 4, "skipped": 2, "failed": 2},
        {"rows": 2, "skipped": 1, "failed": 1},
    ]


def test_what_one_may_not_bring_in_or_what_lacks_something_is_refused_at_once(cast):
    with pytest.raises(Invalid, match="No column fills"):
        mapped(cast.manager.actor, mapping={0: "name", 3: "contacts:phone"})
    with pytest.raises(RuleBroken, match="may not import"):
        mapped(cast.manager.actor, mapping={0: "name", 3: "tickets:subject"})
    assert mapped(
        cast.manager.actor,
        mapping={0: "name", 5: "opportunities:amount"},
        fallbacks={"opportunities:name": "From the old system"},
    ).followed["opportunities"]["fallbacks"] == {"name": "From the old system"}


def test_the_template_keeps_what_follows(cast):
    import_ = mapped(cast.manager.actor)
    template = keep(cast.manager.actor, import_, "all three", shared=False, mapping=whole_mapping(import_))
    assert template.columns["person"] == "contacts:name"
    assert missing(cast.manager.actor, TARGETS["customers"].open_to(cast.manager.actor), template) == []


def test_nothing_follows_what_was_cancelled(cast):
    import_ = mapped(cast.manager.actor)
    actions.cancel(cast.manager.actor, import_)
    db.session.commit()
    sweep()
    assert db.session.query(Import).execution_options(scoped=True).count() == 1
