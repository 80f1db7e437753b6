from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class UndoWaits(Fact):
    """Any step a person takes after which it is a worker's turn."""

    icon = "undo-2"


@dataclass(frozen=True)
class UndoAsked(UndoWaits):
    name = "import.undo_asked"
    sentence = N_("asked what undoing the import would do")

    undo_id: int


@dataclass(frozen=True)
class UndoStarted(UndoWaits):
    name = "import.undo_started"
    sentence = N_("had the import undone")

    undo_id: int


@dataclass(frozen=True)
class RedoStarted(UndoWaits):
    name = "import.redo_started"
    sentence = N_("had the undone import made again")

    undo_id: int


@dataclass(frozen=True)
class UndoResumed(UndoWaits):
    name = "import.undo_resumed"
    sentence = N_("had the undoing go on")

    undo_id: int


@dataclass(frozen=True)
class UndoCancelled(Fact):
    name = "import.undo_cancelled"
    sentence = N_("stopped the undoing; %(reached)s rows were dealt with before")
    icon = "x"

    undo_id: int
    reached: int


@dataclass(frozen=True)
class UndoFailed(Fact):
    """`problem` is the English sentence; the undo itself keeps it translatable."""

    name = "import.undo_failed"
    sentence = N_("could not go on with the undoing: %(problem)s")
    icon = "circle-alert"

    undo_id: int
    problem: str


@dataclass(frozen=True)
class Undone(Fact):
    name = "import.undone"
    sentence = N_(
        "undid the import: %(removed)s removed, %(restored)s put back, %(partly)s put back in part, "
        "%(kept)s kept, %(gone)s gone"
    )
    icon = "undo-2"

    undo_id: int
    removed: int
    restored: int
    partly: int
    kept: int
    gone: int
    recalled: int
    withdrawn: int
    untold: int


@dataclass(frozen=True)
class Redone(Fact):
    name = "import.redone"
    sentence = N_(
        "made the import again: %(brought_back)s brought back, %(changed)s changed, %(partly)s in part, "
        "%(kept)s kept, %(gone)s gone"
    )
    icon = "upload"

    undo_id: int
    brought_back: int
    changed: int
    partly: int
    kept: int
    gone: int
