"""A blueprint whose every route must say what it needs, whose reads never write, and whose writes happen once.

This is the only place of the web that ends a transaction.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import unquote

from flask import Blueprint, abort, g, make_response, request, url_for

from crm.domain.tokens.actions import note_use
from crm.infra.db import db, driven
from crm.infra.queue import ring
from crm.kernel.errors import Invalid
from crm.kernel.events import LONGEST_REASON, because
from crm.kernel.permissions import Permission
from crm.kernel.text import N_, clean
from crm.web import idempotency
from crm.web.api.problems import is_api
from crm.web.errors import error_page, sign_in_first
from crm.web.htmx import see_other
from crm.web.i18n import gettext
from crm.web.repeating import until_kept
from crm.web.session import SAFE, seen_again

PUBLIC = "public"
SIGNED_IN = "signed in"
Needs = Permission | str

# All that may be sent while looking through others' eyes: what ends it, and what only asks and changes nothing.
END_VIEWING = ("admin.stop_viewing", "account.sign_out", "filters.build_posted")
# All that is there for whoever must set up a second factor first.
SETTING_UP = ("account.second_factor", "account.begin_second_factor", "account.confirm_second_factor")
_ONLY_LOOKING = N_("Nothing was changed: you are looking through somebody else's eyes. End that first.")


_ONLY_READING = N_("Nothing was changed: this key is for reading only.")


class CrmBlueprint(Blueprint):
    """`module`: the part of the product that its routes belong to; where it is off they are not there."""

    def __init__(self, name: str, import_name: str, *, module: str = "", **options: Any) -> None:
        super().__init__(name, import_name, **options)
        self.module = module

    def add_url_rule(  # type: ignore[override]
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        *,
        needs: Needs,
        unasked: bool = False,
        **options: Any,
    ) -> None:
        """`unasked`: open pages ask for it by themselves, again and again, so that it does not say that anybody is
        there: a session ends although its tab was left open."""
        assert view_func is not None
        guarded = _guarded(view_func, needs, self.module, unasked)
        super().add_url_rule(rule, endpoint, guarded, provide_automatic_options, **options)


def _guarded(view: Callable[..., Any], needs: Needs, module: str, unasked: bool) -> Callable[..., Any]:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if (answer := _turned_away(needs, module)) is not None:
            return answer
        # Whoever may is noted to be here; the transaction that answers may be for reading only.
        if g.get("token") is not None and note_use(g.token):
            db.session.commit()
        if not unasked and seen_again():
            db.session.commit()
        if request.method in SAFE:
            return _read(view, args, kwargs)
        return until_kept(lambda: _write(view, args, kwargs))

    guarded.needs = needs  # type: ignore[attr-defined]
    return guarded


def _turned_away(needs: Needs, module: str) -> Any:
    """None for whoever may go on; 403 and 404 are raised."""
    if needs != PUBLIC and g.person is None:
        return sign_in_first()
    if needs != PUBLIC and g.owes and request.endpoint not in SETTING_UP:
        return see_other(url_for(SETTING_UP[0]))
    if module and needs != PUBLIC and module not in g.actor.modules:
        abort(404)
    if g.actor.read_only and request.method not in SAFE and request.endpoint not in END_VIEWING:
        return error_page(403, text=gettext(_ONLY_READING if is_api() else _ONLY_LOOKING))
    if isinstance(needs, Permission) and not g.actor.may(needs):
        abort(403)
    return None


def _read(view: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    if not g.reads_only:  # nobody has signed in, so nothing has been asked yet
        driven("SET TRANSACTION READ ONLY")
    return view(*args, **kwargs)


def _write(view: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """One transaction: the change, its events, the work they cause and the answer to a second asking."""
    if (answer := idempotency.begin()) is not None:
        return answer
    with because(_reason()):
        response = make_response(view(*args, **kwargs))
    if response.status_code >= 400:  # a page that says what is wrong has not asked for changes to be kept
        db.session.rollback()
        return response
    idempotency.finish(response)
    db.session.commit()
    if db.session.info.pop("poke", False):
        ring("outbox")
    return response


def _reason() -> str | None:
    """Any form may say why: it stands in the audit log with all that the request changes. A program says it in
    `X-Reason`, percent-encoded, since headers are no place for other letters."""
    given = [unquote(request.headers.get("X-Reason", ""))] if is_api() else request.form.getlist("reason")
    reason = next(filter(None, map(clean, given)), "")
    if len(reason) > LONGEST_REASON:
        raise Invalid(N_("A reason has at most %(most)s characters."), most=LONGEST_REASON)
    return reason or None
