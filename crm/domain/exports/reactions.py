from crm.infra import queue
from crm.kernel.events import Event


def write_soon(event: Event) -> None:
    """A ring that gets lost is repaired by the schedule."""
    queue.enqueue("exports.write_waiting", queue="bulk", key="exports.write_waiting")
