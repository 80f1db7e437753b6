"""What imports do when they hear a fact."""

from crm.infra import queue
from crm.kernel.events import Event


def call_a_worker(event: Event) -> None:
    """Somebody did a step after which it is a worker's turn. A ring that gets lost is repaired by the schedule."""
    queue.ring("bulk")
