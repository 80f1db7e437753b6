"""By the clock: steps of what is promised whose moment has come; and all tickets anew after a promise changed."""

from crm.domain.tickets import escalating, reckoning
from crm.jobs.base import each_in_transaction, job


@job
def escalate() -> int:
    """Returns how many batches were done."""
    return each_in_transaction(escalating.step)


@job
def reckon_anew() -> int:
    return each_in_transaction(reckoning.step)
