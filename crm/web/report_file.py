"""A report as a file: groups and numbers, what it was narrowed by below them."""

import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from crm.domain.reports.asking import Measure
from crm.domain.reports.measuring import unit
from crm.infra import sheets
from crm.kernel.text import N_
from crm.web.i18n import gettext
from crm.web.report_table import Line, Number, ReportTable
from crm.web.report_words import rounded

_WRITE = {"csv": sheets.write_csv_table, "xlsx": sheets.write_xlsx_table}


def content(table: ReportTable, suffix: str, foot: str) -> bytes:
    columns = [sheets.Column(each, width=24) for each in table.row_heads or [""]]
    for head, measure in zip(table.heads, _measures(table), strict=True):
        money = bool(unit(table.found.spec, measure))
        columns.append(sheets.Column(head, sheets.Cell.MONEY if money else sheets.Cell.NUMBER))
    rows = [[*_path(table, each), *_values(table, each.numbers)] for each in table.lines]
    with tempfile.TemporaryDirectory(prefix="crm-report-") as folder:
        path = Path(folder) / f"report.{suffix}"
        _WRITE[suffix](path, columns, [list(zip(*rows, strict=True))], lambda written: foot)
        return path.read_bytes()


def _measures(table: ReportTable) -> list[Measure]:
    measures = table.question.measures
    return [measures[at % len(measures)] for at in range(len(table.heads))]


def _path(table: ReportTable, line: Line) -> list[str]:
    total = gettext(N_("Total"))
    wanted = max(1, len(table.question.rows))
    return [*line.path, *[total] * (wanted - len(line.path))]


def _values(table: ReportTable, numbers: Sequence[Number]) -> list[str]:
    measures = table.question.measures
    return [
        "" if each.value is None else f"{Decimal(rounded(measures[at % len(measures)], each.value)):f}"
        for at, each in enumerate(numbers)
    ]
