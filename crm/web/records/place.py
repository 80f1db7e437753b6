"""Where a type of record lives on the web: its records by address, its templates, what it is called."""

from typing import Any

from flask import Response, g, url_for
from sqlalchemy import Select

from crm.domain.duplicates.queries import survivor_of
from crm.infra.db import db
from crm.kernel.errors import RuleBroken
from crm.kernel.permissions import Permission
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.htmx import render
from crm.web.i18n import noun
from crm.web.records.page import RecordPage


class RecordPlace:
    def __init__(self, type_: RecordType, page: type[RecordPage]) -> None:
        self.type, self._page = type_, page

    @property
    def noun(self) -> str:
        """What one is called within a sentence."""
        return noun(self.type.label)

    def words(self) -> dict[str, Any]:
        """What templates that serve every type say of this one."""
        return {"type": self.type, "record": self.noun, "records": noun(self.type.label_plural)}

    def url(self, record_id: int) -> str:
        return url_for(f"{self.type.key}.show", record_id=record_id)

    def one(self, record_id: int, needs: Permission | None = None, *, lock: bool = False) -> Any:
        """The record, if it exists for this actor; RuleBroken when `needs` does not reach it."""
        statement = self.type.entity.visible_to(g.actor)
        return self._one(statement.with_for_update() if lock else statement, record_id, needs)

    def moved_to(self, record_id: int) -> str:
        """Where the address of a record leads that was merged into another; empty where it leads nowhere."""
        into = survivor_of(g.actor, self.type, record_id) if self.type.likeness else None
        return self.url(into) if into is not None else ""

    def binned(self, record_id: int, needs: Permission) -> Any:
        return self._one(self.type.entity.binned_for(g.actor), record_id, needs)

    def _one(self, statement: Select[Any], record_id: int, needs: Permission | None) -> Any:
        one = db.one_or_404(statement.where(self.type.entity.id == record_id))
        if needs is not None and not g.actor.holds(one, needs):
            raise RuleBroken(N_("You can see “%(name)s”, but you may not do this with it."), name=one.name)
        return one

    def page(self, record: Any) -> RecordPage:
        return self._page(self.type, record)

    def render(self, name: str, status: int = 200, *, part: str = "", **context: Any) -> Response:
        """The area's own template of this name, if it has one, else that of every record."""
        return render([f"{self.type.key}/{name}.html", f"records/{name}.html"], status, part=part, **context)
