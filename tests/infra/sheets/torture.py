"""Reads every file of the shared folders and says in a table what came of each; docs/TORTURE.md holds that table."""

import csv
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from crm.infra.sheets import Inspection, SheetError, inspect, rows

TABLE = Path(__file__).resolve().parents[3] / "docs/TORTURE.md"
FOLDERS = {
    "csv_torture": "*.[ct][sa][vb]",
    "xlsx_torture": "files/*",
    "bad_input": "*.[tj]*",
    "cn_companies": "*.csv*",
    "import_headings": "templates/*",
    "crm_en": "*.csv",
}
HEAD = """# What becomes of the files made to break importers

Each file of the shared collections (real ones, faulty ones, hostile ones) ends in rows or in a sentence, within
a minute and a gigabyte of memory. Made by `python -m tests.infra.sheets.make_table`; a test compares.
“Marked” counts rows that are read and marked as odd, by what is odd about them.
"""


class Result(NamedTuple):
    """`sentence` is "" when the file was read to its end; `seconds` and `peak` (bytes) are of the slower child."""

    path: Path
    inspection: Inspection | None
    lines: list[tuple[int, list[str]]]
    marked: Counter[str]
    sentence: str
    seconds: float
    peak: int


def files(shared: Path) -> list[Path]:
    """All files of the collections but their manifests and truths, in order of name."""
    found = []
    for folder, pattern in FOLDERS.items():
        for path in sorted((shared / folder).rglob(pattern)):
            inside = {part.lower() for part in path.relative_to(shared).parts}
            if not inside & {"clean", "json", "parameters", "manifest.csv", "readme.md"}:
                found.append(path)
        found += sorted((shared / folder).rglob("*.CSV")) if folder == "csv_torture" else []
    return [path for path in dict.fromkeys(found) if "clean" not in path.parts]


def read(path: Path) -> Result:
    inspection: Inspection | None = None
    lines: list[tuple[int, list[str]]] = []
    marked: Counter[str] = Counter()
    sentence, peak, begun = "", 0, time.monotonic()
    try:
        inspection = inspect(path, filename=path.name)
        with rows(path, inspection) as reading:
            for batch in reading:
                lines += batch.rows
                marked.update(flag.code for flag in batch.flags)
        peak = reading.peak_rss
    except SheetError as error:
        sentence = str(error)
    return Result(path, inspection, lines, marked, sentence, time.monotonic() - begun, peak)


def read_all(shared: Path) -> list[Result]:
    """Two children at a time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(read, files(shared)))


def table(results: list[Result], shared: Path) -> str:
    out = [HEAD]
    folder = ""
    for result in results:
        name = result.path.relative_to(shared)
        if name.parts[0] != folder:
            folder = name.parts[0]
            out.append(
                f"\n## {folder}\n\n| file | read as | headings in row | columns | rows | marked | or the sentence |"
            )
            out.append("|---|---|--:|--:|--:|---|---|")
        out.append(_line(result, "/".join(name.parts[1:])))
    exact, of = pollock(results, shared)
    out.append(
        f"\nOf the {of} Pollock files, whose wanted table is known, {exact} come out exactly so; in the others the rows"
    )
    out.append("that a person would repair are marked and the rest is read.\n")
    return "\n".join(out)


def _line(result: Result, name: str) -> str:
    found = result.inspection
    cells = [f"`{name}`", "", "", "", "", "", result.sentence]
    if found is not None:
        cells[1] = " ".join(filter(None, [found.kind, found.encoding, _named(found.delimiter)]))
        cells[2:5] = [
            str(found.heading_row or "none"),
            str(found.columns),
            "" if result.sentence else str(len(result.lines)),
        ]
        cells[5] = ", ".join(f"{count} {code}" for code, count in sorted(result.marked.items()))
    return "| " + " | ".join(cells) + " |"


def _named(delimiter: str) -> str:
    return {"\t": "tab", "|": "bar", ",": "comma", ";": "semicolon", " ": "space"}.get(delimiter, delimiter)


def _named_columns(found: Inspection) -> list[str]:
    names = [name.replace("\r\n", "\n") for name in found.headings]
    while names and not names[-1]:
        names.pop()
    return names


def pollock(results: list[Result], shared: Path) -> tuple[int, int]:
    """How many files give exactly the wanted table (headings and rows), of how many with one."""
    exact = of = 0
    for result in results:
        truth = result.path.parent / "clean" / result.path.name
        if not truth.exists():
            continue
        of += 1
        with truth.open(encoding="utf-8", newline="") as file:
            names, *wanted = ([cell.replace("\r\n", "\n") for cell in row] for row in csv.reader(file))
        ours = [[cell.replace("\r\n", "\n") for cell in cells] for _, cells in result.lines]
        made_up = all(name.startswith("col_") for name in names)
        found = result.inspection
        while names and not names[-1]:
            names.pop()
        same = found is not None and (found.heading_row == 0 if made_up else _named_columns(found) == names)
        exact += same and ours == [row for row in wanted if any(row)]
    return exact, of
