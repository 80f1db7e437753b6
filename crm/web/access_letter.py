"""What somebody who asked for an account and gets none is told."""

from flask import current_app
from markupsafe import Markup, escape

from crm.config import Settings
from crm.domain.access.made import OfRefusal
from crm.domain.access.models import AccessRequest
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.text import N_
from crm.web.i18n import gettext
from crm.web.letters import Letter, framed, read_by

_SUBJECT = N_("Your request for an account")
_SAYS = N_("You have asked for an account for %(company)s. You do not get one.")


def refusal_letter(eyes: Actor, made: OfRefusal) -> Letter | None:
    """In the language they asked in. None where the request is there no more."""
    row = db.session.get(AccessRequest, made.request_id)
    if row is None or row.granted:
        return None
    settings: Settings = current_app.config["SETTINGS"]
    language = row.language or settings.language
    with read_by(eyes, language):
        subject, says = gettext(_SUBJECT), gettext(_SAYS, company=settings.company)
    body = Markup("<p>{}</p>\n").format(says)
    if row.answer:
        body += Markup('<p style="white-space:pre-line">{}</p>\n').format(escape(row.answer))
    return Letter(subject, "\n\n".join(filter(None, (says, row.answer))) + "\n", framed(subject, body, language))
