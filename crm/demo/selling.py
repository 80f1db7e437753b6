"""The made-up deals, step by step through the verbs, each at its own time and by whoever owns the customer."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from crm.demo.customers import Sketch
from crm.demo.dice import dice
from crm.demo.opportunities import DealSketch, deals
from crm.demo.talk import notes
from crm.domain.opportunities import actions
from crm.domain.opportunities.models import Opportunity
from crm.domain.people.models import Person
from crm.domain.timeline.actions import add_follow_up
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.permissions import Action, permission

_CREATE = permission("opportunities", Action.CREATE)


def sell(
    seed: int,
    sketches: Sequence[Sketch],
    born: Sequence[dt.datetime],
    ids: Sequence[int],
    owners: Sequence[Person],
    now: dt.datetime,
) -> int:
    """How many deals there are now; `owners` and `ids` are in the order of `sketches`."""
    actors = {each.id: each.actor for each in set(owners)}
    found = [each for each in deals(seed, sketches, born, now) if actors[owners[each.index].id].may(_CREATE)]
    made: dict[int, int] = {}
    for at, step, deal in sorted(_steps(found), key=lambda each: each[:2]):
        actor = actors[owners[deal.index].id]
        with clock.frozen(at):
            if step == 0:
                made[deal.index] = actions.create(actor, deal.steps[0][1] | {"customer": ids[deal.index]})
            else:
                actions.change_many(actor, [(made[deal.index], deal.steps[step][1])])
    for deal in found:
        if "stage" in deal.steps[-1][1] and deal.steps[-1][1]["stage"] not in ("won", "lost"):
            _promise(seed, actors[owners[deal.index].id], sketches[deal.index], made[deal.index], deal, now)
    return len(made)


def _steps(found: Sequence[DealSketch]) -> list[tuple[dt.datetime, int, DealSketch]]:
    return [(at, number, deal) for deal in found for number, (at, _) in enumerate(deal.steps)]


def _promise(seed: int, actor: Actor, sketch: Sketch, id_: int, deal: DealSketch, now: dt.datetime) -> None:
    """What is next with a deal that is under way; some are late."""
    rng = dice(seed, "deal promise", deal.index)
    note = rng.choice([each for each in notes(sketch.language) if each.next_step])
    values: dict[str, Any] = {"kind": note.kind, "next_step": note.next_step}
    values["next_on"] = (now + dt.timedelta(days=rng.randint(-4, 14))).date()
    values["body"] = note.body.format(
        contact=sketch.contact, goods=sketch.trade.goods_zh[0] if sketch.language == "zh" else sketch.trade.goods_en[0],
        amount=rng.randint(1, 60), people=rng.randint(3, 12), month=rng.randint(1, 12),
    )  # fmt: skip
    one = db.session.scalars(Opportunity.visible_to(actor).where(Opportunity.id == id_)).one()
    with clock.frozen(max(deal.steps[-1][0], now - dt.timedelta(days=rng.uniform(0.2, 9)))):
        add_follow_up(actor, one, values)
