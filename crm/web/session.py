"""Who is asking: the signed-in person and the actor they are, once per request."""

from flask import Flask, g, request
from flask_login import LoginManager, current_user
from flask_login.mixins import UserMixin

from crm.domain.people.models import Person
from crm.domain.people.queries import by_id
from crm.infra import logging
from crm.kernel.access import NOBODY
from crm.kernel.events import Origin, origin
from crm.kernel.language import reading
from crm.web.i18n import language


class SignedIn(UserMixin):
    """Flask-Login's view of a person. The id carries the stamp, so a new password ends every session."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def get_id(self) -> str:
        return f"{self.person.id}.{self.person.session_stamp}"


def _load(session_id: str) -> SignedIn | None:
    number, _, stamp = session_id.partition(".")
    person = by_id(int(number)) if number.isdigit() else None
    if person is None or not person.active or person.session_stamp != stamp:
        return None
    return SignedIn(person)


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    manager.user_loader(_load)
    manager.session_protection = None  # a phone changes its address all day long
    app.before_request(_identify)


def _identify() -> None:
    if request.endpoint in ("static", "assets.file", "system.healthz"):
        g.person, g.actor = None, NOBODY
        return
    g.person = current_user.person if current_user.is_authenticated else None
    g.actor = g.person.actor if g.person else NOBODY
    logging.bind(actor_id=g.actor.id)
    origin.set(Origin(g.get("request_id"), request.remote_addr))
    reading.set(language())
