"""What someone is writing and has not saved: kept on the server, so that it is there on their next device too.

A draft belongs to one person and one place (`follow-up-12`); nobody else can read it. It is no
record and leaves no event: saving the form it belongs to is what makes it one.
"""

import datetime as dt
from collections.abc import Mapping

from flask import g
from sqlalchemy import ForeignKey, delete, func
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.infra.db import Model, db, driven

LONGEST = 30_000  # characters of all fields together; longer ones stay in the browser only


class Draft(Model):
    __tablename__ = "drafts"

    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), index=True)


# In the driver's words, because every page of a record asks.
_KEPT = "SELECT texts FROM drafts WHERE person_id = %(person_id)s AND place = %(place)s"


def kept(place: str) -> dict[str, str]:
    """The texts by field, or nothing."""
    return driven(_KEPT, {"person_id": g.person.id, "place": place}).scalar() or {}


def keep(place: str, texts: Mapping[str, str]) -> None:
    if sum(map(len, texts.values())) > LONGEST:
        return
    row = {"person_id": g.person.id, "place": place, "texts": dict(texts), "updated_at": func.now()}
    statement = insert(Draft).values(row)
    changed = {"texts": statement.excluded.texts, "updated_at": func.now()}
    db.session.execute(statement.on_conflict_do_update(index_elements=["person_id", "place"], set_=changed))


def forget(place: str) -> None:
    db.session.execute(delete(Draft).filter_by(person_id=g.person.id, place=place))
