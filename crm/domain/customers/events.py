"""What can happen to a customer."""

from crm.domain.records.events import facts_of

FACTS = facts_of("Customer")
