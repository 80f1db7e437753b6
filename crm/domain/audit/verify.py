"""Is the log what it was? The chain is computed anew and compared with the seals and with the anchors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select

from crm.domain.audit.anchors import Anchor
from crm.domain.audit.chain import COLUMNS, START, link
from crm.domain.audit.models import Seal, Sealing
from crm.infra.db import db
from crm.kernel.events import Event
from crm.kernel.text import N_

_BATCH = 5_000
_SPAN = 100_000  # ids looked through at once for lines without a seal

CHANGED = N_("Line %(event)s of the log was changed after it was sealed (position %(position)s).")
MISSING = N_("Line %(event)s of the log is missing (position %(position)s).")
UNSEALED = N_("Line %(event)s was put into the log past the program, or its seal was removed.")
GAP = N_("The seal at position %(position)s is missing.")
REWRITTEN = N_(
    "The log up to position %(position)s is not the one whose anchor was written at %(at)s: it was rewritten."
)
CUT = N_("The log ends at position %(last)s, but position %(position)s was anchored at %(at)s: its end was cut off.")

WHOLE = N_("All %(rows)s sealed lines are as they were sealed.")
ANCHORED = N_("%(anchors)s anchors agree, the last of %(at)s at position %(position)s.")
NO_ANCHORS = N_("There are no anchors: whoever has the whole database in hand could have rewritten all of it unseen.")
AFTER = N_("Not proven: the %(rows)s lines since the last anchor. Who controls the database could have rewritten them.")
WAITING = N_("%(rows)s lines are not sealed yet.")


Told = tuple[str, dict[str, Any]]


@dataclass
class Verdict:
    """`wrong` and `notes` are (gettext id, what fills it); the first wrong is the first broken place."""

    rows: int = 0
    wrong: list[Told] = field(default_factory=list)
    notes: list[Told] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.wrong

    def as_json(self) -> dict[str, Any]:
        return {"rows": self.rows, "wrong": self.wrong, "notes": self.notes}


def verify(anchors: Sequence[Anchor]) -> Verdict:
    """All of it in the transaction under way."""
    *_, verdict = walk(anchors)
    return verdict


def walk(anchors: Sequence[Anchor]) -> Iterator[Verdict]:
    """The verdict as it grows: each step reads some of the log, after which the caller may end its transaction.

    What has been sealed once stays as it is, so it does not matter that the steps see the log at different moments.
    """
    verdict = Verdict()
    yield from _chain(verdict, anchors)
    yield from _inserted(verdict)
    if verdict.sound:
        verdict.notes.append((WHOLE, {"rows": verdict.rows}))
    _prove(verdict, anchors)
    yield verdict


def _chain(verdict: Verdict, anchors: Sequence[Anchor]) -> Iterator[Verdict]:
    anchored, hash_ = {each.position: each for each in anchors}, START
    while rows := _links(verdict.rows):
        for position, expected, event_id, *event in rows:
            found: Told
            hash_ = link(hash_, event) if event[0] is not None else b""
            anchor = anchored.get(position)
            if position != verdict.rows + 1:
                found = (GAP, {"position": verdict.rows + 1})
            elif not hash_:
                found = (MISSING, {"event": event_id, "position": position})
            elif hash_ != expected:
                found = (CHANGED, {"event": event_id, "position": position})
            elif anchor and anchor.hash != hash_:
                found = (REWRITTEN, {"position": position, "at": _at(anchor)})
            else:
                verdict.rows = position
                continue
            verdict.wrong.append(found)
            return
        yield verdict
    _cut(verdict, anchors)


def _cut(verdict: Verdict, anchors: Sequence[Anchor]) -> None:
    beyond = next((each for each in anchors if each.position > verdict.rows), None)
    if beyond:
        told = {"last": verdict.rows, "position": beyond.position, "at": _at(beyond)}
        verdict.wrong.append((CUT, told))


def _links(after: int) -> list[Any]:
    """(position, hash, event id, the event's COLUMNS) of the seals that follow."""
    some = select(Seal.position, Seal.event_id).where(Seal.position > after).order_by(Seal.position).limit(_BATCH)
    at = some.subquery().c
    last, low, high = db.session.execute(
        select(func.max(at.position), func.min(at.event_id), func.max(at.event_id))
    ).one()
    if last is None:
        return []
    # With the ids that can be among them each month's table is asked for a range, not read whole.
    theirs = and_(Event.id == Seal.event_id, Event.id.between(low, high))
    statement = select(Seal.position, Seal.hash, Seal.event_id, *COLUMNS).join(Event, theirs, isouter=True)
    statement = statement.where(Seal.position > after, Seal.position <= last).order_by(Seal.position)
    return list(db.session.execute(statement).all())


def _without_seal(first: int, end: int | None) -> ColumnElement[bool]:
    """Of the ids from the first to before the end; said of both tables, so that neither is read whole."""
    events, seals = Event.id >= first, Seal.event_id >= first
    if end is not None:
        events, seals = events & (Event.id < end), seals & (Seal.event_id < end)
    return events & ~exists().where(Seal.event_id == Event.id, seals)


def _inserted(verdict: Verdict) -> Iterator[Verdict]:
    """Below what sealing has left behind no line may be without a seal; above, some still wait."""
    below = db.session.scalar(select(Sealing.below)) or 0
    first = db.session.scalar(select(func.min(Event.id))) or below
    for at in range(first, below, _SPAN):
        some = _without_seal(at, min(at + _SPAN, below))
        if (event_id := db.session.scalar(select(func.min(Event.id)).where(some))) is not None:
            verdict.wrong.append((UNSEALED, {"event": event_id}))
            break
        yield verdict
    waiting = select(func.count()).select_from(Event).where(_without_seal(below, None))
    if rows := db.session.scalar(waiting):
        verdict.notes.append((WAITING, {"rows": rows}))


def _prove(verdict: Verdict, anchors: Sequence[Anchor]) -> None:
    if not anchors:
        verdict.notes.append((NO_ANCHORS, {}))
        return
    last = max(anchors, key=lambda each: each.position)
    if verdict.sound:
        told = {"anchors": len(anchors), "at": _at(last), "position": last.position}
        verdict.notes.append((ANCHORED, told))
    if (rows := verdict.rows - last.position) > 0:
        verdict.notes.append((AFTER, {"rows": rows}))


def _at(anchor: Anchor) -> str:
    return anchor.at.isoformat(sep=" ", timespec="minutes")
