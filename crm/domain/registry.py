"""Every type of record the product keeps. Import, export, API and automation start from here."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from crm.domain.contacts.record_type import CONTACT
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.fields.shaping import shape
from crm.domain.leads.record_type import LEAD
from crm.domain.opportunities.record_type import OPPORTUNITY
from crm.domain.orders.lines import LINE_FIELDS
from crm.domain.orders.record_type import ORDER
from crm.domain.products.record_type import PRODUCT
from crm.domain.tasks.record_type import TASK
from crm.domain.tickets.record_type import TICKET
from crm.infra.db import db, driven
from crm.kernel.access import Actor
from crm.kernel.fields import Field
from crm.kernel.kinds import SOURCED
from crm.kernel.records import RecordType
from crm.kernel.shaping import shape_is_read_by

RECORD_TYPES: dict[str, RecordType] = {
    each.key: each for each in (CUSTOMER, CONTACT, LEAD, OPPORTUNITY, TICKET, TASK, ORDER, PRODUCT)
}

LOOKED_UP = LINE_FIELDS  # in forms that are not of a type

shape_is_read_by(shape)


def referring(type_key: str) -> Iterator[tuple[RecordType, Field]]:
    """Every type whose records may lead to one of this type, with the standard field that does: its related lists."""
    for each in RECORD_TYPES.values():
        for field in each.fields:
            if field.links == type_key:
                yield each, field


SHARES, MERGES, REQUESTS, DRAFT, CALLED = "shares", "merges", "access_requests", "draft", "external_ids"


@cache
def _around(type_key: str) -> tuple[str, tuple[str, ...]]:
    """One question for all of them, and what each answer is about."""
    links: dict[str, Any] = {f"{each.key}.{field.key}": field.column for each, field in referring(type_key)}
    asked = {name: f"FROM {one.table} WHERE {one.key} = %(id)s AND deleted_at IS NULL" for name, one in links.items()}
    of = f"WHERE subject_type = '{type_key}' AND subject_id = %(id)s"
    asked[SHARES], asked[REQUESTS] = f"FROM shares {of}", f"FROM access_requests {of} AND answered_at IS NULL"
    asked[CALLED] = f"FROM external_ids {of}"
    asked[MERGES] = f"FROM merges WHERE record_type = '{type_key}' AND survivor_id = %(id)s AND undone_at IS NULL"
    asked[DRAFT] = "FROM drafts WHERE person_id = %(person_id)s AND place = %(place)s"
    return f"SELECT {', '.join(f'EXISTS (SELECT {each})' for each in asked.values())}", tuple(asked)


def what_surrounds(type_key: str, record_id: int, person_id: int | None = None, place: str = "") -> frozenset[str]:
    """Which links (`contacts.customer`) lead to a record from anywhere, whoever may see it, whether it is shared, asked
    for, merged or called by ids of other systems, and whether this person has a draft at the place: what is not there
    need not be asked for. Most records have little around them, and every page of one asks."""
    statement, names = _around(type_key)
    db.session.flush()
    found = driven(statement, {"id": record_id, "person_id": person_id, "place": place}).one()
    return frozenset(name for name, is_there in zip(names, found, strict=True) if is_there)


def sourced_field(actor: Actor, key: str) -> Field | None:
    """The field whose values are looked up by this name; fields of one name share one source."""
    fields = (field for each in RECORD_TYPES.values() for field in each.open_to(actor).fields)
    return next((field for field in (*fields, *LOOKED_UP) if field.key == key and field.kind in SOURCED), None)
