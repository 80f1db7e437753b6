"""Empty the outbox: one delivery, one transaction. Any number of workers may run this.

Events that rules of automation hear of come after whatever else waits, some in a transaction, and for so long only: the
next ring goes on.
"""

import time

from crm.domain.automation import reacting
from crm.infra import queue
from crm.jobs.base import each_in_transaction, job, when
from crm.kernel.events import deliver_next, delivery_due

_TURN = 30.0  # seconds for rules before other short work gets a look in


@when(lambda: delivery_due() or reacting.waits())
@job
def empty_outbox() -> int:
    """Run every due delivery; returns how many transactions did something."""
    until = time.monotonic() + _TURN
    done = each_in_transaction(lambda: deliver_next() or (time.monotonic() < until and reacting.step()))
    if time.monotonic() >= until:
        queue.ring("outbox")
    return done
