"""Lines of JSON, one object each: its keys are the headings, which count as the line above the first."""

import json
import os
from collections.abc import Iterator
from itertools import islice
from typing import Any

from .errors import SheetError
from .look import SAMPLE_ROWS, shown
from .marks import is_mark
from .model import Inspection, Limits
from .table import Table
from .text import Text

_HEADINGS = 1  # their line; the first object's is the next
Record = tuple[int, list[str], list[tuple[str, dict[str, Any]]]]


def is_json_lines(head: bytes) -> bool:
    """Whether a file begins with a JSON object on a line of its own."""
    first, ended, _ = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    if not first.startswith(b'{"') or not ended:
        return first.startswith(b'{"')
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        return False


def inspect_lines(path: str, limits: Limits) -> Inspection:
    objects, headings = _first(path, limits)
    rows = [(line, _cells(found, headings)) for line, found in objects]
    sample = [(_HEADINGS, headings), *((line, cells) for line, cells in rows if not is_mark(cells))]
    size = os.stat(path).st_size
    return Inspection(
        kind="jsonl",
        size=size,
        heading_row=_HEADINGS,
        columns=len(headings),
        usual_cells=len(headings),
        sample=shown(sample),
        rows=None,
    )


def _first(path: str, limits: Limits) -> tuple[list[tuple[int, dict[str, Any]]], list[str]]:
    """The first objects and every key there is in one of them."""
    text = _open(path, limits)
    objects = list(islice(_objects(text), SAMPLE_ROWS))
    text.close()
    headings = list(dict.fromkeys(key for _, found in objects for key in found if key))
    if not headings:
        raise SheetError("empty")
    if len(headings) > limits.columns:
        raise SheetError("too_many_columns", line=_HEADINGS, count=len(headings), limit=limits.columns)
    return objects, headings


def line_frames(path: str, inspection: Inspection, after: int, limits: Limits) -> Iterator[dict[str, Any]]:
    text, headings = _open(path, limits), _first(path, limits)[1]
    return Table(inspection, after, limits).frames(_records(text, headings), lambda: text.fraction)


def _records(text: Text, headings: list[str]) -> Iterator[Record]:
    yield _HEADINGS, headings, []
    for line, found in _objects(text):
        yield line, _cells(found, headings), []


def _open(path: str, limits: Limits) -> Text:
    return Text(path, "utf-8-sig", limits)


def _objects(text: Text) -> Iterator[tuple[int, dict[str, Any]]]:
    """Numbers stay as they are written."""
    for line in text:
        if not line.strip():
            continue
        try:
            found = json.loads(line, parse_float=str, parse_int=str)
        except ValueError as error:
            raise SheetError("bad_json", line=text.number) from error
        if not isinstance(found, dict):
            raise SheetError("bad_json", line=text.number)
        yield text.number + _HEADINGS, found


def _cells(found: dict[str, Any], headings: list[str]) -> list[str]:
    """What has no heading stands behind the others, so that the row is known to have too much."""
    if set(found) == {""}:  # words about the file
        return [_text(found[""]), *[""] * (len(headings) - 1)]
    known = set(headings)
    return [_text(found.get(key)) for key in headings] + [_text(found[key]) for key in found if key not in known]


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list():
            return ", ".join(map(_text, value))
    return json.dumps(value, ensure_ascii=False)
