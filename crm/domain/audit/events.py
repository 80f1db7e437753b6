from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class LogExported(Fact):
    """`asked` is what the log was narrowed by, as the address of the page has it."""

    name = "audit.exported"
    sentence = N_("took %(count)s lines of the %(audit_log)s away as a file")
    icon = "download"

    count: int
    asked: dict[str, str]


@dataclass(frozen=True)
class VerificationAsked(Fact):
    name = "audit.verification_asked"
    sentence = N_("asked whether the log is whole")
    icon = "list-checks"


@dataclass(frozen=True)
class LogVerified(Fact):
    name = "audit.verified"
    sentence = N_("checked %(rows)s sealed lines of the log and found %(wrong)s things wrong")
    icon = "list-checks"

    rows: int
    wrong: int
