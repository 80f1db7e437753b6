"""The cleaning report: what the check found in the cells of a file and what it made of them, field by field."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import any_, case, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from crm.domain.imports.changes import EXAMPLES, KEPT, REFUSED, SAID, Changes
from crm.domain.imports.findings import ImportFinding
from crm.domain.imports.models import Import, ImportRow
from crm.infra.db import db
from crm.kernel.text import N_

# Kind of change → what is said of it, in the order of the report.
KINDS: dict[str, str] = {
    "spaces": N_("spaces too many taken out"),
    "characters": N_("full-width and invisible characters made plain"),
    "symbols": N_("symbols taken out"),
    "width": N_("full-width characters made plain"),
    "case": N_("capital and small letters made alike"),
    "nothing": N_("words such as “N/A” taken for nothing"),
    "phone": N_("phone numbers written in one form"),
    "email": N_("e-mail addresses written in one form"),
    "url": N_("web addresses written in one form"),
    "serial": N_("dates kept as numbers by a spreadsheet"),
    "date_order": N_("dates turned to year, month, day"),
    "date": N_("dates written in one form"),
    "decimals": N_("marks of thousands and decimals made alike"),
    "unit": N_("amounts counted out, such as 12.5万"),
    "number": N_("numbers written in one form"),
    "choice": N_("choices known by another name"),
    "meaning": N_("texts that mean something here, as was said"),
    "fallback": N_("empty cells filled in as was said"),
}


_CHUNK = 1_000


@dataclass
class FieldReport:
    """Of one field: cells with something in them, those stored, those refused, and each kind of change."""

    key: str
    said: int = 0
    kept: int = 0
    refused: int = 0
    changes: list[ImportFinding] = field(default_factory=list)


def keep_findings(import_id: int, lines: Sequence[int], changes: Changes) -> None:
    """Add a batch's to those kept before; `lines` are those of its rows."""
    places: dict[str, tuple[int | None, int | None]] = {}
    for at, done in changes.of_row.items():
        for each in done:
            first, _ = places.get(each, (lines[at], 0))
            places[each] = first, lines[at]
    rows = []
    for (key, kind), count in changes.counts.items():
        first, last = places.get(f"{key}:{kind}", (None, None))
        examples = [[lines[at], before, after] for at, before, after in changes.examples.get((key, kind), ())]
        where = {"import_id": import_id, "key": key, "kind": kind}
        rows.append({**where, "count": count, "first_line": first, "last_line": last, "examples": examples})
    if not rows:
        return
    statement = insert(ImportFinding)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["import_id", "key", "kind"],
        set_={
            "count": ImportFinding.count + new.count,
            "first_line": func.least(ImportFinding.first_line, new.first_line),
            "last_line": func.greatest(ImportFinding.last_line, new.last_line),
            "examples": case(
                (func.jsonb_array_length(ImportFinding.examples) >= EXAMPLES, ImportFinding.examples),
                else_=ImportFinding.examples.op("||")(new.examples),
            ),
        },
    )
    db.session.execute(statement, rows)


def report_of(import_: Import) -> dict[str, FieldReport]:
    """By field key, in no order."""
    found: dict[str, FieldReport] = {}
    for each in db.session.scalars(select(ImportFinding).where(ImportFinding.import_id == import_.id)):
        report = found.setdefault(each.key, FieldReport(each.key))
        if each.kind in (SAID, KEPT, REFUSED):
            setattr(report, each.kind, each.count)
        elif each.count:
            report.changes.append(each)
    order = {kind: at for at, kind in enumerate(KINDS)}
    for report in found.values():
        report.changes.sort(key=lambda finding: order.get(finding.kind, len(order)))
    return found


def changed_rows(import_: Import, key: str, kind: str, after: int, size: int) -> Sequence[ImportRow]:
    """The rows in which this was done, behind a line: one page and one more."""
    found = db.session.get(ImportFinding, (import_.id, key, kind))
    if found is None or found.first_line is None or found.last_line is None:
        return ()
    between: Any = ImportRow.line.between(max(after + 1, found.first_line), found.last_line)
    statement = select(ImportRow).where(ImportRow.import_id == import_.id, ImportRow.changes.is_not(None), between)
    changed = literal(f"{key}:{kind}") == any_(ImportRow.changes)
    return db.session.scalars(statement.where(changed).order_by(ImportRow.line).limit(size + 1)).all()


def changes_of_rows(import_: Import, most: int) -> Iterator[tuple[int, str, str]]:
    """(line, field key, kind of change) of the first rows in which something was done, a chunk at a time."""
    after, left = 0, most
    while left > 0:
        statement = select(ImportRow.line, ImportRow.changes).where(
            ImportRow.import_id == import_.id, ImportRow.changes.is_not(None), ImportRow.line > after
        )
        found = db.session.execute(statement.order_by(ImportRow.line).limit(min(left, _CHUNK))).all()
        for line, changes in found:
            for each in changes or ():
                key, _, kind = each.rpartition(":")
                yield line, key, kind
        if len(found) < min(left, _CHUNK):
            return
        after, left = found[-1].line, left - len(found)
