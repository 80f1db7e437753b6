"""The audit log as a file: a line for each value before and after, told as the page tells it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from crm.infra import sheets
from crm.kernel.events import Event
from crm.kernel.text import N_
from crm.web import audit
from crm.web.i18n import gettext

WRITERS: Mapping[str, Any] = {"csv": sheets.write_csv, "xlsx": sheets.write_xlsx}
_HEADINGS = (
    N_("Number"),
    N_("When"),
    N_("Who"),
    N_("What"),
    N_("Kind of record"),
    N_("Record"),
    N_("Field"),
    N_("Before"),
    N_("After"),
    N_("Reason"),
    N_("Network address"),
    N_("Request"),
)


def write(path: str, suffix: str, batches: Iterable[Sequence[Event]]) -> None:
    """As g.actor may see it, in g.language."""
    WRITERS[suffix](path, [gettext(each) for each in _HEADINGS], _cells(batches))


def _cells(batches: Iterable[Sequence[Event]]) -> Iterator[list[str]]:
    for events in batches:
        for line in audit.lines(events):
            start = [str(line.id), line.iso, line.who, line.what, line.type, line.record]
            end = [line.reason, line.address, line.request_id]
            for change in line.changes or (audit.Change("", "", ""),):
                yield [*start, change.label, change.before, change.after, *end]
