from crm.infra import queue
from crm.kernel.events import Event


def call_a_worker(event: Event) -> None:
    queue.enqueue("duplicates.sweep", queue="bulk", key="duplicates.sweep")
