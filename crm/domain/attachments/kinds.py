"""What kinds of files there are, and whether the bytes of one are what its ending says.

A list of what is taken, told by signatures, and not a guess at what anything might be: what is on no line is refused.
"""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

_HEAD = 64 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what Office wrote before 2007
_TEXTS = ("utf-8", "gb18030")


@dataclass(frozen=True)
class FileKind:
    content_type: str
    fits: Callable[[bytes, IO[bytes]], bool]  # (the first bytes, the whole from its beginning)


def _begins(*signatures: bytes) -> Callable[[bytes, IO[bytes]], bool]:
    return lambda head, stream: head.startswith(signatures)


def _at(place: int, *signatures: bytes) -> Callable[[bytes, IO[bytes]], bool]:
    return lambda head, stream: head[place:].startswith(signatures)


def _packed(*inside: str) -> Callable[[bytes, IO[bytes]], bool]:
    """A ZIP archive that has one of these files or folders; any, if none is named."""

    def fits(head: bytes, stream: IO[bytes]) -> bool:
        try:
            with zipfile.ZipFile(stream) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            return False
        return not inside or any(name.startswith(inside) for name in names)

    return fits


def _open_document(kind: bytes) -> Callable[[bytes, IO[bytes]], bool]:
    return lambda head, stream: (
        head.startswith(b"PK\x03\x04") and b"mimetypeapplication/vnd.oasis.opendocument." + kind in head[:200]
    )


def _is_text(head: bytes, stream: IO[bytes]) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return b"\0" not in head and any(_decodes(head, encoding) for encoding in _TEXTS)


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        head.decode(encoding)
    except UnicodeDecodeError as error:
        return len(head) == _HEAD and error.start > _HEAD - 4  # cut in the middle of a character
    return True


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_JPEG = FileKind("image/jpeg", _begins(b"\xff\xd8\xff"))
KINDS = {
    "pdf": FileKind("application/pdf", lambda head, stream: b"%PDF-" in head[:1024]),
    "docx": FileKind(f"{_OFFICE}wordprocessingml.document", _packed("word/")),
    "xlsx": FileKind(f"{_OFFICE}spreadsheetml.sheet", _packed("xl/")),
    "pptx": FileKind(f"{_OFFICE}presentationml.presentation", _packed("ppt/")),
    "doc": FileKind("application/msword", _begins(_OLE)),
    "xls": FileKind("application/vnd.ms-excel", _begins(_OLE)),
    "ppt": FileKind("application/vnd.ms-powerpoint", _begins(_OLE)),
    "odt": FileKind(f"{_OPEN}text", _open_document(b"text")),
    "ods": FileKind(f"{_OPEN}spreadsheet", _open_document(b"spreadsheet")),
    "odp": FileKind(f"{_OPEN}presentation", _open_document(b"presentation")),
    "png": FileKind("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "gif": FileKind("image/gif", _begins(b"GIF87a", b"GIF89a")),
    "webp": FileKind("image/webp", lambda head, stream: head.startswith(b"RIFF") and head[8:12] == b"WEBP"),
    "heic": FileKind("image/heic", _at(4, b"ftyphei", b"ftypmif1")),
    "txt": FileKind("text/plain", _is_text),
    "csv": FileKind("text/csv", _is_text),
    "mp3": FileKind("audio/mpeg", _begins(b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    "m4a": FileKind("audio/mp4", _at(4, b"ftyp")),
    "mp4": FileKind("video/mp4", _at(4, b"ftyp")),
    "zip": FileKind("application/zip", _packed()),
}


def kind_of(name: str, stream: IO[bytes]) -> FileKind | None:
    """By its ending, if its bytes agree; the stream stands at its beginning again."""
    kind = KINDS.get(name.rpartition(".")[2].lower())
    if kind is None:
        return None
    head = stream.read(_HEAD)
    stream.seek(0)
    fits = kind.fits(head, stream)
    stream.seek(0)
    return kind if fits else None
