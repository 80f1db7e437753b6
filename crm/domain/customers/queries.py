"""Reading customers: the list and its record type's other questions."""

from sqlalchemy import Select

from crm.domain.customers.fields import CUSTOMER_FIELDS
from crm.domain.customers.models import Customer
from crm.domain.customers.search import matching, named
from crm.domain.people.queries import PEOPLE
from crm.kernel.access import Actor
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.listing import ListSpec
from crm.kernel.text import N_

CUSTOMERS = ListSpec(
    entity=Customer,
    fields=CUSTOMER_FIELDS,
    columns=("phone", "industry", "level", "lifecycle_stage", "owner", "next_follow_up", "updated"),
    always=(Customer.name, Customer.number, Customer.owner_id, Customer.department_id),
    search=matching,
    sort="-updated",
    named=named,
    with_custom=True,
)

_BIN_FIELDS = (
    Field(key="name", label=N_("Full name"), kind=FieldKind.TEXT, column=Customer.name, sort_column=Customer.sort_key),
    Field(key="owner", label=N_("Owner"), kind=FieldKind.PERSON, column=Customer.owner_id, source=PEOPLE),
    Field(key="deleted", label=N_("Deleted"), kind=FieldKind.DATETIME, column=Customer.deleted_at, sortable=True),
)


class _Bin:
    """The recycle bin as a list's entity: the same table through its other door."""

    __tablename__ = Customer.__tablename__
    id = Customer.id
    visible_to = Customer.binned_for

    @staticmethod
    def branches(actor: Actor) -> "list[Select[Customer]]":
        return [Customer.binned_for(actor)]


BIN = ListSpec(
    entity=_Bin,
    fields=_BIN_FIELDS,
    columns=("owner", "deleted"),
    always=(Customer.name, Customer.number),
    search=matching,
    sort="-deleted",
)
