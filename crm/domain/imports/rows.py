"""From the cells of a row to values ready to be stored, and back from the staging table."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crm.domain.imports.headings import part_of_name, whole_name
from crm.domain.reference.sources import REGIONS
from crm.infra.sheets import Flag
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context, Field, Reading, read_columns
from crm.kernel.kinds import FieldKind
from crm.kernel.sealed import DOTS, is_sealed, opened, seal
from crm.kernel.text import fold

Parts = list[tuple[str, str]]  # (heading, cell) of each column that fills one field, empty cells left out


def _lines(parts: Parts) -> str:
    """Several columns in one long text are told apart by their headings."""
    return "\n".join(f"{heading}: {cell}" if heading and len(parts) > 1 else cell for heading, cell in parts)


def _joiner(field: Field) -> Callable[[Parts], str] | None:
    """How the cells of several columns become the text of this field; None when one column is all it takes."""
    if field.kind is FieldKind.LONG_TEXT:
        return _lines
    if field.kind in (FieldKind.TAGS, FieldKind.MULTI_CHOICE):
        return lambda parts: ",".join(cell for _, cell in parts)
    if field.core and field.kind is FieldKind.TEXT and any(part_of_name(each) is not None for each in field.headings):
        return whole_name
    if field.source is REGIONS:  # province, city and county, each in a column of its own
        return lambda parts: " ".join(cell for _, cell in parts)
    return None


def joins(field: Field) -> bool:
    """May several columns fill it?"""
    return _joiner(field) is not None


# What systems and people write where there is nothing. In free text it stays, since it may be meant.
_NOTHING = frozenset(
    {"", "n/a", "na", "#n/a", "null", "none", "nil", "-", "--", "—", "/", "无", "暂无", "未填", "未知", "空"}
)
_SHORT = 8
_LITERAL = frozenset({FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.TAGS})


def _is_nothing(cell: str) -> bool:
    return not cell or cell.strip().lower() in _NOTHING


class Plan:
    """Which cells become which texts; made once per reading, used for every row."""

    def __init__(
        self,
        fields: Sequence[Field],
        mapping: Mapping[int, str],
        headings: Sequence[str],
        translations: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        filled = [each for each in fields if each.key in mapping.values()]
        # A column may be empty where a new record has a default; the verb fills it in.
        self.fields = [replace(each, required=False) if each.default is not None else each for each in filled]
        self.columns = {each.key: sorted(c for c, key in mapping.items() if key == each.key) for each in filled}
        self.headings, self.translations = headings, translations or {}
        self._secret = {
            column: each.place
            for each in filled
            if each.kind is FieldKind.ENCRYPTED
            for column in self.columns[each.key]
        }
        self._single = [
            (each.key, self.columns[each.key][0], each.kind not in _LITERAL)
            for each in filled
            if len(self.columns[each.key]) == 1
        ]
        self._several = [
            (each.key, self.columns[each.key], joiner)
            for each in filled
            if len(self.columns[each.key]) > 1 and (joiner := _joiner(each))
        ]

    def texts(self, cells: Sequence[str]) -> dict[str, str]:
        """By field key. `cells` has at least as many as there are headings."""
        return {key: texts[0] for key, texts in self._columns([cells]).items()}

    def _columns(self, rows: Sequence[Sequence[str]]) -> dict[str, list[str]]:
        """The texts of many rows by field key: a column at a time is twice as fast as a row at a time."""
        found = {}
        for key, column, typed in self._single:
            texts = [cells[column] for cells in rows]
            found[key] = (
                ["" if len(each) < _SHORT and _is_nothing(each) else each for each in texts] if typed else texts
            )
            if meanings := self.translations.get(key):
                found[key] = [meanings.get(fold(each), each) if each else each for each in found[key]]
        for key, columns, join in self._several:
            named = [(self._heading(each), each) for each in columns]
            found[key] = [
                join([(heading, cells[each]) for heading, each in named if not _is_nothing(cells[each])])
                for cells in rows
            ]
        return found

    def staged(self, cells: Sequence[str]) -> list[str]:
        """The cells as they are kept until the import is forgotten."""
        if not self._secret:
            return list(cells)
        return [
            seal(self._secret[at] + CELL, cell) if at in self._secret and cell else cell
            for at, cell in enumerate(cells)
        ]

    def read(self, rows: Sequence[Sequence[str]], context: Context) -> list[Reading]:
        return read_columns(self.fields, self._columns(rows), len(rows), context)

    def _heading(self, column: int) -> str:
        return self.headings[column] if column < len(self.headings) else ""


CELL = "#"  # behind a field's place: a cell of a file that fills it


def cell(field: Field | None, staged: str) -> str:
    """A staged cell as somebody may see it who has the field so."""
    if not is_sealed(staged):
        return staged
    if field is None or field.masked:
        return DOTS
    try:
        return opened(field.place + CELL, staged)
    except Invalid:
        return DOTS


BAD, WARN = "bad", "warn"
Problem = list[Any]  # [field key or None, column index or None, gettext id, params, BAD or WARN]
# Oddities that leave open which cell belongs where, or what it says: such a row is not to be trusted.
_FATAL = frozenset({"too_many_cells", "bad_bytes"})


def problem_of(key: str, column: int, error: Invalid) -> Problem:
    """Why a field could not read its cell."""
    return [key, column, error.message, error.params, BAD]


def oddity(flag: Flag, mapped: int, columns: Collection[int]) -> Problem | None:
    """What the reader found odd about a row; None when it concerns no column that is imported.

    `columns` are the mapped ones, `mapped` the number of cells they need.
    """
    column = _index(flag.params.get("column", ""))
    if (column is not None and column not in columns) or (
        flag.code == "too_few_cells" and flag.params["count"] >= mapped
    ):
        return None
    return [None, column, flag.message_id, flag.params, BAD if flag.code in _FATAL else WARN]


def _index(letters: str) -> int | None:
    """A → 0, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1 if letters else None
