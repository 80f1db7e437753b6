"""The rows that could not be imported, to be taken away with the reason beside each."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from flask import Response, send_file

from crm.blueprints.imports.page import ImportPage, one
from crm.blueprints.imports.report import reason_of
from crm.blueprints.imports.routes import MAY, bp
from crm.domain.imports.mapping import REASON_HEADINGS
from crm.domain.imports.queries import failed_rows, reasons
from crm.domain.imports.rows import cell
from crm.infra import sheets
from crm.kernel.text import N_
from crm.web.i18n import gettext, language


@bp.get("/<int:import_id>/failed.csv", needs=MAY)
def failed_csv(import_id: int) -> Response:
    return _failed(ImportPage(one(import_id)), "csv", sheets.write_csv)


@bp.get("/<int:import_id>/failed.xlsx", needs=MAY)
def failed_xlsx(import_id: int) -> Response:
    return _failed(ImportPage(one(import_id)), "xlsx", sheets.write_xlsx)


def _failed(page: ImportPage, suffix: str, write: Any) -> Response:
    """Written to a file without a name, sent from there: however many rows, they are never all in memory."""
    words = gettext(N_("failed rows"))
    name = f"{PurePath(page.record.filename).stem}-{words}.{suffix}"
    headings = [REASON_HEADINGS[language()], *_headings(page)]
    handle, path = tempfile.mkstemp(suffix=f".{suffix}")
    os.close(handle)
    try:
        write(path, headings, _failed_cells(page))
        file = open(path, "rb")  # noqa: SIM115  # closed by the server once it is sent
    finally:
        os.unlink(path)
    return send_file(file, download_name=name, as_attachment=True)


def _headings(page: ImportPage) -> list[str]:
    """As they stood; where there were none the names of the fields, so that the file can come back."""
    labels = {each.key: gettext(each.label) for each in page.type.fields}
    mapping = page.record.mapping or {}
    given = page.inspection.headings
    return [
        given[n] if given[n].strip() else labels.get(mapping.get(str(n)) or "", column)
        for n, column in enumerate(page.columns[: page.own_columns])
        if n in page.open_columns
    ]


def _failed_cells(page: ImportPage) -> Iterator[list[str]]:
    known = page.type.by_key()
    fields = {int(at): known.get(key or "") for at, key in (page.record.mapping or {}).items()}
    for row, result in failed_rows(page.record):
        why = " ".join(reason_of(page, *each) for each in reasons(row, result))
        yield [why, *(cell(fields.get(at), each) for at, each in page.open_cells(row.raw) if page.is_of_file(at))]
