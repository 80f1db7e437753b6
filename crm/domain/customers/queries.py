"""Reading customers: the list and its recycle bin."""

from crm.domain.customers.fields import CUSTOMER_FIELDS
from crm.domain.customers.models import Customer
from crm.domain.customers.search import FINDER
from crm.domain.customers.value import VALUE_FIELDS, VALUES_BESIDE
from crm.domain.records.queries import bin_of
from crm.kernel.listing import ListSpec
from crm.kernel.text import N_

CUSTOMERS = ListSpec(
    entity=Customer,
    fields=CUSTOMER_FIELDS + VALUE_FIELDS,
    columns=("phone", "industry", "level", "lifecycle_stage", "owner", "next_follow_up", "updated"),
    always=(Customer.name, Customer.number, Customer.owner_id, Customer.department_id),
    search=FINDER.matching,
    sort="-updated",
    named=FINDER.named,
    called=FINDER.called,
    with_custom=True,
    beside=VALUES_BESIDE,
)
BIN = bin_of(Customer, FINDER, N_("Full name"))
