"""The columns somebody chose for a list, and how wide: kept for the person, for their next device too.

An address that names columns wins. Like a draft it is no record and leaves no event.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import g
from sqlalchemy import ForeignKey, Text, delete, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.infra.db import Model, db
from crm.kernel.listing import ListSpec

STEPS = 6  # widths a column may have, each a class `w-1` … of widths.css
NARROW, WIDE = 2, 5


class ListColumns(Model):
    __tablename__ = "list_columns"

    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True)
    record_type: Mapped[str] = mapped_column(primary_key=True)
    columns: Mapped[list[str]] = mapped_column(ARRAY(Text))  # none: as the list is delivered
    widths: Mapped[dict[str, int]] = mapped_column(JSONB)  # field → step


@dataclass(frozen=True)
class Columns:
    columns: tuple[str, ...] = ()
    widths: Mapping[str, int] = field(default_factory=dict)

    def of(self, spec: ListSpec) -> ListSpec:
        """The list with them; what is not there any more, or not for this person, is passed over."""
        known = tuple(key for key in self.columns if key in spec.by_key)
        return replace(spec, columns=known) if known else spec

    def width(self, key: str) -> str:
        """A class of the column's head, or nothing."""
        return f"w-{self.widths[key]}" if key in self.widths else ""


def kept(key: str) -> Columns:
    found = db.session.execute(
        select(ListColumns.columns, ListColumns.widths).filter_by(person_id=g.actor.id, record_type=key)
    ).first()
    return Columns(tuple(found.columns), found.widths) if found else Columns()


def keep(key: str, columns: Sequence[str], widths: Mapping[str, int]) -> None:
    row = {"person_id": g.actor.id, "record_type": key, "columns": list(columns), "widths": dict(widths)}
    statement = insert(ListColumns).values(row)
    changed = {name: statement.excluded[name] for name in ("columns", "widths")}
    db.session.execute(statement.on_conflict_do_update(index_elements=["person_id", "record_type"], set_=changed))


def forget(key: str) -> None:
    db.session.execute(delete(ListColumns).filter_by(person_id=g.actor.id, record_type=key))


def step(text: str) -> int | None:
    """What somebody sent as a width."""
    return min(max(int(text), 1), STEPS) if text.isdecimal() and len(text) < 5 else None
