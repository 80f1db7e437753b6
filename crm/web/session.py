"""Who is asking: the signed-in person and the actor they are, once per request.

`g.person` has signed in; `g.actor` is what they may do. An administrator who looks through somebody's eyes stays
`g.person`, while `g.viewed` is whose eyes they are and `g.actor` what that person may see, read-only.
`g.reads_only` tells that the transaction is for reading only already; `g.session` is the session asked through (no
key of the API has one), and `g.owes` that whoever it is must set up a second factor before anything else.
"""

import datetime as dt

from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, current_user, login_user
from flask_login.mixins import UserMixin

from crm.config import Settings
from crm.domain.people.models import Person
from crm.domain.people.policy import Known, signed_in
from crm.domain.people.sessions import NOTED_EVERY, Limits, Sitting, begin, leave, note_seen
from crm.domain.people.viewing import through
from crm.infra import clock, logging
from crm.infra.db import db
from crm.kernel.access import NOBODY
from crm.kernel.events import Origin, origin
from crm.kernel.language import naming, reading
from crm.web.api.bearer import identify
from crm.web.api.problems import is_api
from crm.web.devices import device_of
from crm.web.i18n import language

SAFE = {"GET", "HEAD", "OPTIONS"}  # requests that change nothing
_VIEWED = "viewed"


class SignedIn(UserMixin):
    """Flask-Login's view of a person. The id is the key of the session, which ends with its row."""

    def __init__(self, key: str, known: Known | None = None) -> None:
        self.key, self.known = key, known

    def get_id(self) -> str:
        return self.key


def _load(key: str) -> SignedIn | None:
    reads_only = request.method in SAFE
    found = signed_in(key, reads_only=reads_only)
    g.reads_only = reads_only and found is not None
    return SignedIn(key, found) if found else None


def limits() -> Limits:
    settings: Settings = current_app.config["SETTINGS"]
    return Limits(dt.timedelta(minutes=settings.session_idle_minutes), dt.timedelta(hours=settings.session_hours))


def enter(person: Person) -> None:
    """A new session in this browser, whatever there was before."""
    if (before := g.get("session")) is not None:
        leave(before.id)
    device = device_of(request.headers.get("User-Agent", ""))
    login_user(SignedIn(begin(person, limits(), device=device, address=request.remote_addr or "")))


def seen_again() -> bool:
    """Note that the session is in use, once in a few minutes; whether there is something to commit.

    Asked before anything else is done in the request: what was read so far may be for reading only.
    """
    now: Sitting | None = g.get("session")
    if now is None or clock.now() - now.seen_at < NOTED_EVERY:
        return False
    db.session.rollback()
    note_seen(now.id, limits(), request.remote_addr or "")
    g.reads_only = False
    return True


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    manager.user_loader(_load)
    manager.session_protection = None  # a phone changes its address all day long
    app.before_request(_identify)


def _identify() -> None:
    g.viewed, g.person, g.actor, g.reads_only, g.session, g.owes = None, None, NOBODY, False, None, False
    if request.endpoint == "system.readyz":
        g.reads_only = True  # nothing is to be asked of a database that may be away before it can be told
    if request.endpoint in ("static", "assets.file", "system.healthz", "system.readyz", "system.metrics"):
        return
    if is_api():
        reading.set(language())
        identify()
    elif current_user.is_authenticated:
        g.person, g.actor, g.along, g.session, g.owes = current_user.known
    if g.person is None:  # strangers bring no files, wherever they send them: nothing that long is read
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]
    logging.bind(actor_id=g.actor.id)
    if not is_api() and _VIEWED in session:
        _look_through(*session[_VIEWED])
    origin.set(Origin(g.get("request_id"), request.remote_addr, through=g.get("through")))
    reading.set(language())
    naming.set(g.actor.shape)


def view_as(person: Person) -> None:
    session[_VIEWED] = (g.person.id, person.id)


def end_viewing() -> None:
    session.pop(_VIEWED, None)


def _look_through(viewer_id: int, person_id: int) -> None:
    """As long as it is the same administrator, who still may."""
    found = through(g.actor, person_id) if g.actor.id == viewer_id else None
    if found is None:
        end_viewing()
    else:
        g.viewed, g.actor = found
