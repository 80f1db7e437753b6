"""Reports that have come due, as mails of the outbox; what is in them is made when they are sent."""

from crm.domain.reports.mailings import send_next
from crm.jobs.base import each_in_transaction, job


@job
def send_due() -> int:
    return each_in_transaction(send_next)
