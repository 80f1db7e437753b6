"""One cell of a list: a record's field, and the list it stands in."""

from collections.abc import Sequence
from functools import cached_property
from urllib.parse import parse_qsl, urlencode

from flask import Response, abort, g, request, url_for

from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.fields import Field
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.cells import LINKED, Cell, cell
from crm.web.clashes import Clash, filled_over
from crm.web.fields import labels_for
from crm.web.forms import FieldForm
from crm.web.htmx import is_htmx, render
from crm.web.i18n import gettext


class CellPage:
    """404 for what does not exist for the actor, RuleBroken for what they only see."""

    def __init__(self, type_key: str, record_id: int, field: str, *, lock: bool = False) -> None:
        self.type: RecordType = (RECORD_TYPES.get(type_key) or abort(404)).open_to(g.actor)
        if not g.actor.may(self.type.may_read):
            abort(403)
        entity = self.type.entity
        statement = entity.visible_to(g.actor).where(entity.id == record_id)
        self.record = db.one_or_404(statement.with_for_update(of=entity) if lock else statement)
        self.field: Field = self.type.by_key().get(field) or abort(404)
        self.asked = dict(parse_qsl(request.values.get("list", "")))

    def check(self) -> None:
        if not g.actor.holds(self.record, self.type.may_edit):
            raise RuleBroken(
                N_("You can see “%(name)s”, but you may not do this with it."), name=getattr(self.record, "name", "")
            )
        if not self.field.writable_by(g.actor):
            raise RuleBroken(N_("You may not change “%(field)s”."), field=self.field.label)

    @cached_property
    def query(self) -> Query:
        return Query.from_args(parse_qsl(request.values.get("list", "")))

    @property
    def list(self) -> str:
        """The list, as it travels with the form."""
        return urlencode([*self.query.to_args(), *([(LINKED, "1")] if LINKED in self.asked else [])])

    @property
    def list_url(self) -> str:
        return f"{url_for(f'{self.type.key}.index')}?{self.list or 'view=all'}"

    def url(self, endpoint: str) -> str:
        return url_for(f"cells.{endpoint}", type_key=self.type.key, record_id=self.record.id, field=self.field.key)

    @property
    def cell(self) -> Cell:
        value = self.field.value_in(self.record)
        return cell(self.field, value, labels_for([self.field], [{self.field.key: value}]))

    @property
    def record_url(self) -> str:
        """Where the cell is what leads to the record; else nothing."""
        return f"{url_for(f'{self.type.key}.index')}{self.record.id}" if self.field.key == self.type.main.key else ""

    @property
    def stays(self) -> bool:
        """Whether the list still asks for the record."""
        entity = self.type.entity
        try:
            statement = self.type.list.select(g.actor, self.query)
        except Invalid:  # an address made by hand
            return True
        return db.session.scalar(statement.where(entity.id == self.record.id).with_only_columns(entity.id)) is not None

    def form(self) -> FieldForm:
        return FieldForm.of([self.field], self.record, prefix=self._prefix)

    def posted(self) -> FieldForm:
        return FieldForm.posted([self.field], request.form, prefix=self._prefix)

    @property
    def _prefix(self) -> str:
        return f"cell-{self.record.id}-"

    @property
    def title(self) -> str:
        return gettext(N_("%(field)s of %(name)s"), field=gettext(self.field.label), name=self.record.name)

    def editing(self, form: FieldForm, status: int = 200, theirs: Sequence[Clash] = ()) -> Response:
        before = filled_over([self.field], self.record)
        return render(
            "cells/edit.html",
            status,
            part="cells/_form.html",
            page=self,
            form=form,
            theirs=theirs,
            before=before,
            in_list=is_htmx(),
        )
