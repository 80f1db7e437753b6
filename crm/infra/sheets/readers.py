"""The reader for each kind of file, and the two jobs a child can be given."""

import os
from collections.abc import Iterator
from typing import Any

from .calamine import inspect_other, other_frames
from .delimited import inspect_text, text_frames
from .errors import SheetError
from .jsonlines import inspect_lines, line_frames
from .kinds import kind_of
from .model import MB, Inspection, Limits
from .workbook import inspect_workbook, workbook_frames


def inspect_file(path: str, filename: str, limits: Limits, **wanted: str) -> Inspection:
    """`wanted`: sheet, encoding, delimiter; empty means guess."""
    size = os.stat(path).st_size
    if size > limits.file_bytes:
        raise SheetError("too_large", size=-(-size // MB), limit=limits.file_bytes // MB)
    kind = kind_of(path, filename, limits)
    if kind == "csv":
        return inspect_text(path, filename, wanted["encoding"], wanted["delimiter"], limits)
    if kind == "jsonl":
        return inspect_lines(path, limits)
    if kind == "xlsx":
        return inspect_workbook(path, wanted["sheet"], limits)
    return inspect_other(path, kind, wanted["sheet"], limits)


def read_rows(path: str, inspection: Inspection, after: int, limits: Limits) -> Iterator[dict[str, Any]]:
    if inspection.kind == "csv":
        return text_frames(path, inspection, after, limits)
    if inspection.kind == "jsonl":
        return line_frames(path, inspection, after, limits)
    if inspection.kind == "xlsx":
        return workbook_frames(path, inspection, after, limits)
    return other_frames(path, inspection, after, limits)
