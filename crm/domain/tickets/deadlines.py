"""What has been promised about a ticket and its place in the queue, reckoned anew from its history in every write that
they depend on: no clock ticks."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import inspect

from crm.domain.sla.promises import RESPONSE, SOLUTION
from crm.domain.tickets.choices import HIGH, LOW, NORMAL, TO_DO, URGENT
from crm.domain.tickets.clocks import Standing, standings
from crm.domain.tickets.models import Ticket
from crm.infra.db import db, driven

DEPEND_ON = frozenset({"status", "priority", "type", "customer", "opened", "responded", "solved", "owner"})
# Where nothing is promised: how long one of a priority may wait before it stands above what came later.
_HOUR = dt.timedelta(hours=1)
_PATIENCE = {URGENT: _HOUR, HIGH: 8 * _HOUR, NORMAL: 72 * _HOUR, LOW: 240 * _HOUR}
_WRITTEN = {
    "policy_id": "bigint",
    "respond_due_at": "timestamptz",
    "solve_due_at": "timestamptz",
    "waits_at": "timestamptz",
    "escalates_at": "timestamptz",
}
_WRITE = (
    f"UPDATE tickets SET ({', '.join(_WRITTEN)}) = ROW ({', '.join(f'now_.{each}' for each in _WRITTEN)})"
    " FROM unnest(%(id)s::bigint[], "
    + ", ".join(f"%({each})s::{kind}[]" for each, kind in _WRITTEN.items())
    + f") AS now_ (id, {', '.join(_WRITTEN)}) WHERE tickets.id = now_.id"
)


def reckon(ids: Collection[int]) -> int:
    """Of these tickets, whoever's they are. Writes only what differs; returns how many did."""
    found = [(each, _reckoned(each)) for each in standings(ids)] if ids else []
    return _write([(each.ticket.id, new) for each, new in found if _differs(each.ticket, new)])


def _reckoned(standing: Standing) -> dict[str, Any]:
    response, solution = standing.due(RESPONSE), standing.due(SOLUTION)
    return {
        "policy_id": standing.policy.id if standing.policy is not None else None,
        "respond_due_at": response,
        "solve_due_at": solution,
        "waits_at": _place(standing.ticket, response, solution),
        "escalates_at": min((moment for moment, _ in standing.steps()), default=None),
    }


def _place(ticket: Any, response: dt.datetime | None, solution: dt.datetime | None) -> dt.datetime | None:
    """The next thing that is due; where nothing is, by priority and age."""
    if ticket.status not in TO_DO:
        return None
    due = [each for each in (response if ticket.responded_at is None else None, solution) if each is not None]
    wait: dt.timedelta = _PATIENCE.get(ticket.priority, _PATIENCE[NORMAL])
    return min(due, default=ticket.opened_at + wait)


def _differs(ticket: Any, new: Mapping[str, Any]) -> bool:
    return any(getattr(ticket, key) != value for key, value in new.items())


def _write(rows: Sequence[tuple[int, Mapping[str, Any]]]) -> int:
    if rows:
        columns = {key: [values[key] for _, values in rows] for key in _WRITTEN}
        driven(_WRITE, {"id": [id_ for id_, _ in rows], **columns})
        written = {id_ for id_, _ in rows}
        for one in db.session.identity_map.values():
            if isinstance(one, Ticket) and (inspect(one).identity or (0,))[0] in written:  # which may be gone by now
                db.session.expire(one, list(_WRITTEN))
    return len(rows)
