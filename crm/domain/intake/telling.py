"""What is held waits for a person, who is told: once until they have looked, however much comes in."""

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import Select, or_, select

from crm.domain.intake.models import IntakeEntry, IntakeForm
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.notifications.models import Notification
from crm.domain.notifications.queries import names_of
from crm.domain.people.queries import administrators
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.permissions import Permission

FORMS = IntakeForm.__tablename__
_AGAIN = dt.timedelta(hours=1)  # for whoever is told by mail alone, and so never looks


def tell_of_held(form: IntakeForm, entry: IntakeEntry) -> None:
    """Everybody who may decide about it and has not been told of this form's held ones yet."""
    people = administrators()
    wanted = sorted(set(people) - set(db.session.scalars(_told(form, people))))
    notify(Kind.HELD, [News(each, FORMS, form.id, f"{form.id}:{entry.reference}") for each in wanted])


def _told(form: IntakeForm, people: Collection[int]) -> Select[int]:
    """Which of these few; theirs are found by the index, as robots must not make us look through everybody's."""
    return select(Notification.person_id).where(
        Notification.person_id.in_(people),
        Notification.kind == Kind.HELD,
        Notification.subject_type == FORMS,
        Notification.subject_id == form.id,
        or_(
            Notification.read_at.is_(None) & Notification.in_page,
            Notification.created_at > clock.now() - _AGAIN,
        ),
    )


def _named(actor: Actor, ids: Collection[int]) -> Mapping[int, str]:
    """For whoever may still decide about what they hold."""
    if not actor.may(Permission.SYSTEM_ADMINISTER):
        return {}
    return {each.id: each.name for each in db.session.scalars(select(IntakeForm).where(IntakeForm.id.in_(ids)))}


names_of[FORMS] = _named
