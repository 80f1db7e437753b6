"""What waits for a digest, gathered into one mail when its time has come."""

from sqlalchemy import select, update

from crm.domain.mail.actions import To, post
from crm.domain.mail.made import OfNotifications
from crm.domain.notifications.actions import MOST_IN_ONE
from crm.domain.notifications.models import DIGEST, NEVER, Notification
from crm.domain.notifications.preferences import wishes_of
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import NOBODY

_WAITING = Notification.by_mail == DIGEST, Notification.mail_id.is_(None)


def next_waiting(after: int) -> int | None:
    """The next person, by id, for whom something waits. By ix_notifications_digest."""
    waiting = select(Notification.person_id).where(*_WAITING, Notification.person_id > after)
    return db.session.scalar(waiting.order_by(Notification.person_id).limit(1))


def gather(person_id: int) -> bool:
    """Post the person's digest, if its time has come, and take what is in it; True where there is one.

    What came after the moment of the digest waits for the next. Nothing is in two.
    """
    moment = wishes_of([person_id])[person_id].last_digest(clock.now())
    if moment is None:  # they want none any more
        theirs = update(Notification).where(*_WAITING, Notification.person_id == person_id).values(by_mail=NEVER)
        db.session.execute(theirs)
        return False
    due = select(Notification.id).where(*_WAITING, Notification.person_id == person_id)
    due = due.where(Notification.created_at <= moment).order_by(Notification.id).limit(MOST_IN_ONE)
    ids = list(db.session.scalars(due.with_for_update(skip_locked=True)))
    if not ids:
        return False
    made = OfNotifications(ids, digest=True)
    mail_id = post(NOBODY, To(person_id), made, key=f"digest:{person_id}:{ids[0]}")
    db.session.execute(update(Notification).where(Notification.id.in_(ids)).values(mail_id=mail_id))
    return True
