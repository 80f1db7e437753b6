"""Empty the outbox: one delivery, one transaction. Any number of workers may run this."""

from crm.jobs.base import each_in_transaction, job
from crm.kernel.events import deliver_next


@job
def empty_outbox() -> int:
    """Run every due delivery; returns how many."""
    return each_in_transaction(deliver_next)
