"""What reps write down: notes/zh.txt and notes/en.txt, one a line, `kind | body | result | next step`.

Places in braces are filled: {contact}, {goods}, {amount}, {people}, {month}. " / " in a body is a new line.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_NOTES = Path(__file__).parent / "notes"


@dataclass(frozen=True)
class Note:
    kind: str
    body: str
    result: str = ""
    next_step: str = ""


@cache
def notes(language: str) -> tuple[Note, ...]:
    """`language` is zh or en."""
    lines = (_NOTES / f"{language}.txt").read_text("utf-8").splitlines()
    parts = (line.replace(" / ", "\n").split(" | ") for line in lines if line)
    return tuple(Note(*(each.strip() for each in fields)) for fields in parts)
