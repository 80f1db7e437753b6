"""Which files there are."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from crm.domain.attachments.models import Attachment
from crm.infra.db import db


def attachments_of(follow_ups: Collection[int]) -> dict[int, list[Attachment]]:
    """Follow-up → its files, in their order; the reader may see the follow-ups. By ix_attachments_follow_up."""
    if not follow_ups:
        return {}
    wanted = select(Attachment).where(Attachment.follow_up_id.in_(follow_ups), Attachment.removed_at.is_(None))
    found: dict[int, list[Attachment]] = {}
    for each in db.session.scalars(wanted.order_by(Attachment.id)):
        found.setdefault(each.follow_up_id, []).append(each)
    return found


def attachment_of(subject: Any, attachment_id: int) -> Select[Attachment]:
    """`subject` must have been fetched through visible_to."""
    return select(Attachment).where(
        Attachment.id == attachment_id,
        Attachment.subject_type == subject.__tablename__,
        Attachment.subject_id == subject.id,
        Attachment.removed_at.is_(None),
    )


def doomed(limit: int) -> list[Attachment]:
    """Some whose files are to be forgotten, locked."""
    wanted = select(Attachment).where(Attachment.removed_at.is_not(None)).order_by(Attachment.removed_at).limit(limit)
    return list(db.session.scalars(wanted.with_for_update(skip_locked=True)))
