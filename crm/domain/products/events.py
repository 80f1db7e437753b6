"""What can happen to a product."""

from crm.domain.records.events import facts_of

FACTS = facts_of("Product")
