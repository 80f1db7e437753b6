"""The bytes of a text file, whether it lies there plainly or packed by gzip or zip, under whatever name."""

import gzip
import io
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

from .errors import SheetError
from .model import MB, Limits

_HARMLESS = 64 * MB
_MOST_RATIO = 250
_MOST_PARTS = 50_000
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    gzip.BadGzipFile,
    NotImplementedError,
    RuntimeError,
)


class Source(io.RawIOBase):
    """A stream that stops a packed file at `limits.unpacked_bytes` and knows how far it is (`fraction`)."""

    def __init__(self, path: str, limits: Limits) -> None:
        self.file = Path(path).open("rb")  # noqa: SIM115 – lives as long as this stream; close() closes it
        self.size = os.fstat(self.file.fileno()).st_size
        self.most = limits.unpacked_bytes
        self.taken = 0
        self.packed = True
        self.stream = self._open()

    def _open(self) -> BinaryIO:
        start = self.file.read(4)
        self.file.seek(0)
        if start[:3] == b"\x1f\x8b\x08":
            return cast(BinaryIO, gzip.GzipFile(fileobj=self.file))
        if start == b"PK\x03\x04":
            try:
                return cast(BinaryIO, _only_member(self.file))
            except BROKEN as error:
                raise SheetError("damaged") from error
        self.packed = False
        return self.file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            part = self.stream.read(len(buffer))
        except BROKEN as error:
            raise SheetError("damaged") from error
        self.taken += len(part)
        if self.packed and self.taken > self.most:
            raise SheetError("zip_bomb", size=self.taken // MB)
        buffer[: len(part)] = part
        return len(part)

    @property
    def fraction(self) -> float:
        return min(1.0, self.file.tell() / self.size) if self.size else 1.0

    def close(self) -> None:
        self.file.close()
        super().close()


def _only_member(file: BinaryIO) -> Any:
    archive = zipfile.ZipFile(file)
    files = [each for each in archive.infolist() if not each.is_dir() and not each.filename.startswith("__MACOSX/")]
    if len(files) != 1:
        raise SheetError("archive", count=len(files))
    if files[0].flag_bits & 1:
        raise SheetError("encrypted")
    return archive.open(files[0])


def refuse_bomb(archive: zipfile.ZipFile, limits: Limits) -> None:
    """SheetError for an archive with too many parts, or one that grows as no spreadsheet does."""
    infos = archive.infolist()
    for each in infos:
        ratio = each.file_size / max(1, each.compress_size)
        if each.file_size > limits.unpacked_bytes or (each.file_size > _HARMLESS and ratio > _MOST_RATIO):
            raise SheetError("zip_bomb", size=each.file_size // MB)
    if len(infos) > _MOST_PARTS:
        raise SheetError("zip_bomb", size=sum(each.file_size for each in infos) // MB)
