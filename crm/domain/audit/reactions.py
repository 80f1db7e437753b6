from crm.infra import queue
from crm.kernel.events import Event


def verify_soon(event: Event) -> None:
    queue.enqueue("audit.check_waiting", queue="bulk", key="audit.check_waiting")


def write_soon(event: Event) -> None:
    queue.enqueue("audit.write_exports", queue="bulk", key="audit.write_exports")
