"""What other systems call the records goes and comes back with what the import did to them."""

from collections.abc import Sequence

from sqlalchemy import select

from crm.domain.imports.models import Import, ImportRow
from crm.domain.records.external import LONGEST, forget_called, keep_called
from crm.domain.undoing.deciding import Decision
from crm.domain.undoing.models import Outcome
from crm.infra.db import db
from crm.kernel.text import clean

_PUT_BACK = (Outcome.RESTORED, Outcome.PARTLY)
_AGAIN = (Outcome.BROUGHT_BACK, Outcome.CHANGED, Outcome.PARTLY)


def taken_back(import_: Import, decisions: Sequence[Decision]) -> None:
    """Of what is in the bin now or has what it had before. A record that the import made and that stays keeps its id,
    whatever later lines changed of it: the system's next file would make a second one."""
    ids = {
        each.row.record_id
        for each in decisions
        if each.outcome == Outcome.REMOVED or (each.outcome in _PUT_BACK and each.record.import_id != import_.id)
    }
    if import_.source:
        forget_called(import_.record_type, ids, import_.id)


def given_again(import_: Import, decisions: Sequence[Decision]) -> None:
    """As the rows of the file have them."""
    records = {each.row.line: each.row.record_id for each in decisions if each.outcome in _AGAIN}
    if import_.source_column is None or not records:
        return
    cell = ImportRow.raw[import_.source_column].as_string()
    rows = db.session.execute(
        select(ImportRow.line, cell.label("id")).where(ImportRow.import_id == import_.id, ImportRow.line.in_(records))
    )
    called = [(records[row.line], clean(row.id or "")[:LONGEST]) for row in rows]
    pairs = [(record_id, id_) for record_id, id_ in called if id_]
    keep_called(import_.record_type, import_.source, pairs, import_.id, again=True)
