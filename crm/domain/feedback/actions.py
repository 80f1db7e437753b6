"""Saying something about the program, and answering it. Whoever administers is told of the one, whoever said it of the
other."""

from dataclasses import dataclass

from crm.config import VERSION
from crm.domain.feedback.events import FeedbackAnswered, FeedbackGiven
from crm.domain.feedback.models import KINDS, STATUSES, Feedback
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.queries import administrators
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import record
from crm.kernel.overtaken import refuse_overtaken
from crm.kernel.text import N_, clean

LONGEST, LONGEST_PAGE = 4_000, 300


@dataclass(frozen=True)
class Said:
    """`page` is where it was said, `place` which kind of page that is, `browser` what the browser calls itself."""

    kind: str
    body: str
    page: str = ""
    place: str = ""
    browser: str = ""


def say(actor: Actor, said: Said) -> Feedback:
    if said.kind not in KINDS:
        raise Invalid(N_("Choose what it is about."), key="kind")
    one = Feedback(
        person_id=actor.id,
        department_id=actor.department_id,
        kind=said.kind,
        body=_text(said.body, N_("Write a few words.")),
        page=said.page[:LONGEST_PAGE],
        place=said.place[:LONGEST_PAGE],
        program=VERSION,
        browser=said.browser[:LONGEST_PAGE],
        said_at=clock.now(),
    )
    db.session.add(one)
    record(actor, one, FeedbackGiven())
    notify(Kind.FEEDBACK, [News(each, "feedback", one.id) for each in administrators() if each != actor.id], by=actor)
    return one


def answer(actor: Actor, one: Feedback, status: str, text: str, *, seen: int) -> None:
    """Conflict where somebody else has answered since the version `seen`."""
    if status not in STATUSES:
        raise Invalid(N_("Choose what becomes of it."), key="status")
    wanted = {"status": status, "answer": _text(text)}
    refuse_overtaken(one, seen)
    changes = {key: [getattr(one, key), value] for key, value in wanted.items() if getattr(one, key) != value}
    if not changes:
        return
    for key, value in wanted.items():
        setattr(one, key, value)
    one.answered_by_id, one.answered_at, one.version = actor.id, clock.now(), one.version + 1
    record(actor, one, FeedbackAnswered(changes))
    if one.person_id != actor.id:
        notify(Kind.FEEDBACK_ANSWERED, [News(one.person_id, "feedback", one.id)], by=actor)


def _text(text: str, empty: str = "") -> str:
    kept = clean(text, lines=True)
    if empty and not kept:
        raise Invalid(empty, key="body")
    if len(kept) > LONGEST:
        raise Invalid(N_("It has %(length)s characters; at most %(most)s fit."), length=len(kept), most=LONGEST)
    return kept
