"""What was decided is done, through the verbs of the type."""

from collections.abc import Callable, Sequence
from typing import Any

from crm.domain.undoing.deciding import Deciding, Decision
from crm.domain.undoing.models import Outcome
from crm.kernel.events import because, origin, plain
from crm.kernel.packing import stored
from crm.kernel.refusing import by_halves, said


def apply(deciding: Deciding, decisions: Sequence[Decision]) -> None:
    """Decisions that cannot be carried out become conflicts."""
    actor, verbs, import_id = deciding.actor, deciding.type.verbs, deciding.import_.id
    with because(origin.get().reason, takes_back=True):
        _carefully(
            [each for each in decisions if each.outcome == Outcome.REMOVED],
            lambda some: verbs.delete_many(actor, [each.record for each in some], import_id=import_id),
        )
        _carefully(
            [each for each in decisions if each.outcome == Outcome.BROUGHT_BACK],
            lambda some: verbs.restore_many(actor, [each.record for each in some], import_id=import_id),
        )
        put = [each for each in decisions if each.put]
        _carefully(
            put,
            lambda some: verbs.put_back_many(actor, [(each.record, each.put) for each in some], import_id=import_id),
        )
    for each in put:
        _note_what_waits(deciding, each)


def _carefully(decisions: Sequence[Decision], act: Callable[[Sequence[Decision]], Any]) -> None:
    """One that a rule refuses stays as it is alone."""

    def write(some: Sequence[Decision]) -> Sequence[None]:
        act(some)
        return ()

    by_halves(decisions, write, _refused)


def _refused(one: Decision, error: Exception) -> None:
    one.outcome, one.put = Outcome.KEPT, {}
    one.conflicts.append(["refused", None, said(error)])


def _note_what_waits(deciding: Deciding, decision: Decision) -> None:
    """Sensitive fields are put back once a second person has confirmed it."""
    for key, value in list(decision.put.items()):
        field = deciding.fields[key]
        if not field.same(plain(stored(decision.record, field)), plain(value)):
            decision.conflicts.append(["waits", key, {}])
            del decision.put[key]
    if decision.conflicts:
        decision.outcome = Outcome.PARTLY if decision.put else Outcome.KEPT
