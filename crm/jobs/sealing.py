"""The log is sealed every few seconds, anchored every day, checked every night and when asked, and given room."""

from flask import current_app

from crm.domain.audit import actions, anchors, months, sealing
from crm.domain.audit.models import Verification
from crm.domain.audit.verify import walk
from crm.infra.news import Herald
from crm.jobs.base import alone, commit, job, should_stop

_STEPS = 40  # batches a turn: other short work waits behind this


@job
def seal() -> int:
    """Seal what can be; returns how many lines."""
    done = 0
    for step, count in enumerate(sealing.seal(), 1):
        commit()
        done += count
        if step >= _STEPS or should_stop():
            break
    return done


@job
def make_months() -> int:
    """Tables for the events of the months to come; returns how many were made."""
    made = months.make()
    commit()
    return made


@job
def anchor() -> None:
    """Write down where the chain stands, if it has moved since the last time."""
    path = anchors.path_in(current_app.config["SETTINGS"].instance)
    position, hash_ = sealing.head()
    known = anchors.read(path)
    if position > (known[-1].position if known else 0):
        anchors.append(path, position, hash_)


@job
def check_nightly() -> None:
    actions.ask_for_verification(actions.NIGHT)
    commit()
    check_waiting()


@job
def check_waiting() -> int:
    """Answer everybody who asked whether the log is whole; returns how many. One left half done is begun again."""
    herald, done = Herald(current_app.config["SETTINGS"]), 0
    with alone("check of the log") as ours:
        while ours and not should_stop() and (waiting := actions.next_verification()) is not None:
            done += _check(waiting, herald)
    return done


def _check(waiting: Verification, herald: Herald) -> bool:
    known = anchors.read(anchors.path_in(current_app.config["SETTINGS"].instance))
    waiting.total = sealing.head()[0]
    for verdict in walk(known):
        if should_stop():
            return False
        waiting.checked = verdict.rows
        commit()
        herald.tell(actions.NEWS)
    actions.finish_verification(waiting, verdict)
    commit()
    herald.tell(actions.NEWS)
    return True
