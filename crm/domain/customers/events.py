from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class CustomerCreated(Fact):
    name = "customer.created"
    sentence = N_("created this %(customer)s")
    icon = "plus"

    values: dict[str, Any]


@dataclass(frozen=True)
class CustomerImported(Fact):
    name = "customer.imported"
    sentence = N_("imported this %(customer)s (line %(line)s of import %(import_id)s)")
    icon = "upload"

    import_id: int
    line: int
    values: dict[str, Any]


@dataclass(frozen=True)
class CustomerChanged(Fact):
    """`changes` is {field: [before, after]}; `import_id` and `line` when a file brought the change."""

    name = "customer.changed"
    sentence = N_("changed this %(customer)s")
    icon = "pencil"

    changes: dict[str, list[Any]]
    import_id: int | None = None
    line: int | None = None


@dataclass(frozen=True)
class CustomerDeleted(Fact):
    name = "customer.deleted"
    sentence = N_("moved this %(customer)s to the recycle bin")
    icon = "trash-2"


@dataclass(frozen=True)
class CustomerRestored(Fact):
    name = "customer.restored"
    sentence = N_("took this %(customer)s out of the recycle bin")
    icon = "undo-2"


@dataclass(frozen=True)
class CustomerPurged(Fact):
    name = "customer.purged"
    sentence = N_("removed the %(customer)s %(number)s for good")
    icon = "trash-2"

    number: str
