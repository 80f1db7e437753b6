"""Rules of automation by the clock: what is due, what failed and is tried again, what is told long enough."""

from crm.domain.automation import reacting, runs, timing
from crm.jobs.base import each_in_transaction, job, when


@when(lambda: timing.waits() or runs.waits() or reacting.waits())
@job
def tick() -> int:
    """Returns how many transactions did something."""
    return sum(each_in_transaction(step) for step in (timing.tick, runs.retry_next, reacting.step))


@job
def forget() -> int:
    return sum(each_in_transaction(step) for step in (runs.forget_old, timing.forget_old))
