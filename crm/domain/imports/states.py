"""Where an import stands, what becomes of its rows, and the choices it offers."""

from enum import StrEnum

from crm.kernel.fields import Choice
from crm.kernel.text import N_


class State(StrEnum):
    """inspecting → mapping → checking → checked → running → done; failed and cancelled end any of them.

    From checked to comparing or rehearsing and back as often as one likes.
    """

    INSPECTING = "inspecting"
    MAPPING = "mapping"
    CHECKING = "checking"
    CHECKED = "checked"
    COMPARING = "comparing"
    REHEARSING = "rehearsing"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


WORKING = (State.INSPECTING, State.CHECKING, State.COMPARING, State.REHEARSING, State.RUNNING)  # a worker's turn
# Of Import: what the check and the run count.
COUNTERS = (
    *("rows", "blank", "valid", "invalid", "duplicate_file", "duplicate_stored", "warned"),
    *("created", "updated", "merged", "skipped", "failed"),
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
    MERGED = "merged"  # into a record that was here, which kept what it had
    SKIPPED = "skipped"
    FAILED = "failed"


DUPLICATES = (
    Choice("skip", N_("Leave them out")),
    Choice("update", N_("Update the existing record")),
    Choice("fill", N_("Fill in only what is empty there")),
    Choice("merge", N_("Merge them into the existing record")),
    Choice("create", N_("Create them all the same")),
)
WRITING = frozenset({"update", "fill", "merge"})  # those that change what is there
SIMILAR = (  # what becomes of rows that are only alike, and that nobody has decided about
    Choice("create", N_("Create them")),
    Choice("skip", N_("Leave them out")),
)
