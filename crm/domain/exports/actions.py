"""An export from being asked for to being forgotten.

Whoever wants one says so in a Wish, which knows nothing of pages: what asks for exports at set times has to say when
and for whom, and to call `ask`.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, column, func, or_, select, table
from sqlalchemy.orm import aliased

from crm.domain.exports import rights, rows
from crm.domain.exports.events import ExportAsked, ExportStopped, ExportWritten
from crm.domain.exports.formats import FORMATS, NAMES
from crm.domain.exports.models import TICKED, Export
from crm.domain.exports.queries import asked_today
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.models import Person
from crm.domain.people.policy import known, limit_for
from crm.infra import clock
from crm.infra.db import db
from crm.infra.storage import Stored, new_key
from crm.kernel.access import Actor
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.fields import Field
from crm.kernel.records import RecordType
from crm.kernel.text import N_

AT_ONCE = 5_000  # rows that nobody waits for a worker for
KEPT = dt.timedelta(days=7)
ATTEMPTS = 4
MOST_TICKED = 1_000
NOTHING_TICKED = N_("No row is ticked: go back to the list and tick some, or export all of it.")
_TOO_MANY = N_(
    "Your roles allow %(most)s rows in one export, and these are more. Narrow the list, by a period for example."
)


@dataclass(frozen=True)
class Wish:
    type_key: str
    query: Query
    fields: Sequence[str]  # keys, in order
    names: str
    format: str
    ticked: Sequence[int] | None = None  # ids: only these, whatever else the list shows


@dataclass(frozen=True)
class Work:
    """What a file is written from: whose eyes, which records, which of their fields."""

    export: Export
    actor: Actor
    type: RecordType
    fields: Sequence[Field]

    @property
    def asked(self) -> rows.Asked:
        return rows.Asked(self.export.query, self.export.ticked)


def ask(actor: Actor, wish: Wish) -> Export:
    """Raises Invalid or RuleBroken with a sentence. What is short (`at_once`) the caller writes, else a worker does."""
    type_ = rights.type_for(actor, wish.type_key)
    fields = rights.columns_for(type_, wish.fields)
    if wish.format not in FORMATS or wish.names not in NAMES:
        raise Invalid(N_("Choose one of the kinds of file on this page."))
    _refuse_too_often(actor, type_)
    asked = _asked(actor, type_, wish)
    ticked = [] if asked.ticked is None else [[TICKED, ",".join(map(str, asked.ticked))]]
    export = Export(
        owner_id=actor.id,
        record_type=type_.key,
        asked=[*(list(each) for each in asked.query.to_args()), *ticked],
        fields=[each.key for each in fields],
        names=wish.names,
        format=wish.format,
    )
    most = limit_for(actor, type_.may_export, "export_rows")
    export.total = rows.count(actor, type_, asked, max(AT_ONCE, most or 0))
    _refuse_too_many(most, export.total)
    if export.total is not None and export.total > AT_ONCE:
        export.total = None  # counted up to here only
    db.session.add(export)
    db.session.flush()
    db.session.refresh(export)
    if not at_once(export):
        record(actor, export, ExportAsked(type_.key, export.fields, _conditions(export), export.format))
    return export


def _asked(actor: Actor, type_: RecordType, wish: Wish) -> rows.Asked:
    query = type_.list.sealed(actor, wish.query).but(columns=())
    if wish.ticked is None:
        return rows.Asked(query)
    if not wish.ticked:
        raise Invalid(NOTHING_TICKED)
    if len(wish.ticked) > MOST_TICKED:
        raise Invalid(
            N_("At most %(most)s ticked rows are exported at once: narrow the list instead."), most=MOST_TICKED
        )
    return rows.Asked(Query(sort=query.sort), tuple(dict.fromkeys(wish.ticked)))


def _conditions(export: Export) -> list[str]:
    return [f"{key}={value}" for key, value in export.asked]


def at_once(export: Export) -> bool:
    return export.total is not None


def _refuse_too_often(actor: Actor, type_: RecordType) -> None:
    most = limit_for(actor, type_.may_export, "exports_a_day")
    if most is None:
        return
    db.session.execute(select(Person.id).where(Person.id == actor.id).with_for_update(key_share=True))  # one at a time
    if asked_today(actor) >= most:
        raise RuleBroken(N_("Your roles allow %(most)s exports a day, and today there were as many."), most=most)


def _refuse_too_many(most: int | None, count: int | None) -> None:
    if most is not None and count is not None and count > most:
        raise RuleBroken(_TOO_MANY, most=most)


def taken_up(export: Export) -> None:
    """A worker begins it, from the beginning. Where it keeps the file is written down before there is one: whatever
    becomes of the worker, the next one finds it."""
    export.attempts, export.written = export.attempts + 1, 0
    export.draft_key = new_key(f".{FORMATS[export.format].suffix}")
    if export.attempts > ATTEMPTS:
        raise RuleBroken(N_("It was tried %(count)s times and got no further."), count=ATTEMPTS)


def put_back(export: Export) -> None:
    """The worker was asked to end, which is nobody's failure."""
    export.attempts, export.draft_key = export.attempts - 1, None


