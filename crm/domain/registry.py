"""Every type of record the product keeps. Import, export, API and automation start from here."""

from crm.domain.customers.record_type import CUSTOMER
from crm.kernel.fields import SOURCED, Field
from crm.kernel.records import RecordType

RECORD_TYPES: dict[str, RecordType] = {each.key: each for each in (CUSTOMER,)}


def sourced_field(key: str) -> Field | None:
    """The field whose values are looked up by this name; fields of one name share one source."""
    fields = (field for each in RECORD_TYPES.values() for field in each.fields)
    return next((field for field in fields if field.key == key and field.kind in SOURCED), None)
