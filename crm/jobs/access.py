"""What was granted for a time is taken back when the time is over. It counts no more from that moment anyway."""

from crm.domain.people.lending import end_lent
from crm.domain.people.sharing import end_shares
from crm.jobs.base import each_in_transaction, job

_BATCH = 200


@job
def end() -> int:
    """Returns how many turns there was something to take back in."""
    return each_in_transaction(lambda: bool(end_lent(_BATCH) + end_shares(_BATCH)))
