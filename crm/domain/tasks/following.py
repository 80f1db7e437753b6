"""A follow-up with all that comes of it, in one transaction: its files, the task of its next step, whom it tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from crm.domain.attachments.actions import Checked, attach, remove_with
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.models import Person
from crm.domain.people.policy import actor_of
from crm.domain.tasks import actions
from crm.domain.timeline.actions import add_follow_up, delete_follow_up
from crm.domain.timeline.models import FollowUp
from crm.infra.db import db
from crm.infra.storage import Storage
from crm.kernel.access import Actor
from crm.kernel.permissions import Action, permission

_MAY_CREATE = permission("tasks", Action.CREATE)


@dataclass(frozen=True)
class Outcome:
    follow_up: FollowUp
    task_id: int | None  # of the next step
    untold: Sequence[str]  # names of those who may not see the record, and so were not told


def write(  # noqa: PLR0913 - all that a follow-up is made of
    actor: Actor,
    subject: Any,
    values: Mapping[str, Any],
    *,
    tell: Sequence[int] = (),
    files: Sequence[Checked] = (),
    storage: Storage | None = None,
) -> Outcome:
    """`values` by field key, as read by EDITED; `tell` are ids of people."""
    told, untold = _who_may_see(subject, tell)
    also: dict[str, Any] = {"told": [each.name for each in told], "files": [each.name for each in files]}
    told_ids = {"told": [each.id for each in told]} if told else {}
    follow_up = add_follow_up(actor, subject, {**values, **told_ids}, {key: each for key, each in also.items() if each})
    if files:
        assert storage is not None
        attach(actor, follow_up, files, storage)
    place = (subject.__tablename__, subject.id, str(follow_up.id))
    notify(Kind.MENTIONED, [News(each.id, *place) for each in told if each.id != actor.id], by=actor)
    return Outcome(follow_up, _task_of_next_step(actor, subject, values), [each.name for each in untold])


def unwrite(actor: Actor, subject: Any, follow_up: FollowUp) -> None:
    """With its files. The task it made stays: it may be half done."""
    delete_follow_up(actor, subject, follow_up)
    remove_with(follow_up)


def _task_of_next_step(actor: Actor, subject: Any, values: Mapping[str, Any]) -> int | None:
    """The author's own; where they have no tasks the date stays on the record alone."""
    if not values.get("next_on") or not actor.may(_MAY_CREATE):
        return None
    wanted = {
        "name": values.get("next_step") or subject.name,
        "due": values["next_on"],
        "about": f"{subject.__tablename__}:{subject.id}",
        "remind": "0",
    }
    open_fields = actions.VERBS.open_fields(actor)
    return actions.create(actor, {key: value for key, value in wanted.items() if key in open_fields})


def _who_may_see(subject: Any, ids: Sequence[int]) -> tuple[list[Person], list[Person]]:
    people = db.session.scalars(select(Person).where(Person.id.in_(set(ids)), Person.active).order_by(Person.id)).all()
    may = {each.id for each in people if _sees(each, subject)}
    return [each for each in people if each.id in may], [each for each in people if each.id not in may]


def _sees(person: Person, subject: Any) -> bool:
    entity = type(subject)
    statement = entity.visible_to(actor_of(person)).where(entity.id == subject.id).with_only_columns(entity.id)
    return db.session.scalar(statement) is not None
