from crm.infra.queue import enqueue
from crm.kernel.events import Event


def reckon_soon(event: Event) -> None:
    enqueue("sla.reckon_anew", queue="bulk", key="sla.reckon_anew")
