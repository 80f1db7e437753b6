"""Every error becomes a sentence: what happened, what was kept, what to do."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, flash, g, make_response, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException

from crm.domain.registry import RECORD_TYPES
from crm.infra import numbers
from crm.infra.db import db
from crm.kernel.errors import Conflict, Invalid, RuleBroken
from crm.kernel.text import N_
from crm.web.api.problems import is_api, problem
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import gettext
from crm.web.request_log import route

SENTENCES = {
    400: (N_("This request could not be read"), N_("Nothing was changed. Go back and try again.")),
    403: (N_("You may not do this"), N_("Nothing was changed. Ask an administrator if you need it.")),
    404: (N_("There is nothing here"), N_("The address is wrong, or it is something you may not see.")),
    405: (N_("This cannot be done here"), N_("Nothing was changed. Go back and try again.")),
    409: (N_("This cannot be done now"), N_("Nothing was changed.")),
    413: (N_("This file is too large"), N_("Nothing was uploaded. Split the file and upload the parts.")),
    422: (N_("This does not fit"), N_("Nothing was changed. Go back and correct it.")),
    429: (N_("Too many tries"), N_("Wait a little, then try again.")),
    500: (
        N_("Something went wrong on our side"),
        N_("Nothing was changed. Try again; if it stays, tell an administrator."),
    ),
    503: (N_("The system is busy or restarting"), N_("Nothing was changed. Try again in a few seconds.")),
}
_TYPED = ("value", "name")  # places that hold what somebody wrote, even if it happens to be a word of ours
NO_KEY = N_("Send “Authorization: Bearer …” with a key that is good: it may have been taken back or have run out.")
FORM_EXPIRED = N_("The form had expired. What you typed is still there: send it once more.")


def told(error: Invalid | RuleBroken) -> str:
    """The error's sentence in the reader's language."""
    return sentence(error.message, error.params)


def status_of(error: Invalid | RuleBroken) -> int:
    """Of a form that comes back with the error: 409 where somebody else was faster, so that it can be sent anew."""
    return 409 if isinstance(error, Conflict) else 422


def sentence(message: str, params: Mapping[str, Any]) -> str:
    """A gettext id and what fills its places, as errors and imports keep them."""
    return gettext(message, **{key: value if key in _TYPED else _filled(value) for key, value in params.items()})


def _filled(value: Any) -> Any:
    """What fills a sentence may be a word to translate, or several."""
    if isinstance(value, list | tuple):
        return gettext(N_(", ")).join(gettext(each) for each in value)
    return gettext(value) if isinstance(value, str) else value


def sign_in_first() -> Response:
    """A page goes to the sign-in form and back; a part opens it in place, so that nothing typed is lost.

    The part gets the form's address only: a form brings a cookie, and one that arrives late, after the page has
    signed in again, would end the new session.
    """
    if is_api():
        return problem(401, gettext(N_("A key is needed")), gettext(NO_KEY))
    if is_htmx():
        return make_response(url_for("account.sign_in_again"), 401, {"Content-Type": "text/plain"})
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return see_other(url_for("account.sign_in", next=back))


def error_page(status: int, title: str = "", text: str = "") -> Response:
    known = SENTENCES.get(status, SENTENCES[500])
    title, text = title or gettext(known[0]), text or gettext(known[1])
    reference = g.get("request_id", "") if status >= 500 else ""  # by which an administrator finds it
    if is_api():
        return problem(status, title, text, more={"request_id": reference} if reference else None)
    context = {"error_title": title, "error_text": text, "reference": reference}
    if is_htmx():
        return make_response(render("errors/flash.html", status, **context))
    return make_response(render("errors/page.html", status, ask=_asked_at(status), **context))


def _asked_at(status: int) -> str:
    """Where whoever was led to a record or a list and may not see it can ask for that. Whether there is such a record
    nobody learns: what is not there is asked for in the same way."""
    type_key, place = request.blueprint or "", request.endpoint or ""
    if request.method != "GET" or g.get("person") is None or type_key not in RECORD_TYPES:
        return ""
    if type_key not in g.actor.modules or g.actor.read_only:
        return ""
    may, record_id = (
        g.actor.may(RECORD_TYPES[type_key].entity.read_permission),
        (request.view_args or {}).get("record_id"),
    )
    if may and status == 404 and record_id is not None and place == f"{type_key}.show":
        return url_for("access.record", type_key=type_key, record_id=record_id)
    return url_for("access.list_", type_key=type_key) if status == 403 and not may else ""


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(Invalid, _refused(422))
    app.register_error_handler(RuleBroken, _refused(409))
    app.register_error_handler(DataError, _bad_value)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(TimeoutError, _busy)
    app.register_error_handler(Exception, _unforeseen)


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    db.session.rollback()
    response = error_page(error.code)
    if retry := (error.get_response().headers.get("Retry-After") if error.code in (429, 503) else None):
        response.headers["Retry-After"] = retry
    return response


def _csrf(error: CSRFError) -> Response:
    db.session.rollback()
    if g.get("person") is None:
        return sign_in_first()
    if not is_htmx():
        flash(gettext(FORM_EXPIRED), "warn")
    return error_page(400, text=gettext(FORM_EXPIRED))


def _refused(status: int) -> Any:
    def answer(error: Invalid | RuleBroken) -> Response:
        db.session.rollback()
        return error_page(status, text=told(error))

    return answer


def _bad_value(error: DataError) -> Response:
    """A value in the address that PostgreSQL cannot read, such as a worn-out cursor."""
    db.session.rollback()
    return error_page(422)


def _busy(error: Exception) -> Response:
    _noted(error)
    db.session.rollback()
    response = error_page(503)
    response.headers["Retry-After"] = "3"
    return response


def _noted(error: Exception) -> None:
    numbers.note_error(error, route(), g.get("request_id", ""))


def _unforeseen(error: Exception) -> Response:
    from flask import current_app

    _noted(error)
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    current_app.logger.exception("unhandled")
    db.session.rollback()
    return error_page(500)
