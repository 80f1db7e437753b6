from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class ReportSaved(Fact):
    name = "report.saved"
    sentence = N_("saved the report “%(title)s”")
    icon = "columns-3"

    title: str
    asked: list[list[str]]


@dataclass(frozen=True)
class ReportChanged(Fact):
    """`changes` is {what: [before, after]}."""

    name = "report.changed"
    sentence = N_("changed a report")
    icon = "columns-3"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class ReportDeleted(Fact):
    name = "report.deleted"
    sentence = N_("deleted the report “%(title)s”")
    icon = "trash-2"

    title: str
    asked: list[list[str]]


@dataclass(frozen=True)
class ReportTaken(Fact):
    """As a file: groups and numbers, no records. `conditions` are those of the question, as its address has them."""

    name = "report.taken"
    sentence = N_("took a report of %(rows)s lines away as a file (%(format)s)")
    icon = "download"

    record_type: str
    conditions: list[str]
    format: str
    rows: int


@dataclass(frozen=True)
class ReportMailingMade(Fact):
    """To whom it is mailed besides whoever asked."""

    name = "report.mailing_made"
    sentence = N_("has the report “%(title)s” mailed regularly")
    icon = "mail"

    title: str
    every: str
    people: list[int]


@dataclass(frozen=True)
class ReportMailingEnded(Fact):
    name = "report.mailing_ended"
    sentence = N_("ended a regular mail of the report “%(title)s”")
    icon = "mail"

    title: str
