"""Which row of a sample holds the headings: the row after which the table begins, not the notes above it."""

import re
from collections import Counter

_LOOK_AT = 30
_NUMBER = re.compile(r"[-+(]?[¥￥$€£]?\s*\d[\d\s,.'’]*(?:[eE][-+]?\d+)?\s*[%)]?$")
_DATE = re.compile(
    r"\d{1,4}\s*[-/.年]\s*(?:\d{1,2}|[A-Za-z]{3,9})\s*[-/.月]\s*\d{1,4}日?(?:[T\s].*)?$|\d{1,2}:\d{2}(:\d{2})?$"
)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.\w+$|https?://\S+$|www\.\S+$")
_CODE = re.compile(r"(?=.*\d)[A-Z0-9]{6,}$")
_LONG = 60

Sample = list[tuple[int, list[str]]]


def kind_of(cell: str) -> str:
    """ "" for an empty cell, else number, date, address, code, long or word."""
    cell = cell.strip()
    if not cell:
        return ""
    for name, pattern in (
        ("number", _NUMBER),
        ("date", _DATE),
        ("address", _ADDRESS),
        ("code", _CODE),
    ):
        if pattern.match(cell):
            return name
    return "long" if len(cell) > _LONG else "word"


def guess_heading(sample: Sample) -> int:
    """The line number of the heading row, 0 when the first row is data already. Needs no knowledge of fields."""
    filled = [(line, cells) for line, cells in sample if any(cell.strip() for cell in cells)]
    if not filled:
        return 0
    width = _usual_width(filled)
    best, best_score = 0, 0.0
    for index, (line, cells) in enumerate(filled[:_LOOK_AT]):
        if _filled(cells) < width * 0.5 or (width > 1 and _filled(cells) < 2):
            continue
        score = _score(cells, [each for _, each in filled[index + 1 :]], width) - 0.04 * index
        if score > best_score:
            best, best_score = line, score
        if _is_data(cells):
            break
    return best


def _filled(cells: list[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def _usual_width(filled: Sample) -> int:
    """How many cells most rows fill; the widest third speaks, since notes and totals are narrow."""
    counts = sorted((_filled(cells) for _, cells in filled), reverse=True)
    return Counter(counts[: max(1, len(counts) // 2)]).most_common(1)[0][0]


def _is_data(cells: list[str]) -> bool:
    kinds = [kind_of(cell) for cell in cells]
    return sum(kind in ("number", "date", "address") for kind in kinds) * 2 > sum(1 for kind in kinds if kind)


def _score(cells: list[str], below: list[list[str]], width: int) -> float:
    """How much a row looks like the names of the columns below it; 0 or less when it does not."""
    kinds = [kind_of(cell) for cell in cells]
    given = [kind for kind in kinds if kind]
    words = sum(kind == "word" for kind in given) / len(given)
    names = [cell.strip() for cell in cells if cell.strip()]
    unlike = _contrast(kinds, below)
    repeated = 1 - len(set(names)) / len(names)
    score = words + min(1.0, len(given) / width) * 0.5 + unlike - repeated * 0.5 - 0.9
    if _is_data(cells) or "address" in kinds:
        score -= 1.0
    return score + (0.3 if any(name.startswith("*") or name.endswith(("*", "＊")) for name in names) else 0.0)


def _contrast(kinds: list[str], below: list[list[str]]) -> float:
    """-1 … 1: columns whose cells below are of another kind than the candidate's, less columns where they are alike."""
    unlike = alike = columns = 0
    for at, kind in enumerate(kinds):
        column = [found for row in below[:40] if at < len(row) and (found := kind_of(row[at]))]
        if not kind or not column:
            continue
        columns += 1
        usual, count = Counter(column).most_common(1)[0]
        if count >= len(column) * 0.6:
            unlike += kind == "word" and usual != "word"
            alike += kind == usual and usual != "word"
    return (unlike - alike) / columns if columns else 0.0
