"""Every night customers go back into the pool; a worker takes it up wherever the last one left it."""

from crm.domain.pool import running
from crm.jobs.base import commit, each_in_transaction, job
from crm.kernel.company import company


@job
def sweep() -> int:
    """Returns how many batches were done."""
    return each_in_transaction(running.step)


@job
def nightly() -> None:
    running.begin(company.today())
    commit()
    sweep()
