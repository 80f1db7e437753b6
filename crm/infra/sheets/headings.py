"""Which row of a sample holds the headings: the row after which the table begins, not the notes above it."""

import re
from collections import Counter
from itertools import pairwise

_LOOK_AT = 30
_NUMBER = re.compile(r"[-+(]?[¥￥$€£]?\s*\d[\d\s,.'’]*(?:[eE][-+]?\d+)?\s*[%)]?$")
_DATE = re.compile(
    r"\d{1,4}\s*[-/.年]\s*(?:\d{1,2}|[A-Za-z]{3,9})\s*[-/.月]\s*\d{1,4}日?(?:[T\s].*)?$|\d{1,2}:\d{2}(:\d{2})?$"
)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.\w+$|https?://\S+$|www\.\S+$")
_CODE = re.compile(r"(?=.*\d)[A-Z0-9]{6,}$")
_YEAR = re.compile(r"(?:19|20)\d\d年?$")
_LONG = 60

Sample = list[tuple[int, list[str]]]


def kind_of(cell: str) -> str:
    """ "" for an empty cell, else number, date, address, code, long or word."""
    cell = cell.strip()
    if not cell:
        return ""
    for name, pattern in (("number", _NUMBER), ("date", _DATE), ("address", _ADDRESS), ("code", _CODE)):
        if pattern.match(cell):
            return name
    return "long" if len(cell) > _LONG else "word"


def guess_heading(sample: Sample, *, ragged: bool = False) -> int:
    """The line number of the heading row, 0 when the first row is data already. Needs no knowledge of fields.

    `sample` has no blank rows. `ragged`: cells are written out (a text file), so a row of another length stands out.
    """
    if not sample:
        return 0
    width = _usual_width(sample)
    best, best_score = 0, 0.0
    for index, (line, cells) in enumerate(sample[:_LOOK_AT]):
        if _filled(cells) < width * 0.5 or (width > 1 and _filled(cells) < 2):
            continue
        below = [each for _, each in sample[index + 1 :]]
        score = _score(cells, below, width) - 0.02 * index
        if index and not below:
            score -= 0.6
        if ragged and below and len(cells) != Counter(map(len, below)).most_common(1)[0][0]:
            score -= 0.5
        if score > best_score:
            best, best_score = line, score
        if _is_data(_kinds(cells)):
            break
    return best


def _filled(cells: list[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def _usual_width(sample: Sample) -> int:
    """How many cells most rows fill; the fuller half speaks, since notes and totals are narrow."""
    counts = sorted((_filled(cells) for _, cells in sample), reverse=True)
    return Counter(counts[: max(1, len(counts) // 2)]).most_common(1)[0][0]


def _kinds(cells: list[str]) -> list[str]:
    """Kinds of a row that may be headings: years, or numbers that count on, are names of columns."""
    kinds = [kind_of(cell) for cell in cells]
    numbers = [cell.strip() for cell, kind in zip(cells, kinds, strict=True) if kind == "number"]
    years = len(numbers) > 1 and len(set(numbers)) == len(numbers) and all(map(_YEAR.match, numbers))
    if years or (kinds[0] == "word" and _count_on(numbers)):
        return ["word" if kind == "number" else kind for kind in kinds]
    return kinds


def _count_on(numbers: list[str]) -> bool:
    """0, 1, 2, … or 2020, 2025, 2030: at least three whole numbers, each as far from the next."""
    if len(numbers) < 3 or not all(number.isdecimal() for number in numbers):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(numbers)}
    return len(steps) == 1 and steps != {0}


def _is_data(kinds: list[str]) -> bool:
    return sum(kind in ("number", "date", "address") for kind in kinds) * 2 > sum(1 for kind in kinds if kind)


def _score(cells: list[str], below: list[list[str]], width: int) -> float:
    """How much a row looks like the names of the columns below it; 0 or less when it does not."""
    kinds = _kinds(cells)
    given = [kind for kind in kinds if kind]
    names = [cell.strip() for cell in cells if cell.strip()]
    score = sum(kind == "word" for kind in given) / len(given)
    score += min(1.0, len(given) / width) * 0.5
    score += _contrast(kinds, below)
    score -= (1 - len(set(names)) / len(names)) * 0.5
    if _is_data(kinds) or "address" in kinds:
        score -= 1.0
    if any(name.startswith("*") or name.endswith(("*", "＊")) for name in names):
        score += 0.3
    return score - 1.0


def _contrast(kinds: list[str], below: list[list[str]]) -> float:
    """-1 … 1: columns whose cells below are of another kind than the candidate's, less columns of the same."""
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
