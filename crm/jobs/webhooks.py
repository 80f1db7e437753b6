"""Webhooks, one message a transaction: an address that does not answer is asked once a turn, and holds up nobody."""

from flask import current_app

from crm.domain.webhooks import sending
from crm.jobs.base import each_in_transaction, job, when


@when(sending.waits)
@job
def send() -> int:
    """Send what is due; returns how many were tried."""
    settings = current_app.config["SETTINGS"]
    silent: set[int] = set()
    return each_in_transaction(lambda: sending.send_next(settings, silent))


@job
def forget() -> int:
    return each_in_transaction(sending.forget_old)
