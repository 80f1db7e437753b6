"""The shared strings of a workbook, read only as far as they are asked for and kept as one block of bytes.

A million rows can share five million texts; as Python strings they would fill the memory limit alone.
"""

import re
from array import array
from typing import IO, Any

from .xml import CHUNK, local, new_parser

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_MOST_CACHED = 20_000


def unescaped(text: str) -> str:
    """_x000D_ and the like as the characters they stand for; NUL and halves of pairs are left out."""
    if "_x" not in text:
        return text
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).replace("\0", "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


class SharedStrings:
    """Texts by index; an index past the end is an empty text."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        self.stream = stream
        self.block = bytearray()
        self.ends = array("Q", [0])
        self.cache: dict[str, str] = {}
        self.parser: Any = new_parser()
        self._handle()

    def at(self, number: str) -> str:
        """The text of the index a cell holds; "" where there is none."""
        found = self.cache.get(number)
        if found is None:
            if len(self.cache) >= _MOST_CACHED:
                self.cache.clear()
            found = self.cache[number] = self[int(number)] if number.isdigit() else ""
        return found

    def __getitem__(self, index: int) -> str:
        while index + 1 >= len(self.ends) and self._more():
            pass
        if index >= len(self.ends) - 1:
            return ""
        return self.block[self.ends[index] : self.ends[index + 1]].decode()

    def _more(self) -> bool:
        if self.stream is None:
            return False
        part = self.stream.read(CHUNK)
        self.parser.Parse(part, not part)
        if not part:
            self.stream = None
        return True

    def _handle(self) -> None:
        parser, block, ends = self.parser, self.block, self.ends
        text: list[str] = []
        spoken = 0

        def start(name: str, _: dict[str, str]) -> None:
            nonlocal spoken
            name = local(name)
            if name == "t":
                parser.CharacterDataHandler = None if spoken else text.append
            elif name == "rPh":  # how the text is pronounced, not the text
                spoken += 1

        def end(name: str) -> None:
            nonlocal spoken
            name = local(name)
            parser.CharacterDataHandler = None
            if name == "si":
                block.extend(unescaped("".join(text)).encode())
                ends.append(len(block))
                text.clear()
            elif name == "rPh":
                spoken -= 1

        parser.StartElementHandler = start
        parser.EndElementHandler = end
