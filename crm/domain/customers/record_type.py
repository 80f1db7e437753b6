"""Customers, as the surfaces that serve every type of record see them."""

from crm.domain.customers.actions import VERBS
from crm.domain.customers.fields import SECTIONS
from crm.domain.customers.likeness import LIKENESS
from crm.domain.customers.matching import MATCHING
from crm.domain.customers.models import Customer
from crm.domain.customers.queries import BIN, CUSTOMERS
from crm.kernel.records import RecordType
from crm.kernel.text import N_

CUSTOMER = RecordType(
    key="customers",
    entity=Customer,
    label=N_("Customer"),
    label_plural=N_("Customers"),
    icon="building-2",
    letter="c",
    list=CUSTOMERS,
    bin=BIN,
    sections=SECTIONS,
    badges=("lifecycle_stage", "level"),
    verbs=VERBS,
    matching=MATCHING,
    likeness=LIKENESS,
)
