"""Pairs that are alike are looked for when somebody asks; merges are forgotten once they cannot be undone."""

from crm.domain.duplicates import forgetting, searching
from crm.domain.people.actions import SYSTEM
from crm.jobs.base import alone, each_in_transaction, job

_FORGOTTEN = 200


@job
def sweep() -> int:
    """Go on with whatever search waits; returns how many steps were done."""
    with alone("search for duplicates") as ours:
        return each_in_transaction(_step) if ours else 0


def _step() -> bool:
    search = searching.next_search()
    if search is None:
        return False
    searching.step(search)
    return True


@job
def forget() -> None:
    each_in_transaction(lambda: forgetting.forget_old(SYSTEM, _FORGOTTEN))
