"""Who is asking: the signed-in person and the actor they are, once per request.

`g.person` has signed in; `g.actor` is what they may do. An administrator who looks through somebody's eyes stays
`g.person`, while `g.viewed` is whose eyes they are and `g.actor` what that person may see, read-only.
`g.reads_only` tells that the transaction is for reading only already.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, current_user
from flask_login.mixins import UserMixin

from crm.domain.people.models import Person
from crm.domain.people.policy import known
from crm.domain.people.viewing import through
from crm.infra import logging
from crm.kernel.access import NOBODY, Actor
from crm.kernel.events import Origin, origin
from crm.kernel.language import naming, reading
from crm.web.api.bearer import identify
from crm.web.api.problems import is_api
from crm.web.i18n import language

SAFE = {"GET", "HEAD", "OPTIONS"}  # requests that change nothing
_VIEWED = "viewed"


class SignedIn(UserMixin):
    """Flask-Login's view of a person. The id carries the stamp, so a new password ends every session."""

    def __init__(self, person: Person, actor: Actor = NOBODY, along: Mapping[str, Any] | None = None) -> None:
        self.person, self.actor, self.along = person, actor, along or {}

    def get_id(self) -> str:
        return f"{self.person.id}.{self.person.session_stamp}"


def _load(session_id: str) -> SignedIn | None:
    number, _, stamp = session_id.partition(".")
    reads_only = request.method in SAFE
    found = known(int(number), reads_only=reads_only) if number.isdigit() else None
    g.reads_only = reads_only and found is not None
    if found is None or not found[0].active or found[0].session_stamp != stamp:
        return None
    return SignedIn(*found)


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    manager.user_loader(_load)
    manager.session_protection = None  # a phone changes its address all day long
    app.before_request(_identify)


def _identify() -> None:
    g.viewed, g.person, g.actor, g.reads_only = None, None, NOBODY, False
    if request.endpoint == "system.readyz":
        g.reads_only = True  # nothing is to be asked of a database that may be away before it can be told
    if request.endpoint in ("static", "assets.file", "system.healthz", "system.readyz", "system.metrics"):
        return
    if is_api():
        reading.set(language())
        identify()
    elif current_user.is_authenticated:
        g.person, g.actor, g.along = current_user.person, current_user.actor, current_user.along
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
