"""A forgotten password, and what links in mails lead to. The token leaves the address at once, for the cookie."""

from typing import Any

from flask import flash, g, request, session, url_for

from crm.blueprints.account.area import bp
from crm.domain.account_mail import actions
from crm.domain.people.links import ADDRESS, link_of
from crm.kernel.errors import Invalid
from crm.kernel.text import N_
from crm.web.account_letter import can_mail
from crm.web.blueprint import PUBLIC, SIGNED_IN
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.session import end_viewing
from crm.web.throttle import visitor_limits

_LINK = "link"


@bp.get("/sign-in/forgotten", needs=PUBLIC)
def forgotten() -> Any:
    return render("account/forgotten.html", server=can_mail(), asked=False)


@bp.post("/sign-in/forgotten", needs=PUBLIC)
@visitor_limits
def forgotten_post() -> Any:
    """The same sentence for everybody."""
    if can_mail():
        actions.ask_reset(request.form.get("email", ""))
    return render("account/forgotten.html", server=can_mail(), asked=True)


@bp.get("/account/link/<token>", needs=PUBLIC)
def link(token: str) -> Any:
    """Only looked at: programs that check mails open links, too."""
    session[_LINK] = token
    found = link_of(token)
    response = see_other(
        url_for("account.new_address" if found and found.purpose == ADDRESS else "account.new_password")
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/account/new-password", needs=PUBLIC)
def new_password() -> Any:
    found = link_of(session.get(_LINK, ""))
    good = found is not None and found.purpose != ADDRESS
    return render("account/new_password.html", 200 if good else 404, good=good, problem="")


@bp.post("/account/new-password", needs=PUBLIC)
@visitor_limits
def new_password_post() -> Any:
    """Whoever is signed in here is so no more; then one signs in, with a code where there is a second factor."""
    try:
        actions.set_password(session.get(_LINK, ""), request.form.get("new", ""))
    except Invalid as problem:
        return render("account/new_password.html", 422, good=True, problem=told(problem))
    session.pop(_LINK, None)
    end_viewing()
    flash(gettext(N_("The password is changed. Sign in with it.")), "ok")
    return see_other(url_for("account.sign_in"))


@bp.get("/account/new-address", needs=SIGNED_IN)
def new_address() -> Any:
    found = link_of(session.get(_LINK, ""))
    good = found is not None and found.purpose == ADDRESS and found.person_id == g.person.id
    return render("account/new_address.html", 200 if good else 404, link=found if good else None)


@bp.post("/account/new-address", needs=SIGNED_IN)
def new_address_post() -> Any:
    actions.change_address(g.actor, g.person, session.get(_LINK, ""))
    session.pop(_LINK, None)
    flash(gettext(N_("Your address is changed. Sign in with it.")), "ok")
    return see_other(url_for("account.sign_in"))
