"""Tables people take away: CSV without formulas, one JSON object a line; workbooks are in book.py.

A batch is a list of columns, each a list of as many texts, "" where there is nothing; writing column by column is what
makes it fast. Nothing is kept of a batch once it is written, so memory does not grow with rows.
"""

import csv
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .neutral import neutralised

Path = str | os.PathLike[str]
Batch = Sequence[Sequence[str]]
Last = Callable[[int], str]  # rows written → the line below them, "" for none
BEGINNINGS = frozenset("=+-@＝＋－＠\t\r\n'")  # of what neutral.py may have to do with


class Cell(StrEnum):
    """What a column holds. A number comes as `-12.5`, a day as `2026-11-21`, a moment as `2026-11-21 14:30:00`."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DAY = "day"
    MOMENT = "moment"
    JSON = "json"  # a JSON value, written as it is: only in JSON lines


@dataclass(frozen=True)
class Column:
    heading: str
    cell: Cell = Cell.TEXT
    width: int = 16  # characters


def write_csv_table(
    path: Path, columns: Sequence[Column], batches: Iterable[Batch], last: Last, encoding: str = "utf-8-sig"
) -> int:
    """Half a character, which no encoding has, becomes a question mark."""
    count = 0
    free = [at for at, each in enumerate(columns) if each.cell is Cell.TEXT]
    with open(path, "w", encoding=encoding, errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([neutralised(each.heading) for each in columns])
        for batch in batches:
            cells = list(batch)
            for at in free:
                cells[at] = [neutralised(text) if text and text[0] in BEGINNINGS else text for text in cells[at]]
            writer.writerows(zip(*cells, strict=True))
            count += len(cells[0])
        if words := last(count):
            writer.writerow([neutralised(words), *[""] * (len(columns) - 1)])
    return count


def write_json_lines(path: Path, columns: Sequence[Column], batches: Iterable[Batch], last: Last) -> int:
    """Every cell is a JSON value already, and every heading a JSON text."""
    count = 0
    names = [f"{each.heading}:" for each in columns]
    with open(path, "w", encoding="utf-8", errors="replace", newline="\n") as file:
        for batch in batches:
            pairs = [[name + text for text in cells] for name, cells in zip(names, batch, strict=True)]
            file.writelines("{" + ",".join(row) + "}\n" for row in zip(*pairs, strict=True))
            count += len(batch[0])
        if words := last(count):
            file.write(words + "\n")
    return count
