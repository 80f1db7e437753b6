"""What a file is, by its content; the name only breaks ties between kinds of text."""

import zipfile

from .errors import KINDS, SheetError
from .jsonlines import is_json_lines
from .model import Limits
from .source import Source, refuse_bomb

_MAGIC = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"{\\rtf", "document"),
    (b"ID;P", "sylk"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"SQLite format 3", "database"),
    (b"\x00\x01\x00\x00Standard", "database"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"BZh", "archive"),
    (b"PK", "archive"),
    (b"\x1f\x8b", "archive"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_ZIP_KINDS = {
    "xl/workbook.bin": "xlsb",
    "xl/workbook.xml": "xlsx",
    "word/document.xml": "document",
    "ppt/presentation.xml": "document",
}
_TABLE_NAMES = ("csv", "tsv", "txt", "tab", "jsonl")
_HEAD = 1 << 16


def extension_of(filename: str) -> str:
    return filename.rpartition(".")[2].lower() if "." in filename else ""


def kind_of(path: str, filename: str, limits: Limits) -> str:
    """ "csv", "jsonl", "xlsx", "xlsb", "xls" or "ods"; SheetError for everything else."""
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_OLE):
        return _ole_kind(path)
    if head.startswith(b"PK\x03\x04"):
        kind = _zip_kind(path, extension_of(filename), limits)
        if kind != "csv":
            return kind
    if head.startswith(b"\x09\x08") and len(head) > 8:
        return "xls"
    with Source(path, limits) as source:  # what is inside, where it is packed
        head = source.read(_HEAD) or b""
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise SheetError("empty")
    for start, what in _MAGIC:
        if head.startswith(start):
            raise SheetError("wrong_type", what=KINDS[what])
    _refuse_markup_and_binary(head)
    return "jsonl" if is_json_lines(head) else "csv"


def _ole_kind(path: str) -> str:
    with open(path, "rb") as file:
        while part := file.read(1 << 20):
            if _ENCRYPTED_PACKAGE in part:
                raise SheetError("encrypted")
            if len(part) == 1 << 20:
                file.seek(-64, 1)
    return "xls"


def _zip_kind(path: str, extension: str, limits: Limits) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            refuse_bomb(archive, limits)
            names = {name.replace("\\", "/").lstrip("/").lower() for name in archive.namelist()[:10_000]}
            mime = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, KeyError) as error:
        raise SheetError("damaged") from error
    kind = next((kind for name, kind in _ZIP_KINDS.items() if name in names), "")
    if mime.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return "ods"
    if kind == "document" or mime:
        raise SheetError("wrong_type", what=KINDS["document"])
    if kind or "[content_types].xml" in names or extension in ("xlsx", "xlsm"):
        return kind or "xlsx"
    if extension in _TABLE_NAMES or any(extension_of(name) in _TABLE_NAMES for name in names):
        return "csv"
    raise SheetError("wrong_type", what=KINDS["archive"])


def _refuse_markup_and_binary(head: bytes) -> None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        raise SheetError("wrong_type", what=KINDS["web_page"])
    if start.startswith(b"<?xml"):
        raise SheetError("wrong_type", what=KINDS["web_page" if b"<html" in start else "xml"])
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or max(head[::2].count(0), head[1::2].count(0)) > len(head) / 100
    control = sum(head.count(bytes([each])) for each in (*range(1, 9), *range(14, 27), 28, 29, 30))
    if not wide and control > len(head) / 50 and control > 4:
        raise SheetError("wrong_type", what=KINDS["binary"])
