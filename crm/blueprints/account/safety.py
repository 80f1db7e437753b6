"""One's own sessions, second factor and address."""

from typing import Any

import segno
from flask import flash, g, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from crm.blueprints.account.area import bp
from crm.domain.account_mail import actions
from crm.domain.people import codes
from crm.domain.people import second_factor as factor
from crm.domain.people.passwords import verify
from crm.domain.people.sessions import end, sessions_of
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.text import N_
from crm.web.account_letter import can_mail
from crm.web.blueprint import SIGNED_IN
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.throttle import sign_in_limits

_WRONG = N_("The current password is wrong.")


def _knows_password() -> bool:
    return verify(g.person.password_hash, request.form.get("current", ""))


@bp.get("/account/sessions", needs=SIGNED_IN)
def sessions() -> Any:
    here = g.session.id if g.session else None
    return render("account/sessions.html", sessions=sessions_of(g.person), here=here)


@bp.post("/account/sessions/<int:session_id>/end", needs=SIGNED_IN)
def end_session(session_id: int) -> Any:
    """Of somebody else's nothing is found, and nothing ends."""
    end(g.actor, g.person, only=session_id)
    flash(gettext(N_("It has ended.")), "ok")
    return see_other(url_for("account.sessions"))


@bp.post("/account/sessions/others/end", needs=SIGNED_IN)
def end_other_sessions() -> Any:
    end(g.actor, g.person, but=g.session.id)
    flash(gettext(N_("Everywhere else you have been signed out.")), "ok")
    return see_other(url_for("account.sessions"))


@bp.get("/account/second-factor", needs=SIGNED_IN)
def second_factor() -> Any:
    return _factor()


def _factor(status: int = 200, problem: str = "") -> Response:
    secret = None if g.person.second_factor else factor.begun(g.person)
    picture = _picture(codes.address(secret, g.settings.company, g.person.email)) if secret else ""
    left = factor.codes_left(g.person) if g.person.second_factor else 0
    return render(
        "account/second_factor.html", status, secret=secret, picture=picture, left=left, owes=g.owes, problem=problem
    )


def _picture(address: str) -> Markup:
    """Inline, as the secret is to stand in no address; on white in either theme, or phones cannot read it."""
    drawn = segno.make(address, error="m", micro=False)
    return Markup(drawn.svg_inline(scale=4, border=4, light="white", omitsize=True))


@bp.post("/account/second-factor", needs=SIGNED_IN)
def begin_second_factor() -> Any:
    factor.begin(g.person)
    return see_other(url_for("account.second_factor"))


@bp.post("/account/second-factor/confirmation", needs=SIGNED_IN)
@sign_in_limits
def confirm_second_factor() -> Any:
    if not _knows_password():
        return _factor(422, gettext(_WRONG))
    try:
        made = actions.confirm(g.actor, g.person, request.form.get("code", ""))
    except Invalid as problem:
        return _factor(422, told(problem))
    return render("account/recovery_codes.html", codes=made)


@bp.post("/account/second-factor/codes", needs=SIGNED_IN)
@sign_in_limits
def renew_recovery_codes() -> Any:
    """The answer itself, no page to go to: codes are kept nowhere, so the form brings no idempotency key."""
    if not _knows_password():
        return _factor(422, gettext(_WRONG))
    return render("account/recovery_codes.html", codes=factor.renew_codes(g.actor, g.person))


@bp.post("/account/second-factor/end", needs=SIGNED_IN)
@sign_in_limits
def end_second_factor() -> Any:
    if not _knows_password():
        return _factor(422, gettext(_WRONG))
    actions.switch_off(g.actor, g.person)
    flash(gettext(N_("The second factor is switched off.")), "ok")
    return see_other(url_for("account.second_factor"))


@bp.get("/account/address", needs=SIGNED_IN)
def address() -> Any:
    return _address()


def _address(status: int = 200, problem: str = "") -> Response:
    typed = request.form.get("email", "")
    return render("account/address.html", status, email=typed, server=can_mail(), problem=problem)


@bp.post("/account/address", needs=SIGNED_IN)
@sign_in_limits
def address_post() -> Any:
    if not _knows_password():
        return _address(422, gettext(_WRONG))
    try:
        if not can_mail():
            raise RuleBroken(N_("No mail can be sent here: ask an administrator."))
        actions.ask_address(g.actor, g.person, request.form.get("email", ""))
    except (Invalid, RuleBroken) as problem:
        return _address(422, told(problem))
    flash(gettext(N_("We have sent a mail there. The address is yours as soon as you use the link in it.")), "ok")
    return see_other(url_for("account.address"))
