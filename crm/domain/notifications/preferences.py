"""How somebody wants to be told: in the page, by mail at once or with others, and when not."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm.domain.notifications.events import NotificationPreferencesChanged
from crm.domain.notifications.kinds import Kind
from crm.domain.notifications.models import DIGEST, NEVER, ONCE, Preferences
from crm.domain.people.models import Person
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.errors import Invalid
from crm.kernel.events import record
from crm.kernel.text import N_

DAILY, WEEKLY, NONE = "daily", "weekly", "none"


@dataclass(frozen=True)
class Ways:
    """`by_mail` is ONCE, DIGEST or NEVER."""

    in_page: bool = True
    by_mail: str = ONCE


# At once what somebody waits for, with others what can wait, in the page alone what they are there for anyway.
USUAL: Mapping[Kind, Ways] = {
    Kind.MENTIONED: Ways(),
    Kind.ASSIGNED: Ways(),
    Kind.DUE: Ways(),
    Kind.BIRTHDAY: Ways(by_mail=DIGEST),
    Kind.POOL_NEAR: Ways(by_mail=DIGEST),
    Kind.POOLED: Ways(by_mail=DIGEST),
    Kind.ACCESS_ASKED: Ways(),
    Kind.ACCESS_GRANTED: Ways(),
    Kind.ACCESS_WANTED: Ways(),
    Kind.ACCESS_DECIDED: Ways(),
    Kind.NEEDS_SALES: Ways(),
    Kind.SALES_DONE: Ways(),
    Kind.TICKET_NEWS: Ways(by_mail=DIGEST),
    Kind.SLA_NEAR: Ways(by_mail=NEVER),
    Kind.SLA_LATE: Ways(),
    Kind.LOW_RATING: Ways(),
    Kind.CAME_IN: Ways(),
    Kind.HELD: Ways(by_mail=DIGEST),
    Kind.VERIFY: Ways(),
    Kind.EXPORTED: Ways(by_mail=NEVER),
    Kind.EXPORTED_REGULARLY: Ways(),
    Kind.NOT_EXPORTED: Ways(by_mail=NEVER),
    Kind.NOT_SAVED: Ways(),
    Kind.QUALITY: Ways(by_mail=DIGEST),
    Kind.AUTOMATED: Ways(),
    Kind.AUTOMATED_DIGEST: Ways(by_mail=DIGEST),
    Kind.SYSTEM_TROUBLE: Ways(),
    Kind.SYSTEM_WELL: Ways(by_mail=DIGEST),
    Kind.SYSTEM_MONTH: Ways(),
    Kind.FEEDBACK: Ways(by_mail=DIGEST),
    Kind.FEEDBACK_ANSWERED: Ways(by_mail=DIGEST),
    Kind.MESSAGE: Ways(by_mail=DIGEST),
}


@dataclass(frozen=True)
class Wishes:
    """Times are the company's. Without quiet hours both are None."""

    kinds: Mapping[Kind, Ways] = field(default_factory=lambda: USUAL)
    quiet_from: dt.time | None = None
    quiet_to: dt.time | None = None
    digest: str = DAILY
    digest_at: dt.time = dt.time(8)

    def of(self, kind: str) -> Ways:
        """As it counts: without digests nothing waits for one."""
        ways = self.kinds.get(Kind(kind), Ways())
        return Ways(ways.in_page, NEVER) if ways.by_mail == DIGEST and self.digest == NONE else ways

    def quiet_until(self, now: dt.datetime) -> dt.datetime | None:
        """When the quiet hours end that it is within; None where it is within none."""
        if self.quiet_from is None or self.quiet_to is None:
            return None
        here = now.astimezone(_zone())
        for day in (here.date() - dt.timedelta(days=1), here.date()):
            begins = dt.datetime.combine(day, self.quiet_from, _zone())
            over_night = self.quiet_to <= self.quiet_from
            ends = dt.datetime.combine(day + dt.timedelta(days=over_night), self.quiet_to, _zone())
            if begins <= here < ends:
                return ends.astimezone(dt.UTC)
        return None

    def last_digest(self, now: dt.datetime) -> dt.datetime | None:
        """The moment of the newest digest there was to be; None where none are wanted."""
        if self.digest == NONE:
            return None
        here = now.astimezone(_zone())
        day = here.date() - dt.timedelta(days=here.time() < self.digest_at)
        if self.digest == WEEKLY:
            day = here.date() - dt.timedelta(days=here.weekday())  # Monday's
            if dt.datetime.combine(day, self.digest_at, _zone()) > here:
                day -= dt.timedelta(days=7)
        return dt.datetime.combine(day, self.digest_at, _zone()).astimezone(dt.UTC)


def _zone() -> ZoneInfo:
    return ZoneInfo(company.timezone)


def wishes_of(people: Collection[int]) -> Mapping[int, Wishes]:
    """Of each of them, in one question."""
    kept = {
        each.person_id: _wishes(each)
        for each in db.session.scalars(select(Preferences).where(Preferences.person_id.in_(set(people))))
    }
    usual = Wishes()
    return {each: kept.get(each, usual) for each in people}


def _wishes(kept: Preferences) -> Wishes:
    own = {Kind(key): Ways(*ways) for key, ways in kept.kinds.items() if key in set(Kind)}
    return Wishes({**USUAL, **own}, kept.quiet_from, kept.quiet_to, kept.digest, kept.digest_at)


def change(actor: Actor, person: Person, wishes: Wishes) -> None:
    """One's own. Invalid where they make no sense."""
    if (wishes.quiet_from is None) != (wishes.quiet_to is None):
        raise Invalid(N_("Quiet hours need both times, or none."), key="quiet_from")
    if wishes.quiet_from is not None and wishes.quiet_from == wishes.quiet_to:
        raise Invalid(N_("Quiet hours end at another time than they begin."), key="quiet_to")
    before = wishes_of([person.id])[person.id]
    if wishes == before:
        return
    kept = db.session.get(Preferences, person.id, with_for_update=True)
    if kept is None:
        db.session.add(kept := Preferences(person_id=person.id))
    kept.kinds = {str(kind): [each.in_page, each.by_mail] for kind, each in wishes.kinds.items() if each != USUAL[kind]}
    kept.quiet_from, kept.quiet_to = wishes.quiet_from, wishes.quiet_to
    kept.digest, kept.digest_at = wishes.digest, wishes.digest_at
    record(actor, person, NotificationPreferencesChanged())
