"""Everything that can be done to tickets: the verbs of every record, with what is particular to tickets."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.records.derived import Recipe
from crm.domain.records.verbs import Values, Verbs
from crm.domain.tickets import sales
from crm.domain.tickets.choices import DONE
from crm.domain.tickets.deadlines import DEPEND_ON, reckon
from crm.domain.tickets.events import FACTS
from crm.domain.tickets.fields import EDITABLE
from crm.domain.tickets.models import NUMBERS, Ticket
from crm.domain.tickets.queue import NEWS
from crm.domain.tickets.showing import stay_in_sight
from crm.domain.tickets.statuses import DERIVED, begin, check, complete, move
from crm.domain.tickets.teams import give_out
from crm.domain.tickets.topics import topics_of
from crm.domain.tickets.watching import tell_watchers
from crm.infra.db import db
from crm.infra.news import announce
from crm.kernel.access import Actor
from crm.kernel.permissions import Action, permission
from crm.kernel.text import name_key

Written = Sequence[tuple[int, Values]]
Before = Mapping[int, Mapping[str, list[Any]]] | None
# Each is told of tickets that have just been solved or closed; of those that came in by the dozen, of none.
when_closed: list[Callable[[Actor, Sequence[int]], None]] = []


def _follow(actor: Actor, written: Written, before: Before) -> None:
    db.session.flush()
    ids = [id_ for id_, _ in written]
    if before is None:
        give_out(actor, ids)
        begin(actor, ids)
        reckon(ids)
        if len(ids) == 1:  # what comes in by the dozen is the teams' alone
            stay_in_sight(actor, ids[0])
        asking = [id_ for id_, values in written if values.get("needs_sales")]
        sales.follow(actor, asking, asking)
    else:
        move(actor, [id_ for id_ in ids if "status" in before[id_]])
        if due := [id_ for id_ in ids if not DEPEND_ON.isdisjoint(before[id_])]:
            reckon(due)
        moved = [id_ for id_ in ids if not sales.ASKS_ANEW.isdisjoint(before[id_])]
        sales.follow(actor, [id_ for id_ in ids if "status" in before[id_] or id_ in moved], moved)
        tell_watchers(actor, [id_ for id_ in ids if "status" in before[id_]])
    _tell_assigned(actor, written, before)
    announce(NEWS)
    closed = _closed(written, before)
    for listener in when_closed if closed else ():
        listener(actor, closed)


def _closed(written: Written, before: Before) -> list[int]:
    if before is None:
        return [id_ for id_, values in written if values.get("status") in DONE] if len(written) == 1 else []
    moves = {id_: before[id_]["status"] for id_, _ in written if "status" in before[id_]}
    return [id_ for id_, (was, now) in moves.items() if was not in DONE and now in DONE]


def _tell_assigned(actor: Actor, written: Written, before: Before) -> None:
    """Whoever is given one by somebody else. What comes in by the dozen is told of as a whole by whoever brought it."""
    if before is None and len(written) > 1:
        return
    given = [
        News(values["owner"], "tickets", id_)
        for id_, values in written
        if values.get("owner") not in (None, actor.id) and (before is None or "owner" in before[id_])
    ]
    notify(Kind.ASSIGNED, given, by=actor)


RECIPE = Recipe(also=lambda columns: {"name_key": name_key(columns["name"])})
VERBS = Verbs(
    entity=Ticket,
    fields=EDITABLE,
    facts=FACTS,
    numbers=NUMBERS,
    recipe=RECIPE,
    more_columns=DERIVED,
    check=check,
    complete=complete,
    then=_follow,
    binned=lambda actor, ticket: sales.follow(actor, [ticket.id], [ticket.id]),
    # Whoever takes a call writes it down for the team whose work it is.
    leaves_to_pool=lambda actor: bool(topics_of(actor).teams) or actor.may(permission("tickets", Action.ASSIGN)),
)

create, create_many = VERBS.create, VERBS.create_many
change, change_many, confirm = VERBS.change, VERBS.change_many, VERBS.confirm
delete, restore, purge, purge_old = VERBS.delete, VERBS.restore, VERBS.purge, VERBS.purge_old
