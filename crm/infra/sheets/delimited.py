"""The two jobs for delimited text: look at it, and read its rows."""

import os
from collections.abc import Iterator
from typing import Any

from .csvfile import read_records
from .dialect import Dialect, guess_dialect, separator_line
from .encoding import Encoding, guess_encoding
from .errors import Note, SheetError
from .headings import guess_heading
from .kinds import extension_of
from .look import Sample, first_rows, heading_notes, shown, text_columns, usual_cells
from .model import Inspection, Limits
from .table import Table
from .text import Text

_SAMPLE_LINES = 400
_SAMPLE_LINE = 1 << 16
_SAMPLE_CHARS = 1 << 20
_BOOKS = ("xls", "xlsx", "xlsm", "xlsb", "ods")


def inspect_text(path: str, filename: str, encoding: str, delimiter: str, limits: Limits) -> Inspection:
    found = guess_encoding(path, limits)
    if encoding:
        found = found._replace(name=encoding, sure=True)
    lines = _sample_lines(path, found.name, limits)
    named = separator_line(lines[0]) if lines else ""
    dialect = guess_dialect(lines[1:] if named else lines, delimiter or named, extension_of(filename))
    sample = _sample(path, found.name, dialect, limits)[1 if named else 0 :]
    if not sample:
        raise SheetError("empty")
    heading = guess_heading(sample, ragged=True)
    usual = usual_cells(sample, heading)
    columns = text_columns(sample, heading, usual)
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
        usual_cells=usual,
        sample=shown(sample),
        rows=found.lines,
        notes=_notes(found, dialect, columns, filename) + heading_notes(sample, heading),
    )


def text_frames(path: str, inspection: Inspection, after: int, limits: Limits) -> Iterator[dict[str, Any]]:
    dialect = Dialect(inspection.delimiter, inspection.quote, inspection.escape, inspection.skip_space)
    text = _open(path, inspection.encoding, limits)
    records = read_records(text, dialect, limits, inspection.usual_cells)
    return Table(inspection, after, limits).frames(records, lambda: text.fraction)


def _open(path: str, encoding: str, limits: Limits) -> Text:
    try:
        return Text(path, encoding, limits)
    except LookupError as error:
        raise SheetError("bad_encoding", encoding=encoding) from error


def _sample_lines(path: str, encoding: str, limits: Limits) -> list[str]:
    text = _open(path, encoding, limits)
    lines: list[str] = []
    chars = 0
    for line in text:
        lines.append(line[:_SAMPLE_LINE])
        chars += len(line)
        if chars > _SAMPLE_CHARS or len(lines) >= _SAMPLE_LINES:
            break
    text.close()
    return lines


def _sample(path: str, encoding: str, dialect: Dialect, limits: Limits) -> Sample:
    """The first rows. Read twice: repairing a broken record needs the width that the first reading shows."""
    sample: Sample = []
    for _ in range(2):
        text = _open(path, encoding, limits)
        sample = first_rows(read_records(text, dialect, limits, usual_cells(sample, 0)), limits)
        text.close()
    return sample


def _notes(found: Encoding, dialect: Dialect, columns: int, filename: str) -> list[Note]:
    notes = []
    if not found.sure:
        notes.append(Note("encoding_guessed", {"encoding": found.name}))
    if found.bad:
        notes.append(Note("bad_bytes", {}))
    if found.nul:
        notes.append(Note("nul_bytes", {}))
    if not dialect.certain and columns == 1:
        notes.append(Note("delimiter_unclear", {}))
    if extension_of(filename) in _BOOKS:
        notes.append(Note("other_type", {"extension": extension_of(filename), "kind": "CSV"}))
    return notes
