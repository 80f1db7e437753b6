"""Webhooks, one message a transaction: a slow address holds up nobody but those who wait for the same worker."""

from flask import current_app

from crm.domain.webhooks import sending
from crm.jobs.base import each_in_transaction, job


@job
def send() -> int:
    """Send what is due; returns how many were tried."""
    settings = current_app.config["SETTINGS"]
    return each_in_transaction(lambda: sending.send_next(settings))


@job
def forget() -> int:
    return each_in_transaction(sending.forget_old)
