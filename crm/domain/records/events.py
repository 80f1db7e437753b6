"""What can happen to a record of any type. A type has facts of its own made of these, so that what follows from a
change may be said of one type (`CUSTOMER_FACTS.created`) or of all (`Created`).

`%(record)s` in a sentence is what the company calls the type that the event is about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_

_PUT_BACK = N_("put back what import %(import_id)s had changed of this %(record)s")
_UNDONE = N_("undid import %(import_id)s, which had brought this %(record)s: it is in the recycle bin")
_REDONE = N_("made import %(import_id)s again, which brings this %(record)s back")


@dataclass(frozen=True)
class Created(Fact):
    sentence = N_("created this %(record)s")
    icon = "plus"

    values: dict[str, Any]


@dataclass(frozen=True)
class Imported(Fact):
    sentence = N_("imported this %(record)s (line %(line)s of import %(import_id)s)")
    icon = "upload"

    import_id: int
    line: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Changed(Fact):
    """`changes` is {field: [before, after]}; `import_id` and `line` when a file brought the change, `takes_back` when
    the import was undone."""

    sentence = N_("changed this %(record)s")
    icon = "pencil"

    changes: dict[str, list[Any]]
    import_id: int | None = None
    line: int | None = None
    takes_back: bool | None = None

    @classmethod
    def says(cls, payload: Mapping[str, Any]) -> str:
        return _PUT_BACK if payload.get("takes_back") else cls.sentence


@dataclass(frozen=True)
class Deleted(Fact):
    """`import_id` where that import was undone."""

    sentence = N_("moved this %(record)s to the recycle bin")
    icon = "trash-2"

    import_id: int | None = None

    @classmethod
    def says(cls, payload: Mapping[str, Any]) -> str:
        return _UNDONE if "import_id" in payload else cls.sentence


@dataclass(frozen=True)
class Restored(Fact):
    """`import_id` where that import was made again."""

    sentence = N_("took this %(record)s out of the recycle bin")
    icon = "undo-2"

    import_id: int | None = None

    @classmethod
    def says(cls, payload: Mapping[str, Any]) -> str:
        return _REDONE if "import_id" in payload else cls.sentence


@dataclass(frozen=True)
class Purged(Fact):
    sentence = N_("removed the %(record)s %(number)s for good")
    icon = "trash-2"

    number: str


@dataclass(frozen=True)
class Facts:
    """The facts of one type."""

    created: type[Created]
    imported: type[Imported]
    changed: type[Changed]
    deleted: type[Deleted]
    restored: type[Restored]
    purged: type[Purged]


def facts_of(noun: str) -> Facts:
    """By the label of the type: `Customer` → CustomerCreated, in the log customer.created, and so on."""
    kinds = (Created, Imported, Changed, Deleted, Restored, Purged)
    names = (f"{noun}{each.__name__}" for each in kinds)
    told = (f"{noun.lower()}.{each.__name__.lower()}" for each in kinds)
    made = (
        type(name, (each,), {"name": key, "noun": noun}) for each, name, key in zip(kinds, names, told, strict=True)
    )
    return Facts(*made)
