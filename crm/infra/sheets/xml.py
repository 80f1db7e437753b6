"""Parsing the XML inside workbooks: expat, fed in pieces, refusing document types and with them entities."""

from collections.abc import Callable
from typing import IO, Any
from xml.parsers import expat

from .errors import SheetError

CHUNK = 1 << 18
_MOST_SMALL_PART = 64 << 20


def new_parser() -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    raise SheetError("entities")


def local(name: str) -> str:
    return name.rpartition(":")[2]


def each_element(stream: IO[bytes], visit: Callable[[str, str, dict[str, str]], None]) -> None:
    """Call visit(parent, name, attributes) for every element of a small part, names without their prefixes."""
    parser = new_parser()
    above = [""]

    def start(name: str, attributes: dict[str, str]) -> None:
        visit(above[-1], local(name), {local(key): value for key, value in attributes.items()})
        above.append(local(name))

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: above.pop()
    taken = 0
    while part := stream.read(CHUNK):
        taken += len(part)
        if taken > _MOST_SMALL_PART:
            raise SheetError("damaged")
        parser.Parse(part, False)
    parser.Parse(b"", True)
