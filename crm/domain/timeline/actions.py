"""Writing on a record's timeline."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, null, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from crm.domain.timeline.events import FollowUpAdded, FollowUpChanged, FollowUpDeleted
from crm.domain.timeline.fields import FOLLOW_UP_FIELDS, PRESENT
from crm.domain.timeline.models import Followed, FollowUp, customer_of
from crm.domain.timeline.searching import SEARCHED, searched
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.bulk import copy_rows, take_ids
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import plain, record, record_many
from crm.kernel.permissions import Action, Permission, permission
from crm.kernel.text import N_

_DEALT = (*FOLLOW_UP_FIELDS, PRESENT)
_COPIED = ("id", "subject_type", "subject_id", "customer_id", "author_id", "happened_at", "created_at", "search")


_TO_COME = N_("A follow-up tells of what has happened: write down what is to come as the next step.")
_AGREE = dt.timedelta(minutes=10)  # what two clocks may differ by


def add_follow_up(
    actor: Actor, subject: Followed, values: Mapping[str, Any], also: Mapping[str, Any] | None = None
) -> FollowUp:
    """`values` by field key, as read by EDITED, and `told`; `also` is what the log is to know besides."""
    values = {key: value for key, value in values.items() if key != "happened_at" or value is not None}
    check_moment(values)
    _hold(subject)
    moment = {"happened_at": clock.now()}
    place = {"subject_type": subject.__tablename__, "subject_id": subject.id, "customer_id": customer_of(subject)}
    values = {"search": searched(values), **values}
    follow_up = FollowUp(**place, author_id=actor.id, **(moment | values))
    db.session.add(follow_up)
    db.session.flush()
    record(actor, subject, FollowUpAdded(follow_up.id, {**values, **(also or {})}))
    _touch(subject, follow_up)
    return follow_up


@dataclass(frozen=True)
class Dealing:
    """A follow-up of any time and author; `values` by field key, as read by FOLLOW_UP_FIELDS and PRESENT."""

    subject_id: int
    author_id: int | None
    happened_at: dt.datetime
    values: Mapping[str, Any]
    line: int | None = None  # of the file that brought it


def add_follow_ups(
    actor: Actor, entity: Any, dealings: Sequence[Dealing], *, import_id: int | None = None
) -> list[int]:
    """Write down what happened before, with subjects of type `entity`; ids in the order of `dealings`."""
    type_, now = entity.__tablename__, clock.now()
    customers = _customers(actor, entity, {each.subject_id for each in dealings})
    if {each.author_id for each in dealings} - {actor.id} and not actor.may(permission(type_, Action.ASSIGN)):
        raise RuleBroken(N_("You may not write follow-ups in someone else's name."))
    ids = take_ids("follow_ups", len(dealings))
    keys = [each.key for each in _DEALT]
    copy_rows(
        "follow_ups",
        (*_COPIED, *keys),
        (
            (id_, type_, on, customers[on], each.author_id, each.happened_at, now, searched(each.values))
            + tuple(map(each.values.get, keys))
            for id_, each in zip(ids, dealings, strict=True)
            for on in (each.subject_id,)
        ),
    )
    record_many(
        actor,
        type_,
        [(each.subject_id, _added(id_, each, import_id)) for id_, each in zip(ids, dealings, strict=True)],
    )
    touch_all({(type_, each) for each in customers} | _gathering(customers.values()))
    return ids


def _added(id_: int, said: Dealing, import_id: int | None) -> FollowUpAdded:
    return FollowUpAdded(id_, dict(said.values), said.author_id, said.happened_at, import_id, said.line)


def change_follow_up(actor: Actor, subject: Followed, follow_up: FollowUp, values: Mapping[str, Any]) -> bool:
    """False: nothing differed."""
    _only_own(actor, follow_up)
    if values.get("happened_at") is None or values["happened_at"] == follow_up.happened_at.replace(
        second=0, microsecond=0
    ):  # a form knows minutes only
        values = {key: value for key, value in values.items() if key != "happened_at"}
    check_moment(values)
    changes = {
        key: [plain(getattr(follow_up, key)), plain(value)]
        for key, value in values.items()
        if getattr(follow_up, key) != value
    }
    if not changes:
        return False
    _hold(subject, follow_up)
    for key in changes:
        setattr(follow_up, key, values[key])
    if not changes.keys().isdisjoint(SEARCHED):
        follow_up.search = searched({key: getattr(follow_up, key) for key in SEARCHED})
    follow_up.edited_at = clock.now()
    record(actor, subject, FollowUpChanged(follow_up.id, changes))
    _touch(subject, follow_up)
    return True


def delete_follow_up(actor: Actor, subject: Followed, follow_up: FollowUp) -> None:
    _only_own(actor, follow_up)
    if follow_up.deleted_at:
        return
    _hold(subject, follow_up)
    follow_up.deleted_at = clock.now()
    record(actor, subject, deleted_fact(follow_up))
    _touch(subject, follow_up)


def deleted_fact(follow_up: FollowUp, import_id: int | None = None) -> FollowUpDeleted:
    """With an import where that one was undone."""
    return FollowUpDeleted(follow_up.id, _kept(follow_up), import_id)


def restored_fact(follow_up: FollowUp, import_id: int) -> FollowUpAdded:
    """It is there again, since its import was made again."""
    return FollowUpAdded(follow_up.id, _kept(follow_up), follow_up.author_id, follow_up.happened_at, import_id)


def _kept(follow_up: FollowUp) -> dict[str, Any]:
    return {each.key: getattr(follow_up, each.key) for each in FOLLOW_UP_FIELDS}


def belong_to(subject: Followed, customer_id: int | None) -> None:
    """All that was said of the subject stands on the timeline of this customer from now on, or of none."""
    of = FollowUp.subject_type == subject.__tablename__, FollowUp.subject_id == subject.id
    before = db.session.scalars(select(FollowUp.customer_id).where(*of).distinct()).all()
    moved = update(FollowUp).where(*of).values(customer_id=customer_id)
    db.session.execute(moved.execution_options(synchronize_session=False))
    touch_all(_gathering({*before, customer_id}))


def _customers(actor: Actor, entity: Any, ids: Collection[int]) -> dict[int, int | None]:
    """Subject → the customer it belongs to; each must be there for the actor, and theirs to follow up."""
    of = entity.id if entity.gathers else getattr(entity, "customer_id", null())
    columns = (entity.id, entity.owner_id, entity.department_id, of.label("customer"))
    there = entity.visible_to(actor).where(entity.id.in_(ids)).with_only_columns(*columns)
    found: Sequence[Any] = db.session.execute(there).all()
    if len(found) != len(ids):
        raise RuleBroken(N_("Some of these follow-ups belong to records that are not there."))
    if not all(actor.holds(row, Permission.FOLLOW_UPS_WRITE) for row in found):
        raise RuleBroken(N_("Some of these follow-ups belong to records that you may not follow up."))
    return {row.id: row.customer for row in found}


def check_moment(values: Mapping[str, Any]) -> None:
    if values.get("happened_at") and values["happened_at"] > clock.now() + _AGREE:
        raise Invalid(_TO_COME, key="happened_at")


def _only_own(actor: Actor, follow_up: FollowUp) -> None:
    if follow_up.author_id != actor.id:
        raise RuleBroken(N_("Only the person who wrote a follow-up can change or delete it."))


def _hold(subject: Any, follow_up: FollowUp | None = None) -> None:
    """First the record, then what is said of it, and last its customer: so does whoever has the record in hand, and so
    no two wait for each other for ever. What goes along with its customer comes after it. A merge that was waited for
    has given both to another customer."""
    entity, id_ = type(subject), subject.id
    if entity.goes_along and subject.customer_id is not None:
        ((key, id_),) = _gathering([subject.customer_id])
        entity = Followed.known[key]
    first = select(entity).where(entity.id == id_).with_for_update(key_share=True)
    db.session.scalars(first.execution_options(scoped=True, populate_existing=True)).first()
    if entity is not type(subject):
        db.session.refresh(subject, ("customer_id",))
    if follow_up is not None:
        db.session.refresh(follow_up, ("customer_id",))


def _touch(subject: Followed, follow_up: FollowUp) -> None:
    """The subject, and the customer it belonged to then, keep when they were last followed up and should be next."""
    db.session.flush()
    touch_all({(subject.__tablename__, subject.id)} | _gathering([follow_up.customer_id]))
    db.session.refresh(subject, ("last_follow_up_at", "next_follow_up_on"))


def _gathering(customers: Iterable[int | None]) -> set[tuple[str, int]]:
    keys = [key for key, entity in Followed.known.items() if entity.gathers]
    return {(key, each) for key in keys for each in customers if each is not None}


def touch_all(subjects: Collection[tuple[str, int]]) -> None:
    for key in sorted({type_ for type_, _ in subjects}, key=_in_turn):
        _touch_many(Followed.known[key], sorted(id_ for type_, id_ in subjects if type_ == key))


def _in_turn(key: str) -> tuple[bool, bool, str]:
    """Always in one order, so that no two wait for each other: as _hold has it."""
    return Followed.known[key].goes_along, Followed.known[key].gathers, key


def _touch_many(entity: Any, ids: Sequence[int]) -> None:
    """Of no date ahead the newest one promised, so that an overdue step stays in sight."""
    newest = aggregate_order_by(FollowUp.next_on, FollowUp.happened_at.desc(), FollowUp.id.desc())
    ahead = func.min(FollowUp.next_on).filter(FollowUp.next_on >= func.current_date())
    about = FollowUp.customer_id if entity.gathers else FollowUp.subject_id
    of = [] if entity.gathers else [FollowUp.subject_type == entity.__tablename__]
    latest = (
        select(
            about.label("about"),
            func.max(FollowUp.happened_at).label("last"),
            func.coalesce(ahead, func.array_agg(newest).filter(FollowUp.next_on.is_not(None))[1]).label("following"),
        )
        .where(*of, about.in_(ids), FollowUp.deleted_at.is_(None))
        .group_by(about)
        .subquery()
    )
    if len(ids) > 1:
        mine = select(entity.id).where(entity.id.in_(ids)).order_by(entity.id).with_for_update(key_share=True)
        db.session.execute(mine.execution_options(scoped=True))
    of_each = select(entity.id, latest.c.last, latest.c.following).where(entity.id.in_(ids))
    asked = of_each.outerjoin(latest, latest.c.about == entity.id).execution_options(scoped=True).subquery()
    db.session.execute(
        update(entity)
        .where(entity.id == asked.c.id)
        .values(last_follow_up_at=asked.c.last, next_follow_up_on=asked.c.following)
        .execution_options(scoped=True, synchronize_session=False)
    )
