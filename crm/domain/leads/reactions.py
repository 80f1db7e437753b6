from crm.infra.queue import enqueue
from crm.kernel.events import Event


def score_soon(event: Event) -> None:
    enqueue("leads.score_anew", queue="bulk", key="leads.score_anew")
