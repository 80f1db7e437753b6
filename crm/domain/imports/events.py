import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class ImportWaits(Fact):
    """Any step a person takes after which it is a worker's turn."""

    icon = "upload"


@dataclass(frozen=True)
class ImportUploaded(ImportWaits):
    name = "import.uploaded"
    sentence = N_("uploaded the file “%(filename)s” for an import")

    filename: str
    size: int
    sha256: str


@dataclass(frozen=True)
class ImportFollows(ImportWaits):
    """`parent_id`: the import whose rows have become the records that these belong to."""

    name = "import.follows"
    sentence = N_("began a further import of the file “%(filename)s”")

    filename: str
    parent_id: int


@dataclass(frozen=True)
class ImportReread(ImportWaits):
    name = "import.reread"
    sentence = N_("had the file read in another way")

    sheet: str
    encoding: str
    delimiter: str
    heading_row: int | None


@dataclass(frozen=True)
class ImportMapped(ImportWaits):
    """`mapping` is column heading → field key."""

    name = "import.mapped"
    sentence = N_("matched the columns of the file to fields")

    mapping: dict[str, str]


@dataclass(frozen=True)
class ImportDivided(Fact):
    """`splits` as of Import."""

    name = "import.divided"
    sentence = N_("had columns of the file count as several")
    icon = "upload"

    splits: list[list[Any]]


@dataclass(frozen=True)
class ImportConverted(ImportWaits):
    """`conversions` as of Import."""

    name = "import.converted"
    sentence = N_("said how cells of the file are written")

    conversions: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class ImportTranslated(ImportWaits):
    """`translations` is field key → {text of the file: what it means}."""

    name = "import.translated"
    sentence = N_("said what texts of the file mean")

    translations: dict[str, dict[str, str]]


@dataclass(frozen=True)
class ImportRowsFixed(Fact):
    name = "import.rows_fixed"
    sentence = N_("corrected rows: %(good)s can go in now, %(wrong)s still cannot")
    icon = "upload"

    good: int
    wrong: int


@dataclass(frozen=True)
class ImportDecided(Fact):
    name = "import.decided"
    sentence = N_("decided what becomes of %(rows)s rows that are like something here")
    icon = "upload"

    rows: int


@dataclass(frozen=True)
class ImportComparisonAsked(ImportWaits):
    name = "import.comparison_asked"
    sentence = N_("had the rows compared with what is here")


@dataclass(frozen=True)
class ImportRehearsalAsked(ImportWaits):
    name = "import.rehearsal_asked"
    sentence = N_("asked for a dry run of the import")

    duplicates: str


@dataclass(frozen=True)
class ImportRehearsed(Fact):
    name = "import.rehearsed"
    sentence = N_(
        "the dry run would create %(created)s, update %(updated)s, merge %(merged)s, skip %(skipped)s; "
        "%(failed)s rows would fail"
    )
    icon = "upload"

    created: int
    updated: int
    merged: int
    skipped: int
    failed: int


@dataclass(frozen=True)
class ImportStarted(ImportWaits):
    name = "import.started"
    sentence = N_("started the import")

    duplicates: str
    automates: bool = False


@dataclass(frozen=True)
class ImportScheduled(Fact):
    name = "import.scheduled"
    sentence = N_("had the import wait for its time")
    icon = "clock"

    at: dt.datetime
    duplicates: str
    automates: bool


@dataclass(frozen=True)
class ImportUnscheduled(Fact):
    name = "import.unscheduled"
    sentence = N_("had the import wait no more")
    icon = "clock"


@dataclass(frozen=True)
class ImportResumed(ImportWaits):
    name = "import.resumed"
    sentence = N_("had the import go on")


@dataclass(frozen=True)
class ImportCancelRequested(ImportWaits):
    name = "import.cancel_requested"
    sentence = N_("asked for the import to be stopped")


@dataclass(frozen=True)
class ImportCancelled(Fact):
    name = "import.cancelled"
    sentence = N_("cancelled the import; %(reached)s rows were dealt with before")
    icon = "x"

    reached: int


@dataclass(frozen=True)
class ImportFailed(Fact):
    """`problem` is the English sentence; the import itself keeps it translatable."""

    name = "import.failed"
    sentence = N_("could not go on with the import: %(problem)s")
    icon = "circle-alert"

    problem: str


@dataclass(frozen=True)
class ImportFileDeleted(Fact):
    name = "import.file_deleted"
    sentence = N_("deleted the file of the import")
    icon = "trash-2"


@dataclass(frozen=True)
class ImportFinished(Fact):
    name = "import.finished"
    sentence = N_(
        "finished the import: %(created)s created, %(updated)s updated, %(skipped)s skipped, %(failed)s failed"
    )
    with_merged = N_(
        "finished the import: %(created)s created, %(updated)s updated, %(merged)s merged, %(skipped)s skipped, "
        "%(failed)s failed"
    )
    icon = "check"

    rows: int
    created: int
    updated: int
    skipped: int
    failed: int
    merged: int = 0

    @classmethod
    def says(cls, payload: Mapping[str, Any]) -> str:
        return cls.with_merged if payload.get("merged") else cls.sentence
