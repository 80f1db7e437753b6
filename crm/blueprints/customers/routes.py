"""Customers: what every record has, and what they are worth."""

from crm.blueprints.customers.page import CustomerPage
from crm.domain.customers.record_type import CUSTOMER
from crm.web.records import record_blueprint

bp = record_blueprint(CUSTOMER, CustomerPage)
