"""Every sentence reading a file can end in: problems stop it, notes go with the file, flags with a row."""

from typing import Any, NamedTuple


def N_(text: str) -> str:
    """Marks a text for translation; whoever shows it translates."""
    return text


PROBLEMS = {
    "empty": N_("There is nothing in the file to read. Choose a file with a heading row and rows below it."),
    "no_rows": N_("There are no rows below the headings. Nothing was read. Add rows, or choose another sheet."),
    "wrong_type": N_(
        "This is %(what)s. Nothing was read. Files that can be read: CSV, TSV, XLSX, XLSM, XLSB, XLS and ODS."
    ),
    "encrypted": N_(
        "The file is password protected. Nothing was read. Open it, save it without a password, and choose it again."
    ),
    "damaged": N_(
        "The file is damaged. Nothing was read. "
        "Open it in a spreadsheet program, save it under a new name, and choose that file."
    ),
    "cut_off": N_(
        "The file is damaged behind row %(line)s; what comes after it cannot be read. "
        "Open it in a spreadsheet program, save it under a new name, and choose that file."
    ),
    "missing_sheet": N_("The file has no sheet named “%(sheet)s”. Nothing was read. Choose one of its sheets."),
    "archive": N_(
        "The archive holds %(count)s files. Nothing was read. Unpack it and choose the one file that has the rows."
    ),
    "too_large": N_("The file has %(size)s MB; at most %(limit)s MB are taken. Nothing was read. Split the file."),
    "zip_bomb": N_(
        "The file would unpack to %(size)s MB, which no real spreadsheet of its size does. Nothing was read."
    ),
    "entities": N_(
        "The workbook contains instructions to expand text, which no real spreadsheet has. Reading stopped."
    ),
    "too_many_columns": N_(
        "Row %(line)s has %(count)s columns; at most %(limit)s are taken. Reading stopped. Remove columns not needed."
    ),
    "too_many_rows": N_("The file has more than %(limit)s rows. Reading stopped there. Split the file."),
    "line_too_long": N_(
        "Line %(line)s has more than %(limit)s characters. Reading stopped. It is no table, or line ends are missing."
    ),
    "cell_too_long": N_("A cell in row %(line)s has more than %(limit)s characters. Reading stopped. Shorten it."),
    "bad_json": N_(
        "Line %(line)s is no JSON object. Reading stopped. Each line of such a file holds one, such as an export has."
    ),
    "bad_encoding": N_("There is no character encoding named “%(encoding)s”. Nothing was read. Choose another."),
    "out_of_memory": N_(
        "Reading the file took more than %(limit)s MB of memory and was stopped. Split the file, or save it as CSV."
    ),
    "too_slow": N_(
        "Reading the file made no progress for too long and was stopped. Split the file, or save it as CSV."
    ),
    "unreadable": N_(
        "The file cannot be read: the reader gave up on it. Open it in a spreadsheet program and save it as XLSX."
    ),
    "gone": N_("The file is no longer there. Upload it again."),
}

KINDS = {
    "pdf": N_("a PDF document"),
    "image": N_("a picture"),
    "document": N_("a text document or presentation"),
    "web_page": N_("a web page, even if its name ends like a spreadsheet"),
    "xml": N_("an XML file"),
    "sylk": N_("a SYLK file"),
    "archive": N_("an archive without a spreadsheet in it"),
    "program": N_("a program"),
    "database": N_("a database file"),
    "binary": N_("not a spreadsheet or text file"),
}

NOTES = {
    "encoding_guessed": N_(
        "The file does not say how its characters are written; %(encoding)s was guessed. Check the names below."
    ),
    "bad_bytes": N_("Some characters cannot be read. They are shown as �, and their rows are marked."),
    "nul_bytes": N_("The file contains NUL characters, which are left out."),
    "other_type": N_("The name ends in .%(extension)s, but the content is %(kind)s and was read as such."),
    "no_rows": N_("There are no rows below the headings."),
    "no_headings": N_("No heading row was found; every row counts as data."),
    "above_headings": N_("%(count)s row(s) above the headings are left out."),
    "hidden_sheet": N_("The sheet “%(sheet)s” is hidden in the workbook."),
    "delimiter_unclear": N_("No column separator was found; the file is read as one column."),
    "date_1904": N_("The workbook counts dates from 1904; they were converted."),
}

FLAGS = {
    "too_few_cells": N_("The row has %(count)s cells, the heading row has %(expected)s."),
    "too_many_cells": N_("The row has %(count)s cells, the heading row has %(expected)s."),
    "quotes_repaired": N_("A quotation mark is missing or too many; the row was divided as well as possible."),
    "bad_bytes": N_("The row holds characters that cannot be read; they are shown as �."),
    "error_cell": N_("Column %(column)s holds the error %(value)s; it is read as empty."),
    "long_number": N_(
        "Column %(column)s holds a number of more than 15 digits; its last digits were already lost in the file."
    ),
    "row_order": N_("The workbook's row numbers are out of order here; the row was numbered on."),
}


class Note(NamedTuple):
    """Something to know about the file."""

    code: str
    params: dict[str, Any]

    @property
    def message_id(self) -> str:
        return NOTES[self.code]


class Flag(NamedTuple):
    """Something odd about one row."""

    line: int
    code: str
    params: dict[str, Any]

    @property
    def message_id(self) -> str:
        return FLAGS[self.code]


class SheetError(Exception):
    """The file, or the rest of it, cannot be read. `code` is a key of PROBLEMS; `params` fills its sentence.

    For "wrong_type" the parameter `what` is itself a text to translate (a value of KINDS).
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    @property
    def message_id(self) -> str:
        return PROBLEMS[self.code]

    def __str__(self) -> str:
        return self.message_id % self.params
