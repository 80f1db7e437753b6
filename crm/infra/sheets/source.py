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
        self.file = Path(path).open("rb")
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
            return cast(BinaryIO, _only_member(self.file))
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
