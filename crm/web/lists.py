"""A list page from a ListSpec: rows as tuples of words, the sentence, the chips and every address on it.

Nothing here runs once per row but formatting: no URL building, no translation, no ORM.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import g, url_for

from crm.domain.exports.rights import may_export
from crm.domain.registry import RECORD_TYPES
from crm.kernel.arguments import Filters
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.listing import ListSpec
from crm.kernel.pages import Count, Page
from crm.kernel.patience import TooSlow
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_
from crm.web import columns
from crm.web.cells import Cell, Edits, cell
from crm.web.errors import told
from crm.web.fields import labels_for
from crm.web.filters import FilterControl, controls, words, words_of
from crm.web.i18n import gettext
from crm.web.tabs import Tabs, at


@dataclass(frozen=True)
class Head:
    label: str
    url: str  # sorts by this column, or nothing
    order: str  # asc, desc or nothing
    field: str = ""
    width: str = ""  # a class, where somebody chose one
    fixed: bool = False  # cells of other columns are edited in place, these are not


@dataclass(frozen=True)
class Chip:
    words: str
    remove_url: str


class ListView:
    """What the template of a list needs; built once per request."""

    def __init__(self, spec: ListSpec, url: str, query: Query | None = None) -> None:
        self.spec, self.url = spec.open_to(g.actor), url
        self.chosen = columns.kept(self.spec.entity.__tablename__) if self._is_of_records else columns.Columns()
        self.spec = self.chosen.of(self.spec)
        self.saved = Tabs(self.spec, url)
        self.query = self.spec.sealed(g.actor, self.saved.asked() if query is None else query)
        self.problem = self.saved.problem
        try:
            self.page, self.total = self._found()
        except TooSlow as problem:  # the question stays, to be narrowed
            self.problem, self.page, self.total = told(problem), Page((), "", ""), Count(0, more=True)
        except Invalid as problem:  # an address made by hand or worn out: say it, show the plain list
            self.problem, self.query = told(problem), Query()
            self.page, self.total = self._found()
        self.fields = self.spec.shown(self.query)
        self.view = self.saved.shown(self.query)
        self.widths = self.chosen.widths_in(self.view)
        self.edits = Edits(self.spec, self.query)

    def _found(self) -> tuple[Page, Count]:
        """What stands whole on one page need not be counted, and of a search it is enough that there is more."""
        page = self.spec.page(g.actor, self.query, size=self.size)
        first = not (self.query.after or self.query.before)
        if first and (self.query.search or not page.after):
            return page, Count(len(page.rows), more=bool(page.after))
        return page, self.spec.count(g.actor, self.query, least=len(page.rows))

    @property
    def _is_of_records(self) -> bool:
        """Not the recycle bin, say."""
        type_ = RECORD_TYPES.get(self.spec.entity.__tablename__)
        return type_ is not None and type_.entity is self.spec.entity

    @property
    def is_sized(self) -> bool:
        return any(each.key in self.widths for each in self.fields)

    @property
    def widths_url(self) -> str:
        """Where what is drawn goes; in a view it is kept for this view."""
        if not self._is_of_records:
            return ""
        return url_for("columns.keep_widths", type_key=self.saved.key, view=self.view.id if self.view else None)

    @property
    def columns_url(self) -> str:
        """Where columns and widths are chosen and kept."""
        return url_for("columns.choose", type_key=self.saved.key, list=urlencode(self.query.but().to_args()))

    @property
    def size(self) -> int:
        saver = g.person is not None and g.person.data_saver
        return 15 if saver else self.spec.page_size

    def address(self, query: Query) -> str:
        args = query.to_args()
        return at(self.url, args) if args else self.saved.plain_url

    @property
    def bulk_url(self) -> str:
        """Where ticked rows are changed together; nothing for somebody who may not."""
        key = self.spec.entity.__tablename__
        known = key in RECORD_TYPES and g.actor.may(permission(key, Action.BULK))
        return url_for("bulk.new", type_key=key) if known else ""

    @property
    def claims(self) -> bool:
        """Whether what is shown lies in pools, for the actor to take."""
        in_pools = any(each[:2] == ("owner", "empty") for each in self.query.filters)
        return in_pools and g.actor.may(RECORD_TYPES[self.spec.entity.__tablename__].may_edit)

    @property
    def export_url(self) -> str:
        """Where the list is taken away as a file, as it is shown; nothing for somebody who may not."""
        key = self.spec.entity.__tablename__
        known = self._is_of_records and may_export(g.actor, key)
        return url_for("exports.new", type_key=key, list=urlencode(self.query.but().to_args())) if known else ""

    @property
    def ticked_export_url(self) -> str:
        """Where ticked rows are taken away as a file."""
        return self.export_url.partition("?")[0]

    @property
    def has_tags(self) -> bool:
        return any(each.kind is FieldKind.TAGS and each.writable_by(g.actor) for each in self.spec.fields)

    @property
    def asked(self) -> str:
        """What the list shows, as the arguments of its address."""
        return urlencode(self.query.but().to_args())

    @property
    def sort(self) -> str:
        return self.query.sort or self.spec.sort

    def heads(self) -> list[Head]:
        return [self._head(field) for field in self.fields]

    def main_head(self, key: str = "name") -> Head:
        return self._head(self.spec.field(key))

    def _head(self, field: Field) -> Head:
        place = (
            field.key,
            f"w-{self.widths[field.key]}" if field.key in self.widths else "",
            bool(self.edits.written) and field.key not in self.edits.written,
        )
        if not field.sortable:
            return Head(gettext(field.label), "", "", *place)
        order = {field.key: "asc", "-" + field.key: "desc"}.get(self.sort, "")
        first_down = field.kind in (FieldKind.DATETIME, FieldKind.DATE)
        turned = ("-" if order == "asc" or (not order and first_down) else "") + field.key
        return Head(gettext(field.label), self.address(self.query.but(sort=turned)), order, *place)

    def rows(self) -> list[tuple[Any, list[Cell]]]:
        """(row, cells): the row has `id` and the list's `always` columns."""
        places = {field.key: str(field.column.key) for field in self.fields if field.column is not None}
        values = [{key: row._mapping[place] for key, place in places.items()} for row in self.page.rows]
        labels = labels_for(self.fields, values)
        return [
            (row, [cell(field, mapping[field.key], labels) for field in self.fields])
            for row, mapping in zip(self.page.rows, values, strict=True)
        ]

    def chips(self) -> list[Chip]:
        return [
            Chip(
                words(self.spec, key, operator, value),
                self.address(self.query.but(filters=_without(self.query, key, operator))),
            )
            for key, operator, value in self.query.filters
        ] + [
            Chip(words_of(self.spec, group), self.address(self.query.but(groups=_but(self.query.groups, group))))
            for group in self.query.groups
        ]

    @property
    def sentence(self) -> str:
        """The whole filter as one sentence, where it is more than a chip says."""
        said = [words(self.spec, *each) for each in self.query.filters]
        said += [gettext(N_("(%(words)s)"), words=words_of(self.spec, each)) for each in self.query.groups]
        return gettext(N_(" and ")).join(said) if len(said) > 1 else ""

    @property
    def builder_url(self) -> str:
        return url_for("filters.build", type_key=self.saved.key, list=urlencode(self.query.but().to_args()))

    def kept(self) -> list[tuple[str, str]]:
        """What the list asks beyond the simple controls: a search in it asks the same."""
        simple = {each.name for each in self.filter_controls()}
        return [each for each in self.query.but(search="", sort="").to_args() if each[0] not in simple]

    @property
    def side(self) -> int:
        """Which cell stands at the end of the first line where a row is a card of two lines; -1 for none."""
        toned = [at for at, field in enumerate(self.fields) if any(choice.tone for choice in field.choices)]
        return toned[-1] if toned else -1

    def newer_url(self) -> str:
        return self.address(self.query.but(before=self.page.before)) if self.page.before else ""

    def older_url(self) -> str:
        return self.address(self.query.but(after=self.page.after)) if self.page.after else ""

    def filter_controls(self) -> list[FilterControl]:
        return controls(self.spec, self.query.filters, self.fields)


def _but(groups: tuple[Filters, ...], one: Filters) -> tuple[Filters, ...]:
    return tuple(each for each in groups if each != one)


def _without(query: Query, key: str, operator: str) -> tuple[tuple[str, str, str], ...]:
    return tuple(each for each in query.filters if each[:2] != (key, operator))
