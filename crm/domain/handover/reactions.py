"""What hand-overs do when they hear a fact."""

from crm.infra import queue
from crm.kernel.events import Event


def call_a_worker(event: Event) -> None:
    """A ring that gets lost is repaired by the schedule."""
    queue.enqueue("handover.sweep", queue="changes", key="handover.sweep")
