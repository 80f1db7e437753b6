"""Contacts: what every record has."""

from crm.domain.contacts.record_type import CONTACT
from crm.web.records import record_blueprint

bp = record_blueprint(CONTACT)
