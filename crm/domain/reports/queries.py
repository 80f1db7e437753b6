"""Which reports there are for whom."""

from collections.abc import Sequence

from sqlalchemy import Select, or_, select

from crm.domain.registry import RECORD_TYPES
from crm.domain.reports.models import Report, ReportMailing
from crm.domain.saved_views.queries import shown_to
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.records import RecordType


def types_of(actor: Actor) -> list[RecordType]:
    """What the actor may ask about."""
    return [each for each in RECORD_TYPES.values() if actor.may(each.may_read)]


def open_to(actor: Actor) -> Select[Report]:
    """One's own, those shown to the actor and those they are mailed, of types they may read."""
    mailed = Report.id.in_(select(ReportMailing.report_id).where(ReportMailing.people.contains([actor.id])))
    shown = or_(Report.owner_id == actor.id, shown_to(actor, Report), mailed)
    return select(Report).where(shown, Report.record_type.in_([each.key for each in types_of(actor)]))


def known_to(actor: Actor) -> Sequence[Report]:
    return db.session.scalars(open_to(actor).order_by(Report.name, Report.id)).all()


def mailings_of(actor: Actor, report: Report) -> Sequence[ReportMailing]:
    """One's own."""
    own = select(ReportMailing).where(ReportMailing.report_id == report.id, ReportMailing.owner_id == actor.id)
    return db.session.scalars(own.order_by(ReportMailing.id)).all()
