"""Mail is posted in the transaction of whatever it is about, and sent by a worker. Posting the same key again does
nothing."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from crm.domain.mail.events import MailSentAgain
from crm.domain.mail.made import Made
from crm.domain.mail.models import FAILED, SENT, WAITING, WITHHELD, MailRow
from crm.infra import clock, queue
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.contact import parse_email
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_

FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=30), dt.timedelta(hours=1)
MOST_ATTEMPTS = 40  # with these pauses a day and a half
LONGEST_ERROR = 500
DIED = "The worker ended each time before it could say how it went."


@dataclass(frozen=True)
class To:
    """One of ours, who reads it with their own eyes and in their language, or an address of somebody else's."""

    person_id: int | None = None
    address: str = ""


@dataclass(frozen=True)
class Post:
    to: To
    made_of: Made
    key: str
    at: dt.datetime | None = None  # not before


def post(actor: Actor, to: To, made_of: Made, *, key: str, at: dt.datetime | None = None) -> int | None:
    """The id of the row; None where this key has been posted before."""
    return post_many(actor, [Post(to, made_of, key, at)]).get(key)


def post_many(actor: Actor, posts: Collection[Post]) -> Mapping[str, int]:
    """Key → id of the rows that are new. Invalid where an address is none."""
    if not posts:
        return {}
    now = clock.now()
    rows = [_row(actor, each, now) for each in sorted(posts, key=lambda one: one.key)]  # in one order, so none wait
    statement = insert(MailRow).on_conflict_do_nothing().returning(MailRow.key, MailRow.id)
    found = {row.key: row.id for row in db.session.execute(statement, rows)}
    queue.ring_later("mail.send")
    return found


def _row(actor: Actor, post: Post, now: dt.datetime) -> dict[str, Any]:
    to = post.to
    if to.person_id is None and actor.id is None:
        raise ValueError("A mail to somebody else needs eyes: an actor who is somebody.")
    return {
        "key": post.key,
        "person_id": to.person_id,
        "address": None if to.person_id is not None else parse_email(to.address),
        "by_id": actor.id,
        "made_of": post.made_of.kept(),
        "run_at": post.at or now,
        "created_at": now,
    }


def pause_after(attempts: int) -> dt.timedelta:
    """Half a minute, a minute, two … an hour."""
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE)


def taken_up(mail: MailRow) -> None:
    """Count the attempt and put the next one off, before anything is tried: who dies meanwhile has tried. One that
    every worker dies of is not tried for ever."""
    mail.attempts += 1
    mail.run_at = clock.now() + pause_after(mail.attempts)
    if mail.attempts > MOST_ATTEMPTS:
        mail.state, mail.error = FAILED, mail.error or DIED


def sent(mail: MailRow, message_id: str) -> None:
    mail.state, mail.sent_at, mail.message_id, mail.error = SENT, clock.now(), message_id, None


def withheld(mail: MailRow, why: str) -> None:
    """Nothing that may be told is left, or nobody is there to read it."""
    mail.state, mail.error = WITHHELD, why


def put_off(mail: MailRow, until: dt.datetime) -> None:
    """No attempt was made: it is not the time to send it."""
    mail.run_at, mail.attempts = until, mail.attempts - 1


def not_taken(mail: MailRow, error: Exception, *, for_good: bool) -> None:
    """Tried again after the pause that `taken_up` noted, unless that is of no use any more."""
    mail.error = repr(error)[:LONGEST_ERROR]
    if for_good or mail.attempts >= MOST_ATTEMPTS:
        mail.state = FAILED


def send_again(actor: Actor, mail: MailRow) -> None:
    """A failed one, from the beginning and under the same key; RuleBroken for any other."""
    if mail.state != FAILED:
        raise RuleBroken(N_("This mail is not waiting for anybody: it was sent again already. Nothing was changed."))
    mail.state, mail.attempts, mail.run_at = WAITING, 0, clock.now()
    record(actor, mail, MailSentAgain(1))
    queue.ring_later("mail.send")


def send_all_again(actor: Actor) -> int:
    """Every failed one; returns how many."""
    now = clock.now()
    again = update(MailRow).where(MailRow.state == FAILED).values(state=WAITING, attempts=0, run_at=now)
    ids = db.session.scalars(again.returning(MailRow.id).execution_options(synchronize_session=False)).all()
    if ids:
        record(actor, db.session.get_one(MailRow, max(ids)), MailSentAgain(len(ids)))
        queue.ring_later("mail.send")
    return len(ids)
