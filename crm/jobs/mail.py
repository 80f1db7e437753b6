"""The outbox of mail, emptied: one mail, two transactions.

The first counts the attempt and puts the next one off, so that who dies meanwhile comes again after a pause. The
second holds the row while the server is spoken to and ends as soon as it took the mail. What remains possible: the
server took it and the worker dies before it could say so; then it is sent again with the same Message-ID.
"""

import smtplib
import time

import structlog
from flask import current_app

from crm.config import Settings
from crm.domain.mail import actions
from crm.domain.mail.models import MailRow
from crm.domain.mail.queries import next_due, still_waiting
from crm.domain.notifications import digests
from crm.infra import queue
from crm.infra.db import db
from crm.infra.mail import Mail, Unsendable, send
from crm.jobs.base import commit, job, should_stop, when
from crm.web.outgoing import Later, Withheld, outgoing

log = structlog.get_logger(__name__)
_TURN = 60.0  # seconds after which another work of this queue gets its turn
_SAYS_NO = 500  # answers from here on are for good
_GOES_AWAY = 421


class Outage(Exception):
    """The server is not there for anybody now: no use in trying the others."""


@when(next_due)
@job
def send_waiting() -> int:
    """Send what is due; returns how many were. By any number of workers."""
    done, until = 0, time.monotonic() + _TURN
    try:
        while not should_stop() and (mail := next_due()) is not None:
            if time.monotonic() > until:
                queue.enqueue("mail.send", queue="outbox", key="mail.send")
                break
            actions.taken_up(mail)
            mail_id = mail.id
            commit()
            done += _send(mail_id)
    except Outage:
        log.warning("mail.outage", sent=done)
    return done


@job
def gather_digests() -> int:
    """Post the digests whose time has come, each person's in a transaction of their own; returns how many."""
    done, person_id = 0, digests.next_waiting(0)
    while person_id is not None and not should_stop():
        done += digests.gather(person_id)
        commit()
        person_id = digests.next_waiting(person_id)
    return done


def _send(mail_id: int) -> bool:
    mail = still_waiting(mail_id)
    if mail is None:
        return False
    try:
        made = _made(mail)
        if isinstance(made, Mail):
            settings: Settings = current_app.config["SETTINGS"]
            actions.sent(mail, send(settings, made, key=mail.key))
    except Exception as error:
        outage = _note(mail, error)
        commit()
        if outage:
            raise Outage from error
        return False
    commit()
    return isinstance(made, Mail)


def _made(mail: MailRow) -> Mail | None:
    """What is not to be sent now is noted in the row."""
    with db.session.begin_nested():  # an error in making it leaves the row locked
        made = outgoing(mail)
    match made:
        case Withheld(why):
            actions.withheld(mail, why)
        case Later(until):
            actions.put_off(mail, until)
        case Mail():
            return made
    return None


def _note(mail: MailRow, error: Exception) -> bool:
    """Whether nothing else can be sent either."""
    log.warning("mail.not_taken", mail_id=mail.id, attempts=mail.attempts, error=repr(error))
    codes = _codes(error)
    for_good = isinstance(error, Unsendable) or bool(codes) and min(codes) >= _SAYS_NO
    actions.not_taken(mail, error, for_good=for_good)
    about_this_one = for_good or isinstance(error, smtplib.SMTPRecipientsRefused) and _GOES_AWAY not in codes
    return isinstance(error, OSError) and not about_this_one


def _codes(error: Exception) -> list[int]:
    """What the server said to this mail; nothing where it said no to everybody."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPDataError) else []
