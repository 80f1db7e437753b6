"""Writing on a record's timeline."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from crm.domain.timeline.events import FollowUpAdded, FollowUpChanged, FollowUpDeleted
from crm.domain.timeline.fields import FOLLOW_UP_FIELDS
from crm.domain.timeline.models import Followed, FollowUp
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.events import plain, record
from crm.kernel.text import N_


def add_follow_up(actor: Actor, subject: Followed, values: Mapping[str, Any]) -> FollowUp:
    """`values` by field key, as read by FOLLOW_UP_FIELDS."""
    follow_up = FollowUp(
        subject_type=subject.__tablename__, subject_id=subject.id, author_id=actor.id, happened_at=clock.now(), **values
    )
    db.session.add(follow_up)
    db.session.flush()
    record(actor, subject, FollowUpAdded(follow_up.id, dict(values)))
    _touch(subject)
    return follow_up


def change_follow_up(actor: Actor, subject: Followed, follow_up: FollowUp, values: Mapping[str, Any]) -> None:
    _only_own(actor, follow_up)
    changes = {
        key: [plain(getattr(follow_up, key)), plain(value)]
        for key, value in values.items()
        if getattr(follow_up, key) != value
    }
    if not changes:
        return
    for key in changes:
        setattr(follow_up, key, values[key])
    follow_up.edited_at = clock.now()
    record(actor, subject, FollowUpChanged(follow_up.id, changes))
    _touch(subject)


def delete_follow_up(actor: Actor, subject: Followed, follow_up: FollowUp) -> None:
    _only_own(actor, follow_up)
    if follow_up.deleted_at:
        return
    follow_up.deleted_at = clock.now()
    kept = {each.key: getattr(follow_up, each.key) for each in FOLLOW_UP_FIELDS}
    record(actor, subject, FollowUpDeleted(follow_up.id, kept))
    _touch(subject)


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
