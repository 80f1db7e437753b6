"""The columns somebody chose for a list, and how wide: kept for the person, for their next device too.

An address that names columns wins, and a saved view's widths do until the person draws others while it is shown.
Like a draft it is no record and leaves no event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask import g
from sqlalchemy import ForeignKey, Text, delete, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.domain.saved_views.models import SavedView
from crm.infra.db import Model, db
from crm.kernel.asking import Query
from crm.kernel.listing import ListSpec

STEPS = 6  # widths a column may have, each a class `w-1` … of widths.css
NARROW, WIDE = 2, 5


class ListColumns(Model):
    __tablename__ = "list_columns"

    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True)
    record_type: Mapped[str] = mapped_column(primary_key=True)
    columns: Mapped[list[str]] = mapped_column(ARRAY(Text))  # none: as the list is delivered
    widths: Mapped[dict[str, int]] = mapped_column(JSONB)  # field → step
    in_views: Mapped[dict[str, dict[str, int]]] = mapped_column(
        JSONB, server_default=text("'{}'")
    )  # id of view → widths


@dataclass(frozen=True)
class Columns:
    columns: tuple[str, ...] = ()
    widths: Mapping[str, int] = field(default_factory=dict)
    in_views: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def of(self, spec: ListSpec) -> ListSpec:
        """The list with them; what is not there any more, or not for this person, is passed over."""
        known = tuple(key for key in self.columns if key in spec.by_key)
        return replace(spec, columns=known) if known else spec

    def widths_in(self, view: SavedView | None) -> Mapping[str, int]:
        """While a view is shown: what was drawn in it, else what it was saved with, else what is drawn elsewhere."""
        return {**self.widths, **view.widths, **self.drawn_in(view)} if view else self.widths

    def drawn_in(self, view: SavedView) -> Mapping[str, int]:
        return self.in_views.get(str(view.id), {})

    def drawing(self, view: SavedView | None, widths: Mapping[str, int]) -> "Columns":
        """With these widths, which belong to the view that is shown."""
        if view is None:
            return replace(self, widths=widths)
        return replace(self, in_views={**self.in_views, str(view.id): widths})

    def on_screen(self, spec: ListSpec, query: Query, view: SavedView | None) -> dict[str, int]:
        """The widths of what the list shows, as a view is saved with them; `spec` is the list as the person has it."""
        shown = {
            next(each.key for each in spec.fields if each.core),
            *(each.key for each in self.of(spec).shown(query)),
        }
        return {key: step for key, step in self.widths_in(view).items() if key in shown}


def kept(key: str) -> Columns:
    found = db.session.execute(
        select(ListColumns.columns, ListColumns.widths, ListColumns.in_views).filter_by(
            person_id=g.actor.id, record_type=key
        )
    ).first()
    return Columns(tuple(found.columns), found.widths, found.in_views) if found else Columns()


def keep(key: str, chosen: Columns) -> None:
    kept = {"columns": list(chosen.columns), "widths": chosen.widths, "in_views": chosen.in_views}
    statement = insert(ListColumns).values(person_id=g.actor.id, record_type=key, **kept)
    changed = {name: statement.excluded[name] for name in kept}
    db.session.execute(statement.on_conflict_do_update(index_elements=["person_id", "record_type"], set_=changed))


def forget(key: str) -> None:
    db.session.execute(delete(ListColumns).filter_by(person_id=g.actor.id, record_type=key))


def step(text: str) -> int | None:
    """What somebody sent as a width."""
    return min(max(int(text), 1), STEPS) if text.isdecimal() and len(text) < 5 else None
