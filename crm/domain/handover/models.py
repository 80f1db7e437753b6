import datetime as dt
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.infra.db import Model


class State(StrEnum):
    GIVING = "giving"
    DONE = "done"
    RETURNING = "returning"  # it is being undone
    UNDONE = "undone"


UNDER_WAY = (State.GIVING, State.RETURNING)


class Handover(Model):
    """What a person who left had, and who takes it. A worker gives it, batch by batch, and gives it back."""

    __tablename__ = "handovers"
    __table_args__ = (Index("ix_handovers_under_way", "id", postgresql_where=text("state IN ('giving', 'returning')")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    receiver_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))  # nobody, if there was nothing
    event_id: Mapped[int]  # whatever was given on, was after this event
    state: Mapped[str] = mapped_column(default=State.GIVING, server_default=State.DONE)
    total: Mapped[int] = mapped_column(default=0, server_default="0")  # records when it began, for the progress
    given: Mapped[int] = mapped_column(default=0, server_default="0")
    back: Mapped[int] = mapped_column(default=0, server_default="0")
    left: Mapped[int] = mapped_column(default=0, server_default="0")  # not given back: changed hands since
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")  # in a row without progress
    retry_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[int | None]  # whose step it was: the log names them for every record
    reason: Mapped[str | None]  # whoever began it, or is undoing it, may have said why: of every record's event
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    undone_at: Mapped[dt.datetime | None]
    undone_by_id: Mapped[int | None]

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def percent(self) -> int:
        done, all_ = (self.given, self.total) if self.state == State.GIVING else (self.back + self.left, self.given)
        return min(100, done * 100 // all_) if all_ else 100


class HandoverItem(Model):
    """A record that was handed over; written together with it, or not at all. `settled`: given back, or not to be."""

    __tablename__ = "handover_items"
    __table_args__ = (
        Index("ix_handover_items_out", "handover_id", "record_type", "record_id", postgresql_where=text("NOT settled")),
    )

    handover_id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True)
    settled: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
