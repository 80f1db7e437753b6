"""Customers: what every record has."""

from crm.domain.customers.record_type import CUSTOMER
from crm.web.records import record_blueprint

bp = record_blueprint(CUSTOMER)
