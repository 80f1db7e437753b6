"""Writing on a record's timeline."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from crm.domain.timeline.events import FollowUpAdded, FollowUpChanged, FollowUpDeleted
from crm.domain.timeline.fields import FOLLOW_UP_FIELDS
from crm.domain.timeline.models import Followed, FollowUp
from crm.domain.timeline.searching import SEARCHED, searched
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.bulk import copy_rows, take_ids
from crm.kernel.errors import RuleBroken
from crm.kernel.events import plain, record, record_many
from crm.kernel.permissions import Permission
from crm.kernel.text import N_

_COPIED = ("id", "subject_type", "subject_id", "author_id", "happened_at", "created_at", "search")


def add_follow_up(actor: Actor, subject: Followed, values: Mapping[str, Any]) -> FollowUp:
    """`values` by field key, as read by FOLLOW_UP_FIELDS."""
    follow_up = FollowUp(
        subject_type=subject.__tablename__,
        subject_id=subject.id,
        author_id=actor.id,
        happened_at=clock.now(),
        search=searched(values),
        **values,
    )
    db.session.add(follow_up)
    db.session.flush()
    record(actor, subject, FollowUpAdded(follow_up.id, dict(values)))
    _touch(subject)
    return follow_up


@dataclass(frozen=True)
class Dealing:
    """A follow-up of any time and author; `values` by field key, as read by FOLLOW_UP_FIELDS."""

    subject_id: int
    author_id: int | None
    happened_at: dt.datetime
    values: Mapping[str, Any]


def add_follow_ups(actor: Actor, entity: Any, dealings: Sequence[Dealing]) -> list[int]:
    """Write down what happened before, with subjects of type `entity`; ids in the order of `dealings`."""
    subjects = {each.subject_id for each in dealings}
    _only_visible(actor, entity, subjects)
    if {each.author_id for each in dealings} - {actor.id} and not actor.may(Permission.CUSTOMERS_ASSIGN):
        raise RuleBroken(N_("You may not write follow-ups in someone else's name."))
    ids, now, type_ = take_ids("follow_ups", len(dealings)), clock.now(), entity.__tablename__
    keys = [each.key for each in FOLLOW_UP_FIELDS]
    copy_rows(
        "follow_ups",
        (*_COPIED, *keys),
        (
            (id_, type_, each.subject_id, each.author_id, each.happened_at, now, searched(each.values))
            + tuple(map(each.values.get, keys))
            for id_, each in zip(ids, dealings, strict=True)
        ),
    )
    facts = [(each.subject_id, FollowUpAdded(id_, dict(each.values))) for id_, each in zip(ids, dealings, strict=True)]
    record_many(actor, type_, facts)
    _touch_many(entity, subjects)
    return ids


def change_follow_up(actor: Actor, subject: Followed, follow_up: FollowUp, values: Mapping[str, Any]) -> bool:
    """False: nothing differed."""
    _only_own(actor, follow_up)
    changes = {
        key: [plain(getattr(follow_up, key)), plain(value)]
        for key, value in values.items()
        if getattr(follow_up, key) != value
    }
    if not changes:
        return False
    for key in changes:
        setattr(follow_up, key, values[key])
    if not changes.keys().isdisjoint(SEARCHED):
        follow_up.search = searched({key: getattr(follow_up, key) for key in SEARCHED})
    follow_up.edited_at = clock.now()
    record(actor, subject, FollowUpChanged(follow_up.id, changes))
    _touch(subject)
    return True


def delete_follow_up(actor: Actor, subject: Followed, follow_up: FollowUp) -> None:
    _only_own(actor, follow_up)
    if follow_up.deleted_at:
        return
    follow_up.deleted_at = clock.now()
    kept = {each.key: getattr(follow_up, each.key) for each in FOLLOW_UP_FIELDS}
    record(actor, subject, FollowUpDeleted(follow_up.id, kept))
    _touch(subject)


def _only_visible(actor: Actor, entity: Any, ids: Collection[int]) -> None:
    found = select(func.count()).select_from(entity.visible_to(actor).where(entity.id.in_(ids)).subquery())
    if db.session.scalar(found) != len(ids):
        raise RuleBroken(N_("Some of these follow-ups belong to records that are not there."))


def _only_own(actor: Actor, follow_up: FollowUp) -> None:
    if follow_up.author_id != actor.id:
        raise RuleBroken(N_("Only the person who wrote a follow-up can change or delete it."))


def _touch(subject: Followed) -> None:
    """The subject keeps when it was last followed up and when it should be next."""
    db.session.flush()
    last, following = db.session.execute(
        select(
            func.max(FollowUp.happened_at),
            func.min(FollowUp.next_on).filter(FollowUp.next_on >= func.current_date()),
        ).where(
            FollowUp.subject_type == subject.__tablename__,
            FollowUp.subject_id == subject.id,
            FollowUp.deleted_at.is_(None),
        )
    ).one()
    subject.last_follow_up_at = last
    subject.next_follow_up_on = following or _newest_next(subject)


def _newest_next(subject: Followed) -> Any:
    """No date ahead: the newest one promised, so that an overdue step stays in sight."""
    return db.session.scalar(
        select(FollowUp.next_on)
        .where(
            FollowUp.subject_type == subject.__tablename__,
            FollowUp.subject_id == subject.id,
            FollowUp.deleted_at.is_(None),
            FollowUp.next_on.is_not(None),
        )
        .order_by(FollowUp.happened_at.desc(), FollowUp.id.desc())
        .limit(1)
    )


def _touch_many(entity: Any, ids: Collection[int]) -> None:
    """`_touch` for any number of subjects, in one statement."""
    newest = aggregate_order_by(FollowUp.next_on, FollowUp.happened_at.desc(), FollowUp.id.desc())
    ahead = func.min(FollowUp.next_on).filter(FollowUp.next_on >= func.current_date())
    latest = (
        select(
            FollowUp.subject_id,
            func.max(FollowUp.happened_at).label("last"),
            func.coalesce(ahead, func.array_agg(newest).filter(FollowUp.next_on.is_not(None))[1]).label("following"),
        )
        .where(
            FollowUp.subject_type == entity.__tablename__,
            FollowUp.subject_id.in_(ids),
            FollowUp.deleted_at.is_(None),
        )
        .group_by(FollowUp.subject_id)
        .subquery()
    )
    db.session.execute(
        update(entity)
        .where(entity.id == latest.c.subject_id)
        .values(last_follow_up_at=latest.c.last, next_follow_up_on=latest.c.following)
        .execution_options(scoped=True, synchronize_session=False)
    )
