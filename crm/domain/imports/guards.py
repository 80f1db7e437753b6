"""What every step of a person asks first, and what going back undoes."""

from crm.domain.imports.models import Import
from crm.domain.imports.states import COUNTERS, State
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.text import N_

TOO_LATE = N_("This import is at another step already.")


def forget_check(import_: Import) -> None:
    """Counts start anew; the worker that checks next removes the staged rows, however many."""
    for name in COUNTERS:
        setattr(import_, name, 0)
    import_.checked_line = import_.run_line = import_.attempts = 0
    import_.passes = 1
    import_.fraction, import_.duplicates, import_.cancel_requested = 0.0, None, False
    import_.starts_at = import_.problem = import_.rehearsal = None
    import_.rehearsed = import_.rehearsed_line = import_.alike = import_.compared_line = 0
    import_.compared_at, import_.similar = None, "create"
    import_.keyed_line, import_.keyed_record = 0, None
    import_.phase_began_at = None


def only_owner(actor: Actor, import_: Import) -> None:
    """To others a column is closed or open by the field it fills; who could match it anew could open it."""
    if actor.id != import_.owner_id:
        raise RuleBroken(N_("Only whoever brought the file decides how it is read."))


def only_in(import_: Import, *states: State) -> None:
    if import_.state not in states:
        raise RuleBroken(TOO_LATE)
