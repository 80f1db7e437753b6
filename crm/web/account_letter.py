"""Mails about somebody's account. A link stands in them and nowhere else."""

from flask import current_app
from markupsafe import Markup, escape

from crm.config import Settings
from crm.domain.account_mail.made import OfAccount
from crm.domain.people.links import ADDRESS, INVITATION, RESET, make_link
from crm.domain.people.queries import by_id
from crm.kernel.access import Actor
from crm.kernel.text import N_
from crm.web.i18n import gettext
from crm.web.letters import Letter, address_of, framed, read_by

_ASK = N_("If it was not you, tell an administrator at once.")
# What → (subject, what it says, what to do).
LETTERS = {
    RESET: (
        N_("Choose a new password"),
        N_("Somebody, probably you, has asked for a new password for %(company)s. The link is good once, for an hour:"),
        N_("If it was not you, do nothing: your password stays as it is."),
    ),
    INVITATION: (
        N_("Your account for %(company)s"),
        N_("You have an account for %(company)s. Choose your password; the link is good once, for three days:"),
        N_("You sign in with the address to which this mail was sent."),
    ),
    ADDRESS: (
        N_("Confirm your e-mail address"),
        N_("From now on you want to sign in to %(company)s with this address. The link is good once, for three days:"),
        N_("If it was not you, do nothing."),
    ),
    "address_changed": (
        N_("Your e-mail address was changed"),
        N_("For %(company)s you now sign in with %(address)s."),
        _ASK,
    ),
    "password_changed": (N_("Your password was changed"), N_("Your password for %(company)s was changed."), _ASK),
    "second_factor_on": (
        N_("Your second factor is set up"),
        N_("From now on a code is asked for when you sign in to %(company)s."),
        _ASK,
    ),
    "second_factor_off": (
        N_("Your second factor was switched off"),
        N_("To sign in to %(company)s your password is enough now."),
        _ASK,
    ),
    "second_factor_reset": (
        N_("Your second factor was reset"),
        N_("An administrator has reset your second factor for %(company)s. Set it up again under “Your account”."),
        _ASK,
    ),
}
_LINKS = (RESET, INVITATION, ADDRESS)
_BODY = Markup("<p>{}</p>\n{}<p>{}</p>")
_LINK = Markup('<p><a href="{0}">{0}</a></p>\n')


def can_mail() -> bool:
    """Whether there is a server that takes mail: without one nobody waits for a link."""
    settings: Settings = current_app.config["SETTINGS"]
    return bool(settings.mail_url)


def account_letter(eyes: Actor, language: str, made: OfAccount) -> Letter | None:
    """None where the account is closed."""
    person = by_id(made.person_id)
    if person is None or not person.active:
        return None
    settings: Settings = current_app.config["SETTINGS"]
    url = ""
    if made.what in _LINKS:
        token = make_link(person, made.what, made.address or person.email)
        url = address_of(settings, f"/account/link/{token}")
    with read_by(eyes, language):
        places = {"company": settings.company, "address": made.address}
        subject, says, then = (gettext(each, **places) for each in LETTERS[made.what])
    text = "\n\n".join(filter(None, (says, url, then))) + "\n"
    body = _BODY.format(escape(says), _LINK.format(url) if url else "", escape(then))
    return Letter(subject, text, framed(subject, body, language))
