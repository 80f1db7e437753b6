import datetime as dt

from sqlalchemy import ForeignKey, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.infra.db import Model


class Handover(Model):
    """What a person who left had, and who took it: all that is needed to undo it."""

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    receiver_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))  # nobody, if there was nothing
    event_id: Mapped[int]  # whatever was given on, was after this event
    records: Mapped[dict[str, list[int]]] = mapped_column(JSONB)  # type → ids
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    undone_at: Mapped[dt.datetime | None]

    @property
    def count(self) -> int:
        return sum(map(len, self.records.values()))
