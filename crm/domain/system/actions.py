"""What an administrator can do about work that failed: have it done again, or put it aside. All work is found in the
database by whoever does it, so doing it once more does nothing twice."""

from crm.domain.system.events import JobAskedAgain, JobFailuresForgotten
from crm.domain.system.models import SystemJob
from crm.infra import queue
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_

_NOTHING = N_("There is nothing failed of this any more: somebody has dealt with it. Nothing was changed.")


def ask_again(actor: Actor, job: SystemJob) -> None:
    """`job` is locked. Its failures are dealt with; should it fail again, they are counted from there."""
    failures = _settled(job)
    record(actor, job, JobAskedAgain(job.job, {"failures": [failures, 0]}))
    queue.ring_later(job.job, job.queue)


def forget_failures(actor: Actor, job: SystemJob) -> None:
    failures = _settled(job)
    record(actor, job, JobFailuresForgotten(job.job, {"failures": [failures, 0]}))


def _settled(job: SystemJob) -> int:
    if not job.failures or job.job not in queue.JOBS:
        raise RuleBroken(_NOTHING)
    failures, job.failures = job.failures, 0
    return failures
