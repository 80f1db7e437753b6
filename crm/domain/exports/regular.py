"""Exports that come by themselves: a wish that is asked again every day, week or month, with the rights of that moment.

Each due moment becomes one ordinary export, whatever becomes of the worker: asking for it and moving on to the next
moment are one transaction. What was missed while nothing ran is made up for once.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Identity, Index, SmallInteger, Text, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.exports import rights
from crm.domain.exports.actions import Wish, ask
from crm.domain.exports.events import RegularExportMade, RegularExportPaused, RegularExportRemoved
from crm.domain.exports.formats import FORMATS, NAMES
from crm.domain.exports.models import Export
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.notifications.queries import names_of
from crm.domain.people.policy import known
from crm.infra import clock
from crm.infra.db import Model, db
from crm.kernel.access import Actor
from crm.kernel.asking import Query
from crm.kernel.company import company
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_, clean

DAY, WEEK, MONTH = "day", "week", "month"
EVERY = {DAY: N_("Every day"), WEEK: N_("Every week"), MONTH: N_("Every month")}
MOST = 20  # of one person
MOST_KEPT = 30
LONGEST = 100
FAILURES = 3  # in a row, after which it pauses
_LAST_DAY = 28  # that every month has


class RegularExport(Model):
    """`asked`, `fields`, `names`, `format` as of Export; the last `kept` files stay."""

    __tablename__ = "regular_exports"
    __table_args__ = (
        Index("ix_regular_exports_due", "next_at", postgresql_where=text("deleted_at IS NULL AND NOT paused")),
        Index("ix_regular_exports_own", "owner_id", postgresql_where=text("deleted_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    owner_id: Mapped[int]
    name: Mapped[str]
    record_type: Mapped[str]
    asked: Mapped[list[list[str]]] = mapped_column(JSONB)
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    names: Mapped[str]
    format: Mapped[str]
    every: Mapped[str]
    on_day: Mapped[int] = mapped_column(SmallInteger)  # of the week, Monday is 0; or of the month
    hour: Mapped[int] = mapped_column(SmallInteger)  # of the company's clock
    kept: Mapped[int] = mapped_column(SmallInteger)
    next_at: Mapped[dt.datetime]
    last_at: Mapped[dt.datetime | None]
    failures: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    paused: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[dt.datetime | None]

    @property
    def wish(self) -> Wish:
        query = Query.from_args((key, value) for key, value in self.asked)
        return Wish(self.record_type, query, self.fields, self.names, self.format)


def next_time(every: str, on_day: int, hour: int, after: dt.datetime) -> dt.datetime:
    """The first such moment after another. An hour that a clock leaves out is the one it goes on with; of one that
    comes twice the first is meant."""
    zone = ZoneInfo(company.timezone)
    day = after.astimezone(zone).date()
    while True:
        fits = every == DAY or (day.weekday() if every == WEEK else day.day) == on_day
        moment = dt.datetime.combine(day, dt.time(hour), zone).astimezone(dt.UTC)
        if fits and moment > after:
            return moment
        day += dt.timedelta(days=1)


def own(actor: Actor) -> Sequence[RegularExport]:
    mine = select(RegularExport).where(RegularExport.owner_id == actor.id, RegularExport.deleted_at.is_(None))
    return db.session.scalars(mine.order_by(RegularExport.id)).all()


def make(  # noqa: PLR0913 - one form
    actor: Actor, wish: Wish, *, name: str, every: str, on_day: int, hour: int, kept: int
) -> RegularExport:
    """Raises Invalid or RuleBroken with a sentence."""
    type_ = rights.type_for(actor, wish.type_key)
    fields = rights.columns_for(type_, wish.fields)
    if wish.ticked is not None:
        raise Invalid(N_("Ticked rows are exported once; what comes regularly is a list."))
    name = clean(name)
    if not name or len(name) > LONGEST:
        raise Invalid(N_("A name of at most %(most)s characters."), most=LONGEST)
    days = {DAY: range(1), WEEK: range(7), MONTH: range(1, _LAST_DAY + 1)}.get(every, range(0))
    if on_day not in days or hour not in range(24) or wish.format not in FORMATS or wish.names not in NAMES:
        raise Invalid(N_("Choose how often, on which day and at which hour."))
    if not 1 <= kept <= MOST_KEPT:
        raise Invalid(N_("Between 1 and %(most)s files are kept."), most=MOST_KEPT)
    if len(own(actor)) >= MOST:
        raise RuleBroken(N_("You have %(most)s regular exports already: remove one first."), most=MOST)
    query = type_.list.sealed(actor, wish.query).but(columns=())
    regular = RegularExport(
        owner_id=actor.id,
        name=name,
        record_type=type_.key,
        asked=[list(each) for each in query.to_args()],
        fields=[each.key for each in fields],
        names=wish.names,
        format=wish.format,
        every=every,
        on_day=on_day,
        hour=hour,
        kept=kept,
        next_at=next_time(every, on_day, hour, clock.now()),
    )
    db.session.add(regular)
    record(actor, regular, RegularExportMade(name, type_.key, every, regular.fields))
    return regular


def pause(actor: Actor, regular: RegularExport, *, paused: bool) -> None:
    _only_own(actor, regular)
    if regular.paused != paused:
        regular.paused, regular.failures, regular.problem = paused, 0, None
        regular.next_at = next_time(regular.every, regular.on_day, regular.hour, clock.now())
        record(actor, regular, RegularExportPaused(regular.name, paused))


def run_now(actor: Actor, regular: RegularExport) -> Export:
    """Beside its usual moments."""
    _only_own(actor, regular)
    return _asked(actor, regular)


def remove(actor: Actor, regular: RegularExport) -> None:
    """What it has written stays its week."""
    _only_own(actor, regular)
    if regular.deleted_at is None:
        regular.deleted_at = clock.now()
        record(actor, regular, RegularExportRemoved(regular.name))


def _only_own(actor: Actor, regular: RegularExport) -> None:
    if actor.id != regular.owner_id:
        raise RuleBroken(N_("Only whoever made it changes it."))


def ask_next() -> bool:
    """Ask for one whose moment has come; False where there is none. Whoever calls commits at once."""
    due = select(RegularExport).where(
        RegularExport.next_at <= clock.now(), ~RegularExport.paused, RegularExport.deleted_at.is_(None)
    )
    found = due.order_by(RegularExport.next_at).limit(1).with_for_update(skip_locked=True)
    regular = db.session.scalars(found.execution_options(populate_existing=True)).first()
    if regular is None:
        return False
    regular.last_at = clock.now()
    regular.next_at = next_time(regular.every, regular.on_day, regular.hour, clock.now())
    try:
        with db.session.begin_nested():
            _asked(_owner(regular), regular)
        regular.failures, regular.problem = 0, None
    except (Invalid, RuleBroken) as problem:
        _failed(regular, problem)
    return True


def _owner(regular: RegularExport) -> Actor:
    found = known(regular.owner_id)
    if found is None or not found[0].active:
        raise RuleBroken(N_("The account it runs for was switched off."))
    actor: Actor = found.actor
    return actor


def _asked(actor: Actor, regular: RegularExport) -> Export:
    export = ask(actor, regular.wish)
    export.regular_id, export.total = regular.id, None  # a worker writes it, however short it is
    return export


def _failed(regular: RegularExport, problem: Invalid | RuleBroken) -> None:
    regular.failures += 1
    regular.problem = {"message": problem.message, "params": problem.params}
    regular.paused = regular.failures >= FAILURES
    moment = f"{regular.id}:{regular.last_at}"
    notify(Kind.NOT_EXPORTED, [News(regular.owner_id, RegularExport.__tablename__, regular.id, moment)])


def _named(actor: Actor, ids: Collection[int]) -> Mapping[int, str]:
    return {each.id: each.name for each in own(actor) if each.id in ids}


names_of[RegularExport.__tablename__] = _named
