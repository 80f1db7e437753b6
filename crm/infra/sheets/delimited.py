"""The two jobs for delimited text: look at it, and read its rows."""

import os
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from .csvfile import Record, read_records
from .dialect import Dialect, guess_dialect, separator_line
from .encoding import Encoding, guess_encoding
from .errors import Note, SheetError
from .headings import guess_heading
from .kinds import extension_of
from .look import SAMPLE_ROWS, heading_notes, table_width
from .model import Inspection, Limits
from .table import Table
from .text import Text

_SAMPLE_LINES = 400
_SAMPLE_CHARS = 1 << 20
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")


def inspect_text(path: str, filename: str, encoding: str, delimiter: str, limits: Limits) -> Inspection:
    found = guess_encoding(path, limits)
    if encoding:
        found = found._replace(name=encoding, sure=True)
    lines = _sample_lines(path, found.name, limits)
    named = separator_line(lines[0]) if lines else ""
    dialect = guess_dialect(lines[1:] if named else lines, delimiter or named, extension_of(filename))
    sample = _sample(path, found.name, dialect, limits)
    if not sample:
        raise SheetError("empty")
    heading = guess_heading(sample[1:] if named else sample)
    columns = table_width(sample, heading, ragged=True)
    if columns > limits.columns:
        raise SheetError(
            "too_many_columns",
            line=heading or sample[0][0],
            count=columns,
            limit=limits.columns,
        )
    return Inspection(
        kind="csv",
        size=os.stat(path).st_size,
        encoding=found.name,
        encoding_sure=found.sure,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        escape=dialect.escape,
        skip_space=dialect.skip_space,
        heading_row=heading,
        columns=columns,
        sample=sample,
        rows=found.lines,
        notes=_notes(found, dialect, columns, filename) + heading_notes(sample, heading),
    )


def text_frames(path: str, inspection: Inspection, after: int, limits: Limits) -> Iterator[dict[str, Any]]:
    dialect = Dialect(inspection.delimiter, inspection.quote, inspection.escape, inspection.skip_space)
    text = _open(path, inspection.encoding, limits)
    table = Table(inspection.heading_row, inspection.columns, after, True, limits)
    return table.frames(
        _restored(read_records(text, dialect, limits, inspection.columns)),
        lambda: text.fraction,
    )


def _open(path: str, encoding: str, limits: Limits) -> Text:
    try:
        return Text(path, encoding, limits)
    except LookupError as error:
        raise SheetError("bad_encoding", encoding=encoding) from error


def _sample_lines(path: str, encoding: str, limits: Limits) -> list[str]:
    text = _open(path, encoding, limits)
    lines: list[str] = []
    chars = 0
    for line in islice(text, _SAMPLE_LINES):
        lines.append(line)
        chars += len(line)
        if chars > _SAMPLE_CHARS:
            break
    text.close()
    return lines


def _sample(path: str, encoding: str, dialect: Dialect, limits: Limits) -> list[tuple[int, list[str]]]:
    """The first rows. Read twice: repairing a broken record needs the width that the first reading shows."""
    sample: list[Record] = []
    for _ in range(2):
        width = table_width([(line, cells) for line, cells, _ in sample], 0, ragged=True)
        text = _open(path, encoding, limits)
        sample = list(islice(read_records(text, dialect, limits, width), SAMPLE_ROWS))
        text.close()
    return [(line, cells) for line, cells, _ in _restored(iter(sample))]


def _restored(records: Iterator[Record]) -> Iterator[Record]:
    """Undo what write_csv does to text that looks like a formula: exactly one apostrophe before = + - @ goes."""
    for line, cells, flags in records:
        for at, cell in enumerate(cells):
            if cell.startswith("'") and _NEUTRALISED.match(cell):
                cells[at] = cell[1:]
        yield line, cells, flags


def _notes(found: Encoding, dialect: Dialect, columns: int, filename: str) -> list[Note]:
    notes = []
    if not found.sure:
        notes.append(Note("encoding_guessed", {"encoding": found.name}))
    if found.nul:
        notes.append(Note("nul_bytes", {}))
    if not dialect.certain and columns == 1:
        notes.append(Note("delimiter_unclear", {}))
    if extension_of(filename) in ("xls", "xlsx", "xlsm", "xlsb", "ods"):
        notes.append(Note("other_type", {"extension": extension_of(filename), "kind": "CSV"}))
    return notes
