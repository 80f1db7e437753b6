"""Something happened: the fact and the work it causes, in the caller's transaction.

An Event row is the audit log and the timeline; each month's are in a table of their own. A Delivery row
is one piece of work that the event causes; it exists if and only if the event was committed.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Index, PrimaryKeyConstraint, and_, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from crm.infra import clock, json
from crm.infra.db import Model, db
from crm.kernel import listening
from crm.kernel.access import Actor
from crm.kernel.bulk import copy_rows, take_ids
from crm.kernel.contact import Phone
from crm.kernel.origin import LONGEST_REASON, Origin, because, origin
from crm.kernel.sealed import DOTS, Sealed

__all__ = ["LONGEST_REASON", "Origin", "because", "origin"]  # what those who record say besides

MAX_ATTEMPTS = 8


@dataclass(frozen=True)
class Fact:
    """The payload of an event. Subclasses are the vocabulary of the product.

    `sentence` is a gettext id whose %(places)s the payload fills; `icon` is for the timeline. `noun` is the label of
    the type it is about where several types have such a fact: it stands in the sentence as %(record)s.
    """

    name: ClassVar[str]
    sentence: ClassVar[str]
    icon: ClassVar[str] = "history"
    noun: ClassVar[str] = ""
    tells_why: ClassVar[bool] = False  # the reason stands on the timeline, not in the log alone
    tells_values: ClassVar[bool] = False  # so do its `values`, {field: value}, for whoever may read the fields
    kinds: ClassVar[dict[str, type["Fact"]]] = {}

    @classmethod
    def says(cls, payload: Mapping[str, Any]) -> str:
        """The sentence of one event; a kind that has several chooses by what the event keeps."""
        return cls.sentence

    def __init_subclass__(cls) -> None:
        if name := cls.__dict__.get("name"):
            Fact.kinds[name] = cls


class Event(Model):
    __tablename__ = "events"
    __table_args__ = (
        PrimaryKeyConstraint("occurred_at", "id"),
        Index("ix_events_id", "id"),
        Index("ix_events_timeline", "subject_type", "subject_id", "occurred_at", "id"),
        {"postgresql_partition_by": "RANGE (occurred_at)"},
    )

    id: Mapped[int] = mapped_column(autoincrement=True)  # no two are alike: one sequence gives them
    name: Mapped[str]
    actor_id: Mapped[int | None]
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    occurred_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    request_id: Mapped[str | None]
    address: Mapped[str | None]
    caused_by: Mapped[int | None]
    reason: Mapped[str | None]

    @property
    def kind(self) -> type[Fact]:
        return Fact.kinds[self.name]


class Delivery(Model):
    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_due", "run_at", postgresql_where=text("done_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]  # no foreign key: to check one, PostgreSQL needs the right to change events, which nobody has
    occurred_at: Mapped[dt.datetime]  # when the event did: says in which month's table it is
    reaction: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    done_at: Mapped[dt.datetime | None]
    error: Mapped[str | None]
    event: Mapped[Event] = relationship(
        primaryjoin=lambda: and_(
            foreign(Delivery.event_id) == Event.id, foreign(Delivery.occurred_at) == Event.occurred_at
        )
    )

    def postpone(self, error: Exception) -> None:
        self.attempts += 1
        self.error = repr(error)[:2000]
        self.run_at = func.now() + dt.timedelta(seconds=2**self.attempts)


Reaction = Callable[[Event], None]
_reactions: dict[str, tuple[type[Fact], Reaction]] = {}


def subscribe(table: Iterable[tuple[type[Fact], Reaction]]) -> None:
    """Read the (fact, reaction) table of crm/reactions.py; a fact of Fact means every fact."""
    _reactions.clear()
    for fact, reaction in table:
        _reactions[f"{reaction.__module__}.{reaction.__qualname__}"] = (fact, reaction)


def record(actor: Actor, subject: Any, fact: Fact) -> Event:
    """Write one event about `subject` and one delivery per reaction, in the transaction under way."""
    db.session.flush()  # a new subject has no id before
    came = origin.get()
    event = Event(
        name=fact.name,
        actor_id=actor.id,
        subject_type=subject.__tablename__,
        subject_id=subject.id,
        payload=payload(fact),
        occurred_at=clock.now(),
        request_id=came.request_id,
        address=came.address,
        caused_by=came.caused_by,
        reason=came.told,
    )
    db.session.add(event)
    for name in reactions_to(type(fact)):
        db.session.add(Delivery(event=event, reaction=name))
        db.session.info["poke"] = True
    if (hears := listening.ear(actor, event.subject_type)) is not None and hears(fact):
        db.session.flush()
        listening.keep([(event.id, event.occurred_at)])
        db.session.info["poke"] = True
    return event


def record_many(actor: Actor, subject_type: str, facts: Sequence[tuple[int, Fact]]) -> None:
    """`record` for (subject id, fact) pairs of any number, by COPY."""
    if not facts:
        return
    follows = {kind: reactions_to(kind) for kind in {type(fact) for _, fact in facts}}
    hears = listening.ear(actor, subject_type)
    heard = [hears is not None and hears(fact) for _, fact in facts]
    if not any(follows.values()) and not any(heard):  # nothing refers to them, so the table numbers them itself
        _copy(actor, subject_type, facts, clock.now())
        return
    ids, now = take_ids("events", len(facts)), clock.now()
    _copy(actor, subject_type, facts, now, ids)
    if work := [(id_, now, name) for id_, (_, fact) in zip(ids, facts, strict=True) for name in follows[type(fact)]]:
        copy_rows("deliveries", ("event_id", "occurred_at", "reaction", "attempts"), ((*each, 0) for each in work))
    if any(heard):
        listening.keep([(id_, now) for id_, wanted in zip(ids, heard, strict=True) if wanted])
    db.session.info["poke"] = True


def _copy(
    actor: Actor, subject_type: str, facts: Sequence[tuple[int, Fact]], now: dt.datetime, ids: Sequence[int] = ()
) -> None:
    came = origin.get()
    columns: tuple[str, ...] = ("name", "actor_id", "subject_type", "subject_id", "payload")
    columns += ("occurred_at", "request_id", "address", "caused_by", "reason")
    common = (now, came.request_id, came.address, came.caused_by, came.told)
    rows: Iterable[tuple[Any, ...]] = (
        (fact.name, actor.id, subject_type, subject_id, json.dumps(payload(fact)), *common)
        for subject_id, fact in facts
    )
    if ids:
        columns, rows = (*columns, "id"), ((*row, id_) for row, id_ in zip(rows, ids, strict=True))
    copy_rows("events", columns, rows)


def payload(fact: Fact) -> dict[str, Any]:
    """The fact as JSON keeps it: dates as ISO text, numbers as they are. Of encrypted values only that there was one:
    what is in the log stays for ever, and they are to be forgotten with their keys."""
    return {
        key: value if type(value) in _PLAIN else plain(value, log=True)
        for key, value in vars(fact).items()
        if value is not None
    }


_PLAIN = frozenset({str, int, float, bool, type(None)})


def plain(value: Any, *, log: bool = False) -> Any:
    if type(value) in _PLAIN:  # nearly always, and an import asks a million times; so do those who call
        return value
    if isinstance(value, Phone):
        return value.e164
    if isinstance(value, Sealed):
        return DOTS if log else value
    if isinstance(value, Mapping):
        return {str(key): each if type(each) in _PLAIN else plain(each, log=log) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each, log=log) for each in value]
    return value if isinstance(value, str | int | float) else str(value)


def reactions_to(fact: type[Fact]) -> list[str]:
    return [name for name, (kind, _) in _reactions.items() if issubclass(fact, kind)]


def delivery_due(late: float = 0) -> Delivery | None:
    """The one that has been due longest, and for `late` seconds; locked until the transaction ends."""
    due = func.now() - dt.timedelta(seconds=late)
    waiting = select(Delivery).where(
        Delivery.done_at.is_(None), Delivery.run_at <= due, Delivery.attempts < MAX_ATTEMPTS
    )
    first = waiting.order_by(Delivery.run_at, Delivery.id).limit(1)
    return db.session.scalars(first.with_for_update(skip_locked=True)).first()


def deliver_next(late: float = 0) -> bool:
    """Run one due delivery, or only one that has been due for `late` seconds.

    Whoever calls commits; a failing reaction is put off, not lost.
    """
    delivery = delivery_due(late)
    if delivery is None:
        return False
    try:
        with db.session.begin_nested():
            _reactions[delivery.reaction][1](delivery.event)
            delivery.done_at = func.now()
    except Exception as error:
        delivery.postpone(error)
    return True
