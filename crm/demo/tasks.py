"""What reps have to do: the next steps of their follow-ups, the older ones done."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from crm.demo.follow_ups import FollowUpSketch
from crm.domain.people.models import Person
from crm.domain.tasks import actions
from crm.infra import clock

_DAYS = 45  # how far back tasks go; what was promised before has long been done
_KINDS = {"call": "call", "visit": "visit", "meeting": "meeting", "email": "email"}


@dataclass(frozen=True)
class Written:
    """A follow-up as it was written down."""

    sketch: FollowUpSketch
    customer_id: int
    owner_id: int


def make_tasks(written: Sequence[Written], people: Mapping[str, Person], now: dt.datetime) -> int:
    """Of everybody together, on the day before now; returns how many."""
    rows = sorted(_rows(written, now), key=lambda each: each[0])
    for owner_id, some in groupby(rows, key=lambda each: each[0]):
        owner = next(each for each in people.values() if each.id == owner_id)
        with clock.frozen(now - dt.timedelta(days=1)):
            actions.create_many(owner.actor, [values for _, values in some])
    return len(rows)


def _rows(written: Sequence[Written], now: dt.datetime) -> Iterator[tuple[int, dict[str, Any]]]:
    """The owner and the values; what a later follow-up came after is done."""
    last = {each.customer_id: each.sketch for each in written}
    for each in written:
        values = each.sketch.values
        if not values["next_on"] or each.sketch.happened_at < now - dt.timedelta(days=_DAYS):
            continue
        is_open = last[each.customer_id] is each.sketch
        yield (
            each.owner_id,
            {
                "name": values["next_step"],
                "due": values["next_on"],
                "about": f"customers:{each.customer_id}",
                "kind": _KINDS.get(values["kind"], "other"),
                "priority": "high" if is_open and each.customer_id % 9 == 0 else "normal",
                "status": "open" if is_open else "done",
                "remind": "0" if is_open else None,
            },
        )
