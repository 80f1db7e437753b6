"""Every type of record the product keeps. Import, export, API and automation start from here."""

from collections.abc import Iterator

from crm.domain.contacts.record_type import CONTACT
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.fields.shaping import shape
from crm.domain.leads.record_type import LEAD
from crm.domain.opportunities.record_type import OPPORTUNITY
from crm.domain.orders.lines import LINE_FIELDS
from crm.domain.orders.record_type import ORDER
from crm.domain.products.record_type import PRODUCT
from crm.domain.tasks.record_type import TASK
from crm.kernel.access import Actor
from crm.kernel.fields import Field
from crm.kernel.kinds import SOURCED
from crm.kernel.records import RecordType
from crm.kernel.shaping import shape_is_read_by

RECORD_TYPES: dict[str, RecordType] = {
    each.key: each for each in (CUSTOMER, CONTACT, LEAD, OPPORTUNITY, TASK, ORDER, PRODUCT)
}

LOOKED_UP = LINE_FIELDS  # in forms that are not of a type

shape_is_read_by(shape)


def referring(type_key: str) -> Iterator[tuple[RecordType, Field]]:
    """Every type whose records may lead to one of this type, with the standard field that does: its related lists."""
    for each in RECORD_TYPES.values():
        for field in each.fields:
            if field.links == type_key:
                yield each, field


def sourced_field(actor: Actor, key: str) -> Field | None:
    """The field whose values are looked up by this name; fields of one name share one source."""
    fields = (field for each in RECORD_TYPES.values() for field in each.open_to(actor).fields)
    return next((field for field in (*fields, *LOOKED_UP) if field.key == key and field.kind in SOURCED), None)