def owner_of(export: Export) -> tuple[Person, Actor]:
    """For whom it is written, with the rights they have now."""
    found = known(export.owner_id)
    if found is None or not found[0].active:
        raise RuleBroken(N_("The account it runs for was switched off."))
    return found.person, found.actor


def work_on(export: Export, actor: Actor) -> Work:
    """With the rights of now: what is hidden meanwhile is left out, what is masked meanwhile is masked."""
    type_ = rights.type_for(actor, export.record_type)
    known = rights.columns_of(type_)
    fields = [known[key] for key in export.fields if key in known]
    if not fields:
        raise RuleBroken(N_("None of the fields you chose is open to you any more."))
    return Work(export, actor, type_, fields)


def counted(work: Work) -> int:
    """How many rows it will have; RuleBroken where that is more than is allowed."""
    count = rows.whole_count(work.actor, work.type, work.asked)
    _refuse_too_many(limit_for(work.actor, work.type.may_export, "export_rows"), count)
    return count


def finish(work: Work, stored: Stored, written: int, asked: Sequence[str]) -> None:
    """`asked` is what the list was narrowed by, in words for the log."""
    export, keys = work.export, [each.key for each in work.fields]
    export.rights = rights.kept(work.actor, work.type.key, work.fields)
    export.storage_key, export.draft_key = stored.key, None
    export.size, export.finished_at = stored.size, clock.now()
    export.total = export.written = written
    fact = ExportWritten(work.type.key, keys, _conditions(export), list(asked), export.format, written, stored.size)
    record(work.actor, export, fact)


def stop(export: Export, problem: RuleBroken) -> None:
    export.problem = {"message": problem.message, "params": problem.params}
    export.finished_at, export.draft_key = clock.now(), None
    record(Actor(export.owner_id), export, ExportStopped(str(problem)))


def tell(export: Export) -> None:
    """Whoever waited for a worker."""
    came = Kind.EXPORTED if export.regular_id is None else Kind.EXPORTED_REGULARLY
    kind = Kind.NOT_EXPORTED if export.problem else came
    notify(kind, [News(export.owner_id, "exports", export.id, key=str(export.id))])


def _one_too_many() -> ColumnElement[bool]:
    """Of a regular export, beyond those that are kept; or of one that is removed, when it is old."""
    newer = aliased(Export)
    same = (newer.regular_id == Export.regular_id) & newer.storage_key.is_not(None) & (newer.id > Export.id)
    count = select(func.count()).where(same).correlate(Export).scalar_subquery()
    kept = select(_REGULAR.c.kept).where(_REGULAR.c.id == Export.regular_id, _REGULAR.c.deleted_at.is_(None))
    old = Export.finished_at < clock.now() - KEPT
    wanted = kept.correlate(Export).scalar_subquery()
    return Export.regular_id.is_not(None) & or_(count >= wanted, wanted.is_(None) & old)


_REGULAR = table("regular_exports", column("id"), column("kept"), column("deleted_at"))


def forget_next() -> str | None:
    """Forget one file that is old enough, and return its key; None when none is due."""
    old = (Export.finished_at < clock.now() - KEPT) & Export.regular_id.is_(None)
    found = select(Export).where(Export.storage_key.is_not(None), or_(old, _one_too_many()))
    export = db.session.scalars(found.order_by(Export.finished_at).limit(1)).first()
    if export is None:
        return None
    key, export.storage_key = export.storage_key, None
    return key
