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
    """Iterate for (row number, cells, flags). `fraction` says how far it is, `dimension` what the sheet claims to hold."""

    def __init__(self, package: Package, sheet: SheetPart, strings: SharedStrings) -> None:
        self.package = package
        self.strings = strings
        self.stream: IO[bytes] = package.open(sheet.part)
        self.size = max(1, package.size(sheet.part))
        self.read = 0
        self.line = 0
        self.dimension = ""
        self.rows: list[Record] = []
        self.cells: list[str] = []
        self.flags: list[tuple[str, dict[str, Any]]] = []
        self.columns: dict[str, int] = {}
        self.kinds = {str(at): kind for at, kind in enumerate(package.styles)}
        self.parser = new_parser()
        self._handle()

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

    def _handle(self) -> None:
        """Handlers as closures: they run several times for each of millions of cells."""
        parser = self.parser
        text: list[str] = []
        cell: dict[str, str] = {}
        spoken = False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal cell, spoken
            name = name if ":" not in name else local(name)
            if name == "c":
                cell = attributes
            elif name == "v" or (name == "t" and not spoken):
                parser.CharacterDataHandler = text.append
            elif name == "row":
                self._begin_row(attributes.get("r", ""))
            elif name == "rPh":
                spoken = True
            elif name == "dimension":
                self.dimension = attributes.get("ref", "")

        def end(name: str) -> None:
            nonlocal spoken
            name = name if ":" not in name else local(name)
            if name == "v" or name == "t":
                parser.CharacterDataHandler = None
            elif name == "c":
                if text:
                    self._put(cell, "".join(text))
                    text.clear()
                else:
                    self._at(cell)
            elif name == "row":
                self.rows.append((self.line, self.cells, self.flags))
            elif name == "rPh":
                spoken = False

        parser.StartElementHandler = start
        parser.EndElementHandler = end

    def _begin_row(self, number: str) -> None:
        line = int(number) if number.isdigit() else self.line + 1
        self.cells, self.flags, self.next = [], [], 0
        if line <= self.line:
            self.flags.append(("row_order", {}))
            line = self.line + 1
        self.line = line

    def _at(self, cell: dict[str, str]) -> int:
        """The column of a cell, from 0; one without reference follows the one before it."""
        letters = cell.get("r", "").rstrip("0123456789")
        if letters:
            at = self.columns.get(letters)
            if at is None:
                at = self.columns[letters] = column_number(letters) - 1
        else:
            at = self.next
        self.next = at + 1
        return at

    def _put(self, cell: dict[str, str], value: str) -> None:
        at = self._at(cell)
        value = self._text(cell, value, at)
        if not value:
            return
        cells = self.cells
        if at == len(cells):
            cells.append(value)
        elif at < len(cells):
            cells[at] = value
        elif at >= self.package.limits.columns:
            raise SheetError("too_many_columns", line=self.line, count=at + 1, limit=self.package.limits.columns)
        else:
            cells.extend([""] * (at - len(cells)))
            cells.append(value)

    def _text(self, cell: dict[str, str], value: str, at: int) -> str:
        kind = cell.get("t", "n")
        if kind == "s":
            return self.strings[int(value)] if value.isdigit() else ""
        if kind == "n":
            text, long = number_text(value, self.kinds.get(cell.get("s", "0"), ""), self.package.date_1904)
            if long:
                self.flags.append(("long_number", {"column": column_letters(at)}))
            return text
        if kind == "b":
            return "TRUE" if value.strip() in ("1", "true") else "FALSE"
        if kind == "e":
            self.flags.append(("error_cell", {"column": column_letters(at), "value": value}))
            return ""
        if kind == "d":
            return value.replace("T00:00:00", "").removesuffix(".000").replace("T", " ")
        if len(value) > self.package.limits.cell_chars:
            raise SheetError("cell_too_long", line=self.line, limit=self.package.limits.cell_chars)
        return unescaped(value).replace("\0", "")


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
