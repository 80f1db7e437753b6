"""Lines of a text file: decoded with limits, whatever the line ends, bad bytes marked instead of fatal."""

import io
from collections.abc import Iterator

from .errors import SheetError
from .model import Limits
from .source import Source

REPLACEMENT = "\ufffd"


class Text:
    """Iterate for lines, ends kept; what cannot be decoded is U+FFFD, and NUL characters are left out."""

    def __init__(self, path: str, encoding: str, limits: Limits) -> None:
        self.source = Source(path, limits)
        self.limits = limits
        self.number = 0
        self.stream = io.TextIOWrapper(io.BufferedReader(self.source, 1 << 18), encoding, "replace", newline="")

    def __iter__(self) -> Iterator[str]:
        most = self.limits.line_chars
        for line in iter(lambda: self.stream.readline(most), ""):
            self.number += 1
            if len(line) >= most:
                raise SheetError("line_too_long", line=self.number, limit=most)
            yield line.replace("\0", "") if "\0" in line else line

    def close(self) -> None:
        self.source.close()

    @property
    def fraction(self) -> float:
        return self.source.fraction
