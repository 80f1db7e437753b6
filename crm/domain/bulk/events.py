from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class BulkWaits(Fact):
    """Any step a person takes after which it is a worker's turn."""

    icon = "list-checks"


@dataclass(frozen=True)
class BulkStarted(BulkWaits):
    """`asked` and `values` as the change itself keeps them."""

    name = "bulk.started"
    sentence = N_("started a change of many records")

    record_type: str
    action: str
    asked: dict[str, Any]
    values: dict[str, Any]


@dataclass(frozen=True)
class BulkUndone(BulkWaits):
    name = "bulk.undone"
    sentence = N_("had a change of many records taken back")

    undo_of_id: int


@dataclass(frozen=True)
class BulkResumed(BulkWaits):
    name = "bulk.resumed"
    sentence = N_("had the change of many records go on")


@dataclass(frozen=True)
class BulkCancelled(Fact):
    name = "bulk.cancelled"
    sentence = N_("stopped the change of many records; %(reached)s were dealt with before")
    icon = "x"

    reached: int


@dataclass(frozen=True)
class BulkFailed(Fact):
    """`problem` is the English sentence; the change itself keeps it translatable."""

    name = "bulk.failed"
    sentence = N_("could not go on with the change of many records: %(problem)s")
    icon = "circle-alert"

    problem: str


@dataclass(frozen=True)
class BulkFinished(Fact):
    name = "bulk.finished"
    sentence = N_(
        "changed many records: %(changed)s changed, %(unchanged)s unchanged, %(denied)s without the right, "
        "%(refused)s refused, %(waiting)s wait for confirmation, %(gone)s gone"
    )
    icon = "check"

    total: int
    changed: int
    unchanged: int
    denied: int
    refused: int
    gone: int
    waiting: int = 0
