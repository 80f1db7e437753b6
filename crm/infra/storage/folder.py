"""Files in a folder: `ab/cdef….csv` for the key `abcdef….csv`, readable by the program's account alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from crm.infra.storage import Stored, checked, new_key
from crm.infra.storage.scratch import spooled, sync_folder


class Folder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, stream: IO[bytes], *, suffix: str = "", key: str = "") -> Stored:
        key = key or new_key(suffix)
        place = self._place(key)
        with spooled(stream, self._root) as copy:
            place.parent.mkdir(mode=0o700, exist_ok=True)
            os.rename(copy.path, place)
        sync_folder(place.parent)
        sync_folder(self._root)
        return Stored(key, copy.size, copy.sha256)

    @contextmanager
    def path(self, key: str) -> Iterator[Path]:
        place = self._place(key)
        place.stat()
        yield place

    def open(self, key: str) -> BinaryIO:
        return self._place(key).open("rb")

    def delete(self, key: str) -> None:
        self._place(key).unlink(missing_ok=True)

    def exists(self, key: str) -> bool:
        return self._place(key).is_file()

    def _place(self, key: str) -> Path:
        checked(key)
        return self._root / key[:2] / key[2:]
