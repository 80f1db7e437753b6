"""Reports that are mailed at set times: each receiver has their own numbers, made with the rights they have then.

Moving on to the next moment and posting the mails are one transaction, and each mail has a key of its moment and
receiver, so that nobody has one twice. What was missed while nothing ran is made up for once.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from crm.domain.exports.regular import DAY, EVERY, MONTH, WEEK, next_time
from crm.domain.exports.rights import may_export
from crm.domain.mail.actions import Post, To, post_many
from crm.domain.mail.made import Made
from crm.domain.people.policy import known
from crm.domain.people.queries import people
from crm.domain.reports.events import ReportMailingEnded, ReportMailingMade
from crm.domain.reports.models import Report, ReportMailing
from crm.domain.reports.queries import open_to
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_

MODULE = "report_mails"
MOST, MOST_PEOPLE = 5, 30  # of one person for one report; receivers besides them
_DAYS = {DAY: range(1), WEEK: range(7), MONTH: range(1, 29)}


@dataclass(frozen=True)
class OfReport(Made):
    """A mailing as it is when it is sent."""

    kind = "report"

    report_id: int
    mailing_id: int


def may_mail(actor: Actor, type_key: str) -> bool:
    """Whatever leaves as a file takes the right to export, and this takes the modules of both as well."""
    return {MODULE, "reports"} <= set(actor.modules) and may_export(actor, type_key)


def make(  # noqa: PLR0913 - one form
    actor: Actor, report: Report, *, every: str, on_day: int, hour: int, receivers: Collection[int]
) -> ReportMailing:
    """Raises Invalid or RuleBroken with a sentence."""
    if not may_mail(actor, report.record_type):
        raise RuleBroken(N_("You may not have these records mailed. Ask an administrator if you need to."))
    if every not in EVERY or on_day not in _DAYS[every] or hour not in range(24):
        raise Invalid(N_("Choose how often, on which day and at which hour."))
    others = sorted(set(receivers) - {actor.id})
    if len(others) > MOST_PEOPLE:
        raise Invalid(N_("At most %(most)s colleagues have it by one mail."), most=MOST_PEOPLE)
    own = select(ReportMailing.id).where(ReportMailing.report_id == report.id, ReportMailing.owner_id == actor.id)
    if len(db.session.scalars(own).all()) >= MOST:
        raise RuleBroken(N_("You have this report mailed %(most)s times already: end one first."), most=MOST)
    mailing = ReportMailing(
        report_id=report.id,
        owner_id=actor.id,
        every=every,
        on_day=on_day,
        hour=hour,
        people=others,
        next_at=next_time(every, on_day, hour, clock.now()),
    )
    db.session.add(mailing)
    record(actor, report, ReportMailingMade(report.name, every, others))
    return mailing


def end(actor: Actor, mailing: ReportMailing, report: Report) -> None:
    if mailing.owner_id != actor.id:
        raise RuleBroken(N_("This mail is somebody else's."))
    record(actor, report, ReportMailingEnded(report.name))
    db.session.delete(mailing)


def send_next() -> bool:
    """What has come due, once however long nothing ran; one in a transaction. Whether there was one."""
    due = select(ReportMailing).where(ReportMailing.next_at <= clock.now()).order_by(ReportMailing.next_at)
    found = due.limit(1).with_for_update(skip_locked=True).execution_options(populate_existing=True)
    mailing = db.session.scalars(found).first()
    if mailing is None:
        return False
    moment = mailing.next_at
    mailing.next_at = next_time(mailing.every, mailing.on_day, mailing.hour, clock.now())
    owner = known(mailing.owner_id)
    if owner is None or not owner[0].active or not _may_go(owner.actor, mailing):
        return True  # whoever has left, or may not any more, asks for nothing
    post_many(
        owner.actor,
        [
            Post(To(person_id), OfReport(mailing.report_id, mailing.id), f"report:{mailing.id}:{moment}:{person_id}")
            for person_id in people([mailing.owner_id, *mailing.people])
        ],
    )
    return True


def _may_go(owner: Actor, mailing: ReportMailing) -> bool:
    report = db.session.scalars(open_to(owner).where(Report.id == mailing.report_id)).first()
    return report is not None and may_mail(owner, report.record_type)
