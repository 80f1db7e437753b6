from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class LogExported(Fact):
    """`asked` is what the log was narrowed by, as the address of the page has it."""

    name = "audit.exported"
    sentence = N_("took %(count)s lines of the audit log away as a file")
    icon = "download"

    count: int
    asked: dict[str, str]
