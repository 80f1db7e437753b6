"""What a person has been told, as far as they may see what it is about."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from crm.domain.notifications.kinds import Kind
from crm.domain.notifications.models import Notification
from crm.domain.people.policy import told_along
from crm.domain.people.queries import names
from crm.infra.db import db, driven
from crm.kernel.access import Actor, FieldRight
from crm.kernel.shaping import link_sources

PAGE = 30
# What may be told of besides records: table → what the actor's own ids of it are called.
names_of: dict[str, Callable[[Actor, Collection[int]], Mapping[int, str]]] = {}
# What rules of automation are called, by id: whose they are, areas above know.
rules_named: list[Callable[[Collection[int]], Mapping[int, str]]] = []
MOST = 99


@dataclass(frozen=True)
class Told:
    """One notification with the name of its record; `by` is empty when nobody did it, else a person or a rule."""

    notification: Notification
    record: str
    by: str


@dataclass(frozen=True)
class Found:
    told: Sequence[Told]
    hidden: int  # of this page: about what the reader may not see (any more)
    after: int | None  # the id to go on below


UNREAD = "unread"
_UNREAD = """
    SELECT count(*) FROM (
        SELECT FROM notifications WHERE person_id = {} AND read_at IS NULL AND in_page LIMIT {}) AS waiting"""
told_along[UNREAD] = _UNREAD.format("people.id", MOST + 1)  # every page asks


def unread(actor: Actor) -> int:
    """Counted up to MOST + 1, by ix_notifications_unread."""
    return int(driven(_UNREAD.format("%(person_id)s", MOST + 1), {"person_id": actor.id}).scalar_one())


def one_of(actor: Actor, notification_id: int) -> Select[Notification]:
    return select(Notification).where(Notification.id == notification_id, Notification.person_id == actor.id)


def notifications(actor: Actor, before: int | None = None) -> Found:
    """A page of the actor's own, the newest first, by ix_notifications_newest."""
    mine = select(Notification).where(Notification.person_id == actor.id, Notification.in_page)
    if before is not None:
        mine = mine.where(Notification.id < before)
    rows = db.session.scalars(mine.order_by(Notification.id.desc()).limit(PAGE + 1)).all()
    page = rows[:PAGE]
    told = _told(actor, page)
    return Found(told, len(page) - len(told), page[-1].id if len(rows) > PAGE else None)


def not_read(actor: Actor, ids: Collection[int]) -> Sequence[Told]:
    """Of these the actor's own that they have not read and may see now, in order: for mail."""
    wanted = select(Notification).where(Notification.id.in_(ids), Notification.person_id == actor.id)
    rows = db.session.scalars(wanted.where(Notification.read_at.is_(None)).order_by(Notification.id)).all()
    return _told(actor, rows)


def _told(actor: Actor, rows: Sequence[Notification]) -> list[Told]:
    labels = _labels(actor, rows)
    people = names({each.by_id for each in rows})
    ids = {each.rule_id for each in rows if each.rule_id is not None}
    rules = rules_named[0](ids) if ids and rules_named else {}
    return [
        Told(
            each,
            labels[each.subject_type, each.subject_id],
            people.get(each.by_id or 0, "") or rules.get(each.rule_id or 0, ""),
        )
        for each in rows
        if (each.subject_type, each.subject_id) in labels and not _kept_from(actor, each)
    ]


_TELLS = {Kind.BIRTHDAY: "birthday", Kind.LOW_RATING: "rating"}  # kind → the field of which it says what stands in it


_CLOCKS = {"response": "respond_due", "solution": "solve_due"}  # what is promised → the field that says when


def _kept_from(actor: Actor, one: Notification) -> bool:
    field = _TELLS.get(Kind(one.kind))
    if one.kind in (Kind.SLA_NEAR, Kind.SLA_LATE):
        field = next((each for about, each in _CLOCKS.items() if f":{about}:" in one.key), None)
    return field is not None and actor.right_to(one.subject_type, field) < FieldRight.READ


def _labels(actor: Actor, page: Sequence[Notification]) -> dict[tuple[str, int], str]:
    """One question per type of record; what the actor may not see has no name."""
    wanted: dict[str, set[int]] = {}
    for each in page:
        wanted.setdefault(each.subject_type, set()).add(each.subject_id)
    others = {
        (type_, id_): name
        for type_, ids in wanted.items()
        if type_ in names_of
        for id_, name in names_of[type_](actor, ids).items()
    }
    return others | {
        (type_, id_): words.rpartition(" (")[0]
        for type_, ids in wanted.items()
        if type_ in link_sources
        for id_, words in link_sources[type_].labels(actor, ids).items()
    }
