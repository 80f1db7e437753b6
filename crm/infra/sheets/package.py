"""An XLSX file as a package of parts: which sheets there are, where their parts lie, and no bombs."""

import posixpath
import zipfile
import zlib
from typing import IO, NamedTuple
from xml.parsers.expat import ExpatError

from .errors import SheetError
from .formats import BUILT_IN, classify
from .model import Limits
from .source import refuse_bomb
from .xml import each_element

BROKEN = (zipfile.BadZipFile, zlib.error, ExpatError, EOFError, NotImplementedError, OSError, ValueError, LookupError)


class SheetPart(NamedTuple):
    name: str
    part: str
    hidden: bool


class Package:
    """`sheets` are the worksheets in order (no charts, no macro sheets); `styles` the kind of number of each style."""

    def __init__(self, path: str, limits: Limits) -> None:
        self.limits = limits
        try:
            self.archive = zipfile.ZipFile(path)
            refuse_bomb(self.archive, limits)
            self.parts = {_plain(each.filename): each for each in self.archive.infolist()}
            self._read_workbook()
            self.styles = self._read_styles()
        except BROKEN as error:
            raise SheetError("damaged") from error

    def open(self, part: str) -> IO[bytes]:
        """KeyError where there is none."""
        info = self.parts[_plain(part)]
        if info.flag_bits & 1:
            raise SheetError("encrypted")
        try:
            return self.archive.open(info)
        except BROKEN as error:
            raise SheetError("damaged") from error

    def size(self, part: str) -> int:
        return self.parts[_plain(part)].file_size

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """id → (last word of the type, part) of what `part` refers to."""
        folder, name = posixpath.split(part)
        found: dict[str, tuple[str, str]] = {}

        def visit(_: str, element: str, given: dict[str, str]) -> None:
            if element == "Relationship" and "Target" in given:
                target = given["Target"].replace("\\", "/")
                target = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                found[given.get("Id", "")] = (given.get("Type", "").rpartition("/")[2], posixpath.normpath(target))

        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if _plain(relations) in self.parts:
            with self.open(relations) as stream:
                each_element(stream, visit)
        return found

    def _read_workbook(self) -> None:
        roots = [part for kind, part in self._relations("").values() if kind == "officeDocument"]
        book = next((part for part in (*roots, "xl/workbook.xml") if _plain(part) in self.parts), "xl/workbook.xml")
        relations = self._relations(book)
        self.date_1904 = False
        self.sheets: list[SheetPart] = []

        def visit(parent: str, element: str, given: dict[str, str]) -> None:
            if element == "workbookPr":
                self.date_1904 = given.get("date1904", "0") in ("1", "true", "on")
            elif element == "sheet" and parent == "sheets":
                kind, part = relations.get(given.get("id", ""), ("", ""))
                if kind == "worksheet" and _plain(part) in self.parts:
                    hidden = given.get("state", "visible") != "visible"
                    self.sheets.append(SheetPart(given.get("name", ""), part, hidden))

        with self.open(book) as stream:
            each_element(stream, visit)
        parts = dict(relations.values())
        self.strings_part = parts.get("sharedStrings", "")
        self._styles_part = parts.get("styles", "")

    def _read_styles(self) -> list[str]:
        formats: dict[str, str] = {}
        used: list[str] = []

        def visit(parent: str, element: str, given: dict[str, str]) -> None:
            if element == "numFmt" and parent == "numFmts":
                formats[given.get("numFmtId", "")] = classify(given.get("formatCode", ""))
            elif element == "xf" and parent == "cellXfs":
                used.append(given.get("numFmtId", "0"))

        if _plain(self._styles_part) in self.parts:
            with self.open(self._styles_part) as stream:
                each_element(stream, visit)
        return [formats.get(each) or BUILT_IN.get(each, "") for each in used]


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
