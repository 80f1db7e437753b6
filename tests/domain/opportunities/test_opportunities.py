"""Opportunities in the domain: what a stage demands and brings about, whichever way it is entered."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.opportunities import actions, lines, shaping
from crm.domain.opportunities.history import stays
from crm.domain.opportunities.models import Opportunity, Pipeline, Stage
from crm.domain.opportunities.moving import Spot, move
from crm.domain.opportunities.pipelines import pipelines_of
from crm.domain.opportunities.record_type import OPPORTUNITY
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event
from crm.kernel.fields import Context, read_rows

D = Decimal


@pytest.fixture
def deal(cast):
    def make(who="rep", **values):
        actor = getattr(cast, who).actor
        id_ = actions.create(actor, {"name": "Deal", **values})
        db.session.commit()
        return db.session.scalars(Opportunity.visible_to(actor).where(Opportunity.id == id_)).one()

    return make


def stage(key):
    return db.session.scalars(select(Stage).filter_by(key=key)).one()


def told(one, name="opportunity.changed"):
    events = db.session.scalars(select(Event).filter_by(name=name, subject_id=one.id).order_by(Event.id))
    return [each.payload for each in events]


def ids(actor, text):
    rows = OPPORTUNITY.list.page(actor, Query.from_args([tuple(each.split("=")) for each in text.split("&")])).rows
    return [row.id for row in rows]


def test_a_new_one_stands_in_the_first_stage_and_its_history_begins(cast, deal):
    one = deal(amount=D(500))
    assert (one.pipeline, one.stage, one.closed_at, one.number[:3]) == ("sales", "contacted", None, "OPP")
    assert [(each.stage, each.until, each.actor_id) for each in stays(one)] == [("contacted", None, cast.rep.id)]
    assert one.probability == 10


def test_every_way_of_changing_the_stage_writes_history_and_ends_or_begins_the_deal(cast, deal):
    one, other = deal(), deal()
    began = one.stage_since
    with clock.frozen(began + dt.timedelta(days=3, hours=1)):
        actions.change(cast.rep.actor, one, {"stage": "proposal"})
        actions.change_many(cast.rep.actor, [(other.id, {"stage": "won"})])
        db.session.commit()
    assert [(each.stage, each.days) for each in stays(one)][1] == ("contacted", 3)
    assert one.closed_at is None and other.closed_at is not None
    with clock.frozen(began + dt.timedelta(days=4)):
        actions.change(cast.rep.actor, one, {"stage": "lost", "lost_reason": "price"})
        assert one.closed_at is not None
        actions.change(cast.rep.actor, one, {"stage": "needs"})
    assert (one.closed_at, one.lost_reason) == (None, None)
    assert told(one)[-1]["changes"] == {"stage": ["lost", "needs"], "lost_reason": ["price", None]}
    assert [each.stage for each in stays(one)] == ["needs", "lost", "proposal", "contacted"]


def test_a_lost_deal_has_its_reason(cast, deal):
    one = deal()
    with pytest.raises(Invalid, match="must be filled in"):
        actions.change(cast.rep.actor, one, {"stage": "lost"})
    with pytest.raises(Invalid, match="has no place here"):
        actions.change(cast.rep.actor, one, {"lost_reason": "price"})


def test_a_stage_asks_for_fields_on_every_way_into_it(cast, deal):
    shaping.change_stage(
        cast.administrator.actor, stage("proposal"), shaping.StageDraft({"en": "Proposal"}, "open", 50, 21, ["amount"])
    )
    one = deal()
    for way in (
        lambda: actions.change(cast.rep.actor, one, {"stage": "proposal"}),
        lambda: actions.change_many(cast.rep.actor, [(one.id, {"stage": "proposal"})]),
        lambda: actions.create(cast.rep.actor, {"name": "Other", "stage": "proposal"}),
        lambda: move(cast.rep.actor, one, "proposal", {}, Spot()),
    ):
        with pytest.raises(Invalid, match="Amount"):
            way()
    move(cast.rep.actor, one, "proposal", {"amount": D(7)}, Spot())
    with pytest.raises(Invalid):
        actions.change(cast.rep.actor, one, {"amount": None})
    actions.change(cast.rep.actor, one, {"stage": "negotiation", "amount": None})


def test_stage_and_pipeline_go_together(cast, deal):
    made = shaping.make_pipeline(cast.administrator.actor, {"en": "Renewals", "zh_CN": "续约"})
    db.session.flush()
    one = deal(pipeline=made.key)
    first = pipelines_of(cast.rep.actor).by_key[made.key].first
    assert one.stage == first.key
    actions.change(cast.rep.actor, one, {"stage": "proposal"})
    assert (one.pipeline, told(one)[-1]["changes"]["pipeline"]) == ("sales", ["renewals", "sales"])
    won = next(each for each in pipelines_of(cast.rep.actor).by_key[made.key].stages if each.kind == "won")
    assert deal(pipeline=made.key, stage="won").stage == won.key, "of the same name in the other pipeline"
    with pytest.raises(Invalid, match="is no stage of this pipeline"):
        deal(pipeline=made.key, stage="negotiation")


@pytest.mark.parametrize(
    ("text", "key"), [("Proposal", "proposal"), ("方案报价", "proposal"), ("成交", "won"), ("Closed Lost", "lost")]
)
def test_a_file_may_name_a_stage_in_either_language(cast, text, key):
    fields = OPPORTUNITY.open_to(cast.rep.actor).by_key()
    row = {"stage": text, "pipeline": "销售流程"}
    (reading,) = read_rows([fields["stage"], fields["pipeline"]], [row], Context(cast.rep.actor))
    assert reading.values == {"stage": key, "pipeline": "sales"}


def test_lists_filter_and_sort_by_stage_in_its_order(cast, deal):
    made = [deal(stage=each).id for each in ("won", "contacted", "negotiation")]
    assert ids(cast.rep.actor, "sort=stage") == [made[1], made[2], made[0]]
    assert ids(cast.rep.actor, "stage__in=won,negotiation&sort=-stage") == [made[0], made[2]]
    shaping.move(cast.administrator.actor, stage("negotiation"), down=False)
    proposal = deal(stage="proposal").id
    assert ids(cast.rep.actor, "stage__in=proposal,negotiation&sort=stage") == [made[2], proposal]


def test_a_retired_stage_keeps_its_deals_and_takes_no_more(cast, deal):
    one, other = deal(stage="needs"), deal()
    shaping.retire(cast.administrator.actor, stage("needs"))
    actions.change(cast.rep.actor, one, {"amount": D(3)})
    with pytest.raises(Invalid, match="not offered any more"):
        actions.change(cast.rep.actor, other, {"stage": "needs"})
    with pytest.raises(RuleBroken, match="last of its kind"):
        shaping.retire(cast.administrator.actor, stage("won"))
    with pytest.raises(RuleBroken, match="last of its kind"):
        shaping.retire(cast.administrator.actor, db.session.scalars(select(Pipeline)).one())


def test_cards_are_put_between_others_without_moving_these(cast, deal):
    third, second, first = deal(), deal(), deal()
    before = {each.id: each.place for each in (third, second, first)}
    new = deal(stage="needs")
    move(cast.rep.actor, new, "contacted", {}, Spot(above=first.id, below=second.id))
    assert first.place < new.place < second.place < third.place
    move(cast.rep.actor, first, "contacted", {}, Spot(above=third.id))
    assert third.place < first.place
    move(cast.rep.actor, third, "contacted", {}, Spot(below=new.id))
    assert third.place < new.place
    assert second.place == before[second.id]
    assert [each["changes"] for each in told(new)] == [{"stage": ["needs", "contacted"]}]
    assert told(first) == [], "Where a card stands in its column is no change of the deal."
    gone = deal(stage="won")
    move(cast.rep.actor, second, "contacted", {}, Spot(below=gone.id))
    assert second.place < third.place, "beside a card that is elsewhere now: on top"


def test_products_make_the_amount(cast, deal):
    one, actor = deal(amount=D(99)), cast.rep.actor
    pump = lines.add_line(actor, one, {"product": "Pump", "quantity": D(3), "price": D("10.50"), "discount": D(10)})
    lines.add_line(actor, one, {"product": "Hose", "quantity": D(1), "price": D(5), "discount": None})
    assert (one.amount, one.line_count) == (D("33.35"), 2)
    with pytest.raises(Invalid, match="make its amount"):
        actions.change(actor, one, {"amount": D(1)})
    lines.change_line(actor, one, pump, {"product": "Pump", "quantity": D(4), "price": D("10.50"), "discount": D(10)})
    assert one.amount == D("42.80")
    assert told(one, "opportunity.line_changed")[0]["changes"] == {"quantity": ["3", "4"]}
    for line in lines.lines_of(one):
        lines.remove_line(actor, one, line)
    actions.change(actor, one, {"amount": D(1)})
    assert (one.amount, one.line_count) == (D(1), 0)


def test_it_belongs_to_its_customer(cast, deal):
    customer = customers.create(cast.rep.actor, {"name": "Acme"})
    one = deal(customer=customer)
    number = db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == customer)).one().number
    assert ids(cast.rep.actor, f"customer__is={number}") == [one.id]
    assert ids(cast.other_rep.actor, "sort=-updated") == []
