"""Rows of one worksheet, from its XML as it is unpacked: nothing but the row at hand is kept."""

from collections.abc import Iterator
from typing import IO, Any

from .errors import SheetError
from .formats import number_text
from .package import BROKEN, Package, SheetPart
from .strings import SharedStrings, unescaped
from .xml import CHUNK, local, new_parser

Record = tuple[int, list[str], list[tuple[str, dict[str, Any]]]]


class SheetReader:
    """Iterate for (row number, cells, flags). `fraction`: how far it is; `dimension`: what the sheet claims to hold."""

    def __init__(self, package: Package, sheet: SheetPart, strings: SharedStrings) -> None:
        self.stream: IO[bytes] = package.open(sheet.part)
        self.size = max(1, package.size(sheet.part))
        self.read = self.line = 0
        self.dimension = ""
        self.rows: list[Record] = []
        self.row = _Row(package, strings)
        self.text: list[str] = []
        self.spoken = False
        self.parser = new_parser()
        self.parser.StartElementHandler = self._begin

    def __iter__(self) -> Iterator[Record]:
        try:
            while True:
                part = self.stream.read(CHUNK)
                self.read += len(part)
                self.parser.Parse(part, not part)
                yield from self.rows
                self.rows.clear()
                if not part:
                    return
        except BROKEN as error:
            yield from self.rows
            raise SheetError("cut_off" if self.line else "damaged", line=self.line) from error

    @property
    def fraction(self) -> float:
        return min(1.0, self.read / self.size)

    def _begin(self, root: str, _: dict[str, str]) -> None:
        """The root shows which prefix, if any, the sheet uses. Handlers are closures: each runs millions of times."""
        prefix = root[: root.rfind(":") + 1]
        cell_name, value_name = f"{prefix}c", f"{prefix}v"
        parser, text, put, skip = self.parser, self.text, self.row.put, self.row.column
        cell: dict[str, str] = {}

        def start(name: str, given: dict[str, str]) -> None:
            nonlocal cell
            if name == cell_name:
                cell = given
            elif name == value_name:
                parser.CharacterDataHandler = text.append
            else:
                self._start_other(local(name), given)

        def end(name: str) -> None:
            if name == value_name:
                parser.CharacterDataHandler = None
            elif name == cell_name:
                if text:
                    put(cell, text[0] if len(text) == 1 else "".join(text))
                    text.clear()
                else:
                    skip(cell)
            else:
                self._end_other(local(name))

        parser.StartElementHandler = start
        parser.EndElementHandler = end

    def _start_other(self, name: str, given: dict[str, str]) -> None:
        if name == "row":
            number = given.get("r", "")
            line = int(number) if number.isdigit() else self.line + 1
            self.row.begin(max(line, self.line + 1), line <= self.line)
            self.line = self.row.line
        elif name == "t" and not self.spoken:
            self.parser.CharacterDataHandler = self.text.append
        elif name == "rPh":  # how a text is pronounced, not the text
            self.spoken = True
        elif name == "dimension":
            self.dimension = given.get("ref", "")

    def _end_other(self, name: str) -> None:
        if name == "row":
            self.rows.append((self.row.line, self.row.cells, self.row.flags))
        elif name == "t":
            self.parser.CharacterDataHandler = None
        elif name == "rPh":
            self.spoken = False


class _Row:
    """The row being read: each cell's text by its type, at its column."""

    def __init__(self, package: Package, strings: SharedStrings) -> None:
        self.limits = package.limits
        self.date_1904 = package.date_1904
        self.strings = strings
        self.kinds = {str(at): kind for at, kind in enumerate(package.styles)}
        self.columns: dict[str, int] = {}
        self.types = {"n": self._number, "b": self._truth, "e": self._error, "d": self._moment}
        self.begin(0, False)

    def begin(self, line: int, out_of_order: bool) -> None:
        self.line = line
        self.next = 0
        self.cells: list[str] = []
        self.flags: list[tuple[str, dict[str, Any]]] = [("row_order", {})] if out_of_order else []

    def column(self, cell: dict[str, str]) -> int:
        """From 0; a cell without reference follows the one before it."""
        letters = cell.get("r", "").rstrip("0123456789")
        at = self.columns.get(letters) if letters else self.next
        if at is None:
            at = self.columns[letters] = column_number(letters) - 1
        self.next = at + 1
        return at

    def put(self, cell: dict[str, str], value: str) -> None:
        at = self.column(cell)
        kind = cell.get("t", "n")
        value = self.strings.at(value) if kind == "s" else self.types.get(kind, self._text)(value, cell, at)
        cells = self.cells
        if at == len(cells):
            cells.append(value)
        elif value:
            self._place(at, value)

    def _place(self, at: int, value: str) -> None:
        """Cells may be left out or, in odd files, come in any order."""
        if at >= self.limits.columns:
            raise SheetError("too_many_columns", line=self.line, count=at + 1, limit=self.limits.columns)
        self.cells.extend([""] * (at + 1 - len(self.cells)))
        self.cells[at] = value

    def _number(self, value: str, cell: dict[str, str], at: int) -> str:
        kind = self.kinds.get(cell.get("s", "0"), "")
        if not kind and len(value) <= 15 and value.isdigit():
            return value
        text, long = number_text(value, kind, self.date_1904)
        if long:
            self.flags.append(("long_number", {"column": column_letters(at)}))
        return text

    def _truth(self, value: str, cell: dict[str, str], at: int) -> str:
        return "TRUE" if value.strip() in ("1", "true") else "FALSE"

    def _error(self, value: str, cell: dict[str, str], at: int) -> str:
        self.flags.append(("error_cell", {"column": column_letters(at), "value": value}))
        return ""

    def _moment(self, value: str, cell: dict[str, str], at: int) -> str:
        return value.replace("T00:00:00", "").removesuffix(".000").replace("T", " ")

    def _text(self, value: str, cell: dict[str, str], at: int) -> str:
        if len(value) > self.limits.cell_chars:
            raise SheetError("cell_too_long", line=self.line, limit=self.limits.cell_chars)
        return unescaped(value)


def column_number(letters: str) -> int:
    """A → 1, Z → 26, AA → 27; ValueError for anything else."""
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            raise ValueError(letters)
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(at: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
