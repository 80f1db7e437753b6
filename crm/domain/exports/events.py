from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class ExportAsked(Fact):
    """Of what is long enough to be a worker's. `conditions` are those of the list, as its address has them."""

    name = "export.asked"
    sentence = N_("asked for an export")
    icon = "download"

    record_type: str
    columns: list[str]
    conditions: list[str]
    format: str


@dataclass(frozen=True)
class ExportWritten(Fact):
    """One for each file there is to take away."""

    name = "export.written"
    sentence = N_("took %(rows)s records away as a file (%(format)s)")
    icon = "download"

    record_type: str
    columns: list[str]
    conditions: list[str]
    asked: list[str]  # the same in words, as whoever took it reads them
    format: str
    rows: int
    size: int


@dataclass(frozen=True)
class ExportStopped(Fact):
    """`problem` is the English sentence; the export itself keeps it translatable."""

    name = "export.stopped"
    sentence = N_("could not be given an export: %(problem)s")
    icon = "circle-alert"

    problem: str


@dataclass(frozen=True)
class RegularExportMade(Fact):
    name = "regular_export.made"
    sentence = N_("asked for the regular export “%(title)s”")
    icon = "download"

    title: str
    record_type: str
    every: str
    fields: list[str]


@dataclass(frozen=True)
class RegularExportPaused(Fact):
    name = "regular_export.paused"
    sentence = N_("paused the regular export “%(title)s”, or let it go on")
    icon = "download"

    title: str
    paused: bool


@dataclass(frozen=True)
class RegularExportRemoved(Fact):
    name = "regular_export.removed"
    sentence = N_("removed the regular export “%(title)s”")
    icon = "trash-2"

    title: str
