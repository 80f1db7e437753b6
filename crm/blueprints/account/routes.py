"""Signing in and out, the first administrator, one's own password and preferences."""

from typing import Any

from flask import Response, current_app, flash, g, request, url_for
from flask_login import logout_user

from crm.blueprints.account.area import bp
from crm.blueprints.account.entering import after_sign_in, ask_code, entered, goes_on, half_way
from crm.blueprints.account.forms import PasswordForm, SetupForm, SignInForm
from crm.config import LANGUAGES
from crm.domain.access.administered import door_is_open
from crm.domain.account_mail.actions import change_password
from crm.domain.people import actions, setup, standing_in, viewing
from crm.domain.people.passwords import hash_password, needs_rehash, verify
from crm.domain.people.queries import by_email
from crm.domain.people.sessions import leave
from crm.infra import numbers
from crm.infra.db import db
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.fields import Context, Field
from crm.kernel.kinds import FieldKind
from crm.kernel.text import N_
from crm.web.blueprint import PUBLIC, SIGNED_IN
from crm.web.errors import told
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import COOKIE, gettext
from crm.web.security import safe_next
from crm.web.session import end_viewing, enter
from crm.web.throttle import sign_in_limits


@bp.get("/sign-in", needs=PUBLIC)
def sign_in() -> Any:
    if g.person is not None:
        return see_other(after_sign_in())
    nobody_yet = bool(setup.setup_token(g.settings))
    return render("account/sign_in.html", form=SignInForm(), nobody_yet=nobody_yet, door_open=door_is_open())


@bp.get("/sign-in/again", needs=PUBLIC)
def sign_in_again() -> Any:
    """The form over a page whose session has ended; nothing to ask where another tab has signed in meanwhile."""
    return render("account/sign_in_again.html") if g.person is None else goes_on(g.person.id)


@bp.post("/sign-in", needs=PUBLIC)
@sign_in_limits
def sign_in_post() -> Any:
    form = SignInForm()
    person = by_email(form.email.data or "")
    # The same work and the same answer whether the account exists or not.
    known = verify(person.password_hash if person else None, form.password.data or "")
    if person is None or not known or not person.active:
        numbers.note(numbers.SIGN_IN, "password", "refused")
        form.problem = gettext(N_("The e-mail address or the password is wrong."))
        template = "account/sign_in_again.html" if is_htmx() else "account/sign_in.html"
        return render(template, 422, form=form, nobody_yet=False, door_open=door_is_open())
    if needs_rehash(person.password_hash):
        person.password_hash = hash_password(form.password.data)
    if person.second_factor:
        half_way(person)
        return ask_code() if is_htmx() else see_other(url_for("account.code", next=request.form.get("next") or None))
    return entered(person)


@bp.post("/sign-out", needs=PUBLIC)
def sign_out() -> Any:
    if g.viewed is not None:
        viewing.end(g.person.actor, g.viewed)
        end_viewing()
    if g.session is not None:
        leave(g.session.id)
    logout_user()
    return see_other(url_for("account.sign_in"))


@bp.get("/setup", needs=PUBLIC)
def first_run() -> Any:
    if not setup.token_fits(g.settings, request.args.get("token", "")):
        return see_other(url_for("account.sign_in"))
    return render("account/setup.html", form=SetupForm(), token=request.args["token"])


@bp.post("/setup", needs=PUBLIC)
def first_run_post() -> Any:
    token, form = request.form.get("token", ""), SetupForm()
    if not setup.token_fits(g.settings, token):
        raise RuleBroken(N_("This link has been used or is not the one that was printed. Start the program to get it."))
    try:
        person = actions.create_first_administrator(
            email=form.email.data or "", name=form.name.data or "", password=form.password.data or ""
        )
    except Invalid as problem:
        form.problem = told(problem)
        return render("account/setup.html", 422, form=form, token=token)
    db.session.flush()
    setup.forget_token(g.settings)
    enter(person)
    return see_other(url_for("home.index"))


@bp.get("/account/password", needs=SIGNED_IN)
def password() -> Any:
    return render("account/password.html", form=PasswordForm())


@bp.post("/account/password", needs=SIGNED_IN)
@sign_in_limits
def password_post() -> Any:
    form = PasswordForm()
    if not verify(g.person.password_hash, form.current.data or ""):
        form.problem = gettext(N_("The current password is wrong."))
        return render("account/password.html", 422, form=form)
    try:
        change_password(g.actor, g.person, new=form.new.data or "")
    except Invalid as problem:
        form.problem = told(problem)
        return render("account/password.html", 422, form=form)
    enter(g.person)  # every session has ended; here a new one goes on
    flash(gettext(N_("The password is changed. Everywhere else you have been signed out.")), "ok")
    return see_other(url_for("account.password"))


_UNTIL = Field(key="until", label=N_("Until and with"), kind=FieldKind.DATE)


@bp.get("/account/away", needs=SIGNED_IN)
def away() -> Any:
    return _away(str(g.person.away_until or ""))


def _away(until: str, status: int = 200, problem: str = "") -> Response:
    return render("account/away.html", status, shown=g.person, until=until, problem=problem)


@bp.post("/account/away", needs=SIGNED_IN)
def away_post() -> Any:
    given = request.form.get("until", "").strip()
    try:
        until = _UNTIL.parse(given, Context(g.actor)) if given else None
        standing_in.be_away(g.actor, g.person, until)
    except Invalid as problem:
        return _away(given, 422, told(problem))
    flash(gettext(N_("Saved.")), "ok")
    return see_other(url_for("account.away"))


@bp.post("/preferences", needs=PUBLIC)
def preferences() -> Any:
    """One choice of the person menu. Who is not signed in, or what belongs to a screen, is kept in a cookie."""
    response = see_other(safe_next(request.form.get("next"), url_for("home.index")))
    form, wanted = request.form, {}
    if form.get("language") in LANGUAGES:
        wanted["language"] = form["language"]
        _remember(response, COOKIE, form["language"])
    if form.get("theme") in ("auto", "light", "dark"):
        wanted["theme"] = form["theme"]
    if form.get("data_saver") in ("0", "1"):
        wanted["data_saver"] = form["data_saver"] == "1"
    for name in ("rail", "keys"):
        if form.get(name) in ("wide", "narrow", "0", "1"):
            _remember(response, name, form[name])
    if wanted and g.person is not None:
        actions.change_preferences(g.actor, g.person, **wanted)
    return response


def _remember(response: Any, name: str, value: str) -> None:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(name, value, max_age=31_536_000, samesite="Lax", httponly=True, secure=secure)
