"""Customers as values of a field, such as the parent company: written and read as “Name (number)”."""

from crm.domain.customers.models import Customer
from crm.domain.customers.search import FINDER
from crm.domain.records.source import RecordSource
from crm.kernel.text import N_

CUSTOMERS_AS_VALUES = RecordSource(
    Customer,
    "CUST",
    FINDER,
    several=N_("Several %(customers)s are called “%(name)s”: use the number."),
    none=N_("There is no %(customer)s called “%(name)s”."),
)
