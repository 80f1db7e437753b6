"""What was said of the program: one's own, and for whoever administers everybody's."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from crm.domain.feedback.models import GOOD, OPEN, PLANNED, STATUSES, Feedback
from crm.domain.notifications.queries import names_of
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.permissions import Permission

PAGE, MOST_PLACES, LONGEST_NAME = 25, 10, 60


@dataclass(frozen=True)
class Place:
    """A kind of page that is complained about: how much of it nothing has become of yet, and in which versions."""

    place: str
    count: int
    programs: Sequence[str]


def may_read_all(actor: Actor) -> bool:
    return actor.may(Permission.SYSTEM_ADMINISTER)


def readable(actor: Actor) -> Select[Feedback]:
    every = select(Feedback)
    return every if may_read_all(actor) else every.where(Feedback.person_id == actor.id)


def mine(actor: Actor, before: int | None = None) -> Sequence[Feedback]:
    """The newest first, one more than a page."""
    return _some(select(Feedback).where(Feedback.person_id == actor.id), before)


def everybodys(actor: Actor, status: str = "", before: int | None = None) -> Sequence[Feedback]:
    """The same of all that the actor may read."""
    some = readable(actor)
    return _some(some.where(Feedback.status == status) if status in STATUSES else some, before)


def _some(some: Select[Feedback], before: int | None) -> Sequence[Feedback]:
    if before is not None:
        some = some.where(Feedback.id < before)
    return db.session.scalars(some.order_by(Feedback.id.desc()).limit(PAGE + 1)).all()


def complained_about() -> list[Place]:
    """The kinds of page with most that is open or planned; praise is no complaint. By ix_feedback_status."""
    waits = Feedback.status.in_((OPEN, PLANNED)), Feedback.kind != GOOD, Feedback.place != ""
    counted = select(Feedback.place, func.count(), func.array_agg(func.distinct(Feedback.program))).where(*waits)
    most = counted.group_by(Feedback.place).order_by(func.count().desc(), Feedback.place).limit(MOST_PLACES)
    return [Place(place, count, sorted(programs)) for place, count, programs in db.session.execute(most)]


def _named(actor: Actor, ids: Collection[int]) -> Mapping[int, str]:
    found = db.session.scalars(readable(actor).where(Feedback.id.in_(ids)))
    return {each.id: " ".join(each.body.split())[:LONGEST_NAME] for each in found}


names_of[Feedback.__tablename__] = _named
