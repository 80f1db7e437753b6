"""Finding customers by a few characters of anything that names them."""

from crm.domain.customers.models import Customer
from crm.domain.records.search import Finder

FINDER = Finder(Customer)
