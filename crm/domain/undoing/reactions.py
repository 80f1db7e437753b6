"""What undoing does when it hears a fact."""

from crm.infra import queue
from crm.kernel.events import Event


def call_a_worker(event: Event) -> None:
    """A ring that gets lost is repaired by the schedule."""
    queue.enqueue("undoing.sweep", queue="changes", key="undoing.sweep")
