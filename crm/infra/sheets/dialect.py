"""How a text file is divided: column separator, quotation mark, escape, found by trying each on a sample.

The right separator is the one that gives the most rows of one width and cells that look like single values.
"""

import csv
import re
from collections import Counter
from typing import NamedTuple

_CANDIDATES = {
    ",": 1.0,
    "\t": 1.0,
    ";": 1.0,
    "|": 0.97,
    "^": 0.93,
    "~": 0.9,
    "\x1f": 1.0,
    "\x01": 1.0,
    " ": 0.6,
}
_SAMPLE_ROWS = 300
_SEP_LINE = re.compile(r'^"?sep=(.)"?\r?\n?$', re.IGNORECASE)
_WHOLE = re.compile(
    r"""\s*(?:
        [-+(]?[¥$€£]?\s*\d[\d ,.'’]*\s*[%)]?              # a number or sum, decimals either way
      | \d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?(?:[ T]\d{1,2}:\d{2}.*)?   # a date
    )\s*""",
    re.VERBOSE,
)


class Dialect(NamedTuple):
    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    skip_space: bool = False
    certain: bool = True


def separator_line(line: str) -> str:
    """Excel's first line `sep=;` names the separator; "" for any other line."""
    found = _SEP_LINE.match(line)
    return found[1] if found else ""


def guess_dialect(lines: list[str], delimiter: str = "", extension: str = "") -> Dialect:
    """The likeliest dialect of the sample; `delimiter`, where given, is taken as it is."""
    text = "".join(lines)
    best, best_score = (
        Dialect(delimiter or ("\t" if extension in ("tsv", "tab") else ","), certain=False),
        0.0,
    )
    for quote in _quotes(text):
        for each, weight in _CANDIDATES.items() if not delimiter else {delimiter: 1.0}.items():
            if each in text:
                score = weight * _score(lines, each, quote)
                if score > best_score + 1e-9:
                    best, best_score = Dialect(each, quote, certain=score > 0.5), score
    if best_score < 0.3 and not delimiter:
        best = best._replace(delimiter="," if best.delimiter not in text or best_score == 0 else best.delimiter)
    return best._replace(
        escape=_escape(lines, best),
        skip_space=_spaced(text, best),
        certain=best.certain or bool(delimiter),
    )


def _quotes(text: str) -> list[str]:
    """The double quotation mark, and the single one only where nothing else quotes and it does so throughout."""
    if '"' in text:
        return ['"']
    opening = len(re.findall(r"(?:^|[,;\t|])\s?'", text, re.MULTILINE))
    whole = len(re.findall(r"(?:^|[,;\t|])\s?'[^'\n]*'(?=[,;\t|\r\n]|$)", text, re.MULTILINE))
    return ["'", '"'] if whole >= 2 and whole >= opening * 0.9 else ['"']


def parse_sample(lines: list[str], delimiter: str, quote: str) -> list[list[str]]:
    """Rows of the sample, blank ones left out; a mark out of place is tolerated."""
    records: list[list[str]] = []
    try:
        for record in csv.reader(
            iter(lines),
            delimiter=delimiter,
            quotechar=quote,
            skipinitialspace=delimiter != " ",
        ):
            if any(record):
                records.append(record)
            if len(records) >= _SAMPLE_ROWS:
                break
    except csv.Error:
        pass
    return records


def _score(lines: list[str], delimiter: str, quote: str) -> float:
    """0 … 1: share of rows of the commonest width above one × share of cells that look whole."""
    records = parse_sample(lines, delimiter, quote)
    widths = Counter(len(each) for each in records if len(each) > 1)
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda each: (each[1] * (1 - 0.5 / each[0]), each[0]))
    if delimiter == " " and not _space_separates(width, count / len(records), lines, quote):
        return 0.0
    cells = [cell for each in records if len(each) == width for cell in each][:4000]
    return count / len(records) * _whole(cells, delimiter) * (1 - 0.1 / width)


def _space_separates(width: int, share: float, lines: list[str], quote: str) -> bool:
    """Words have spaces too, so a space counts only with quoted cells beside it or in a regular, wider table."""
    return share > 0.9 and (width >= 4 or any(f"{quote} {quote}" in each for each in lines[:50]))


def _whole(cells: list[str], delimiter: str) -> float:
    """Share of cells that hold no other separator, except inside a number, a date or running text."""
    others = [each for each in _CANDIDATES if each not in (delimiter, " ", "~", "^")]
    broken = 0
    for cell in cells:
        if any(each in cell for each in others) and not _WHOLE.fullmatch(cell):
            broken += 0 if re.search(r"[,;] |[，；、。]|\w{12}", cell) else 1
    return 1 - broken / len(cells)


def _escape(lines: list[str], dialect: Dialect) -> str:
    """A backslash, where reading `\\"` as a quotation mark leaves fewer broken rows than reading it as text."""
    pair = "\\" + dialect.quote
    if not any(pair in each for each in lines):
        return ""
    return "\\" if _broken([unescape(each, dialect.quote) for each in lines], dialect) < _broken(lines, dialect) else ""


def unescape(line: str, quote: str) -> str:
    """Backslash escapes of a quoted mark as doubled marks, which is what the parser takes."""
    if "\\" not in line:
        return line
    return re.sub(
        r"\\(\\|" + re.escape(quote) + ")",
        lambda found: quote * 2 if found[1] == quote else "\\",
        line,
    )


def _broken(lines: list[str], dialect: Dialect) -> int:
    reader = csv.reader(iter(lines), delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
    broken = 0
    while True:
        try:
            next(reader)
        except StopIteration:
            return broken
        except csv.Error:
            broken += 1


def _spaced(text: str, dialect: Dialect) -> bool:
    """Separators are followed by a space even before quoted cells: `a, "b, c", d`."""
    mark = re.escape(dialect.delimiter)
    if dialect.delimiter in " \t" or not re.search(f"{mark} {dialect.quote}", text):
        return False
    return len(re.findall(f"{mark} ", text)) >= 0.9 * len(re.findall(f"{mark}(?=[^\r\n])", text))
