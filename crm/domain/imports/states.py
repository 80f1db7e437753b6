"""Where an import stands, what becomes of its rows, and the choices it offers."""

from enum import StrEnum

from crm.kernel.fields import Choice
from crm.kernel.text import N_


class State(StrEnum):
    """inspecting → mapping → checking → checked → running → done; failed and cancelled end any of them.

    From checked to rehearsing and back as often as one likes.
    """

    INSPECTING = "inspecting"
    MAPPING = "mapping"
    CHECKING = "checking"
    CHECKED = "checked"
    REHEARSING = "rehearsing"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


WORKING = (State.INSPECTING, State.CHECKING, State.REHEARSING, State.RUNNING)  # a worker's turn
# Of Import: what the check and the run count.
COUNTERS = (
    *("rows", "blank", "valid", "invalid", "duplicate_file", "duplicate_stored", "warned"),
    *("created", "updated", "skipped", "failed"),
)
ENDED = (State.DONE, State.FAILED, State.CANCELLED)


class RowState(StrEnum):
    """What the check found out about a row."""

    VALID = "valid"
    INVALID = "invalid"
    DUPLICATE_FILE = "duplicate_file"
    DUPLICATE_STORED = "duplicate_stored"


class Outcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    SKIPPED = "skipped"
    FAILED = "failed"


DUPLICATES = (
    Choice("skip", N_("Leave them out")),
    Choice("update", N_("Update the existing record")),
    Choice("fill", N_("Fill in only what is empty there")),
    Choice("create", N_("Create them all the same")),
)
WRITING = frozenset({"update", "fill"})  # those that change what is there
