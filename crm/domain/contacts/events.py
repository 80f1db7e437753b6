"""What can happen to a contact."""

from crm.domain.records.events import facts_of

FACTS = facts_of("Contact")
