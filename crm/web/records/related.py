"""What belongs to a record: for each type whose records lead to it, the newest of them and the way to all."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import g, url_for

from crm.domain.registry import referring
from crm.kernel.asking import Query
from crm.kernel.fields import Field
from crm.kernel.pages import Page
from crm.kernel.records import RecordType
from crm.web.cells import Cell, cell
from crm.web.fields import labels_for
from crm.web.i18n import noun

SHOWN = 5


@dataclass(frozen=True)
class Related:
    """`rows` are (address, name, cells)."""

    key: str
    label: str
    icon: str
    rows: list[tuple[str, str, list[Cell]]]
    more_url: str  # where there are more than stand here
    new_url: str  # for whoever may make one
    new_noun: str


def related_lists(type_key: str, record: Any, there: Collection[str]) -> list[Related]:
    """Those the reader may see; a hidden link leads nowhere. `there`: what surrounds the record."""
    lists = []
    for type_, field in referring(type_key):
        own = type_.list.open_to(g.actor).by_key.get(field.key)
        if own is not None and own.filterable and g.actor.may(type_.may_read):
            lists.append(_list(type_, field, record, empty=f"{type_.key}.{field.key}" not in there))
    return [each for each in lists if each.rows or each.new_url]


def _list(type_: RecordType, field: Field, record: Any, *, empty: bool) -> Related:
    spec = type_.list.open_to(g.actor)
    asked = Query(filters=((field.key, "is", record.number),))
    page = Page((), "", "") if empty else spec.with_value(g.actor, field, record.id, SHOWN)
    fields = [spec.by_key[key] for key in type_.beside if key in spec.by_key]
    listed = f"{url_for(f'{type_.key}.index')}?{urlencode(asked.to_args())}"
    wanted = f"{url_for(f'{type_.key}.new')}?{urlencode({field.key: f'{record.name} ({record.number})'})}"
    may_add = g.actor.may(type_.may_create) and not g.actor.read_only and field.writable_by(g.actor)
    return Related(
        key=f"{type_.key}-{field.key}",
        label=type_.label_plural,
        icon=type_.icon,
        rows=_rows(type_, fields, page.rows),
        more_url=listed if page.after else "",
        new_url=wanted if may_add else "",
        new_noun=noun(type_.label),
    )


def _rows(type_: RecordType, fields: list[Field], rows: Any) -> list[tuple[str, str, list[Cell]]]:
    values = [{each.key: row._mapping.get(str(each.column.key)) for each in fields} for row in rows]
    labels = labels_for(fields, values)
    return [
        (f"/{type_.key}/{row.id}", row.name, [cell(each, mapping[each.key], labels) for each in fields])
        for row, mapping in zip(rows, values, strict=True)
    ]
