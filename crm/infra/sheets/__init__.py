"""Turns an uploaded file into rows of text, in a child process with limits; writes rows back to files.

Reading never happens in the calling process: `inspect` and `rows` start a child
(`bootstrap.py` → `child.py`) that knows neither Flask nor the database, speaks JSON over a pipe
and dies with its parent.

    inspection = inspect(path, filename="客户.xlsx")               # or sheet=, encoding=, delimiter= to override
    inspection.kind            "csv" | "jsonl" | "xlsx" | "xls" | "xlsb" | "ods"
    inspection.encoding        "utf-8", "gb18030", …; "" for workbooks; .encoding_sure says whether to ask
    inspection.delimiter       "," ";" "\\t" …; "" for workbooks; .quote, .escape, .skip_space go with it
    inspection.sheets          [Sheet(name, rows | None, columns, hidden)];  .sheet is the chosen one's name
    inspection.heading_row     line number of the heading row; 0 when the file has none
    inspection.headings        the cells of that row (made-up "" for columns without heading)
    inspection.sample          [(line, [cell, …]), …], the first rows, those above the headings included
    inspection.rows            rows in the sheet, heading and blank ones included: exact, an estimate or None
    inspection.notes           [Note(code, params)]; note.message_id % note.params is a sentence
    inspection.to_dict() / Inspection.from_dict(dict)             # for a JSON column

    with rows(path, inspection, heading_row=None, after=0) as reading:
        for batch in reading:
            batch.rows         [(line, [cell, …]), …]; as many cells as there are columns, or more
            batch.flags        [Flag(line, code, params)]: what is odd about a row (see errors.FLAGS)
            batch.blank        blank rows passed over in this batch
            batch.line         last line this batch covers: store it, pass it as `after=` to go on behind it
            batch.fraction     0.0 … 1.0 of the file read
        reading.totals         Totals(rows, blank, above, line) once the file has ended, of this reading

`line` is what a person sees: the row number in Excel, the text line on which a CSV record begins.
Nothing is dropped silently: every record of the file is a row of some batch, counted in `blank`,
the heading row itself or a row above it (`totals.above`).

A reading belongs to the thread that began it: on Linux the child ends with that thread. Repairs and flags depend
on the file and the inspection only, so a second reading of the same file gives the same rows.

Anything that cannot be read ends in `SheetError(code, **params)`; `error.message_id` is an English sentence
(a gettext id with %(name)s places), `error.params` fills it, `str(error)` is both together. It may be raised by
`inspect`, by `rows` before its first batch or after any batch. All numbers of `Limits` may be lowered or raised.

    write_csv(path, headings, rows) -> int, write_xlsx(path, headings, rows) -> int    # rows written

Many rows go column by column, with typed cells, into one of these; see tables.py:

    write_csv_table(path, columns, batches, last, encoding), write_xlsx_table(…), write_json_lines(…) -> int
"""

from .book import write_xlsx_table
from .errors import FLAGS, NOTES, PROBLEMS, Flag, Note, SheetError
from .marks import marked
from .model import Batch, Inspection, Limits, Sheet, Totals
from .parent import Reading, inspect, rows
from .tables import Batch as ColumnBatch
from .tables import Cell, Column, write_csv_table, write_json_lines
from .write import write_csv, write_xlsx

__all__ = [
    "FLAGS",
    "NOTES",
    "PROBLEMS",
    "Batch",
    "Cell",
    "Column",
    "ColumnBatch",
    "Flag",
    "Inspection",
    "Limits",
    "Note",
    "Reading",
    "Sheet",
    "SheetError",
    "Totals",
    "inspect",
    "marked",
    "rows",
    "write_csv",
    "write_csv_table",
    "write_json_lines",
    "write_xlsx",
    "write_xlsx_table",
]
