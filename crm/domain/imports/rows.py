"""The cells of a file and what is odd about them, as they are staged and shown."""

from collections.abc import Collection
from typing import Any

from crm.infra.sheets import Flag
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.sealed import DOTS, is_sealed, opened

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


def problem_of(key: str, column: int | None, error: Invalid) -> Problem:
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
