"""The quality of data is counted each night, and owners are reminded of theirs once a week."""

from crm.domain.quality import counting, reminding
from crm.domain.quality.checks import STANDARD
from crm.domain.registry import RECORD_TYPES
from crm.jobs.base import commit, each_in_transaction, job
from crm.kernel.company import company


@job
def count() -> None:
    """What has not been counted today, a type in a transaction of its own: a killed worker leaves nothing half done."""
    each_in_transaction(counting.step)
    each_in_transaction(counting.forget)


@job
def count_anew() -> None:
    """Everything, although it was counted today."""
    for key in STANDARD:
        counting.count(RECORD_TYPES[key], company.today())
        commit()


@job
def remind() -> None:
    each_in_transaction(reminding.remind)
