"""Customers are scored by their orders when an administrator asks, and every night where that is set."""

from flask import current_app

from crm.domain.people.actions import SYSTEM
from crm.domain.rfm import actions, running
from crm.infra.news import Herald
from crm.jobs.base import alone, commit, each_in_transaction, job

NEWS = "crm:rfm"


@job
def sweep() -> int:
    """Go on with whatever scoring waits; returns how many steps were done."""
    herald = Herald(current_app.config["SETTINGS"])
    with alone("scoring of customers") as ours:
        return each_in_transaction(lambda: _step(herald)) if ours else 0


def _step(herald: Herald) -> bool:
    run = actions.next_run()
    if run is None:
        return False
    running.step(run)
    herald.tell(NEWS)
    return True


@job
def nightly() -> None:
    if actions.rules().nightly:
        actions.ask(SYSTEM)
        commit()
        sweep()
