"""The way in, after the password: a code where there is a second factor, then a session."""

import hashlib
from typing import Any

from flask import Response, g, make_response, request, session, url_for
from flask_wtf.csrf import generate_csrf

from crm.blueprints.account.area import bp
from crm.domain.people.models import Person
from crm.domain.people.queries import by_id
from crm.domain.people.second_factor import accept
from crm.infra import clock, numbers
from crm.kernel.text import N_
from crm.web.blueprint import PUBLIC
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import gettext
from crm.web.security import safe_next
from crm.web.session import enter
from crm.web.throttle import HALF, sign_in_limits

LASTS = 10 * 60  # seconds from the password to the code


def entered(person: Person) -> Response:
    """Signed in: on to where they wanted, or on with the page under the form."""
    session.pop(HALF, None)
    enter(person)
    numbers.note(numbers.SIGN_IN, "password", "ok")
    return goes_on(person.id) if is_htmx() else see_other(after_sign_in())


def goes_on(person_id: int) -> Response:
    """The page under the form goes on with a new token, and only for the one it was made for."""
    return make_response("", 204, {"X-CSRFToken": generate_csrf(), "X-Person": str(person_id)})


def after_sign_in() -> str:
    return safe_next(request.values.get("next"), url_for("home.index"))


def half_way(person: Person) -> None:
    """The password was right. Kept in the signed cookie, good for one password and a few minutes."""
    session[HALF] = [person.id, int(clock.now().timestamp()), _mark(person)]


def _mark(person: Person) -> str:
    return hashlib.sha256((person.password_hash or "").encode()).hexdigest()[:16]


def _waiting() -> Person | None:
    """Whoever has given the password and owes a code."""
    person_id, at, mark = session.get(HALF) or (0, 0, "")
    person = by_id(person_id) if clock.now().timestamp() - at < LASTS else None
    return person if person and person.active and person.second_factor and _mark(person) == mark else None


def ask_code(status: int = 200, problem: str = "") -> Response:
    template = "account/code_again.html" if is_htmx() else "account/code.html"
    return render(template, status, problem=problem)


@bp.get("/sign-in/code", needs=PUBLIC)
def code() -> Any:
    if g.person is not None:
        return see_other(after_sign_in())
    return ask_code() if _waiting() else see_other(url_for("account.sign_in", next=request.args.get("next")))


@bp.post("/sign-in/code", needs=PUBLIC)
@sign_in_limits
def code_post() -> Any:
    person = _waiting()
    if person is None:
        session.pop(HALF, None)
        if is_htmx():
            return render("account/sign_in_again.html")
        return see_other(url_for("account.sign_in", next=request.form.get("next") or None))
    if not accept(person, request.form.get("code", "")):
        numbers.note(numbers.SIGN_IN, "code", "refused")
        return ask_code(422, gettext(N_("This code is wrong, or it was used already. Wait for the next one.")))
    return entered(person)
