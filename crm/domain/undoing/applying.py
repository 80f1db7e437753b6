"""What was decided is done, through the verbs of the type."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError

from crm.domain.undoing.deciding import Deciding, Decision
from crm.domain.undoing.models import Outcome
from crm.infra.db import db
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import because, origin, plain
from crm.kernel.packing import stored
from crm.kernel.text import N_

_REFUSED = (RuleBroken, Invalid, IntegrityError, DataError)
_NOT_STORED = N_("The database refused it: something it refers to was removed meanwhile.")


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
    """One that a rule refuses is found by halving and stays as it is alone."""
    if not decisions:
        return
    try:
        with db.session.begin_nested():
            act(decisions)
    except _REFUSED as error:
        if len(decisions) > 1:
            middle = len(decisions) // 2
            _carefully(decisions[:middle], act)
            _carefully(decisions[middle:], act)
            return
        (one,) = decisions
        said = {"message": _NOT_STORED, "params": {}}
        if isinstance(error, RuleBroken | Invalid):
            said = {"message": error.message, "params": error.params}
        one.outcome, one.put = Outcome.KEPT, {}
        one.conflicts.append(["refused", None, said])


def _note_what_waits(deciding: Deciding, decision: Decision) -> None:
    """Sensitive fields are put back once a second person has confirmed it."""
    for key, value in list(decision.put.items()):
        field = deciding.fields[key]
        if not field.same(plain(stored(decision.record, field)), plain(value)):
            decision.conflicts.append(["waits", key, {}])
            del decision.put[key]
    if decision.conflicts:
        decision.outcome = Outcome.PARTLY if decision.put else Outcome.KEPT
