"""What the pages of this area have in common."""

from typing import Any

from flask import flash, request
from werkzeug.wrappers import Response

from crm.kernel.errors import Invalid
from crm.kernel.permissions import Permission
from crm.kernel.text import N_, clean
from crm.web.blueprint import CrmBlueprint
from crm.web.htmx import see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("sla", __name__, url_prefix="/admin", module="tickets")
MAY = Permission.SYSTEM_ADMINISTER
SAVED = N_("“%(name)s” is saved. What is open is being reckoned anew.")
Problem = tuple[str, str]  # the control it is about, the sentence


def whole(name: str, key: str = "") -> int | None:
    """What stands in a control as a number; nothing is None. Raises Invalid."""
    text = clean(request.form.get(name, ""))
    if text and not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise Invalid(N_("“%(value)s” is not a whole number."), value=text[:60], key=key or name)
    return int(text) if text else None


def named(sent: str, kept: str) -> str:
    """What is called as before keeps its name, as of a delivered one every language has its own."""
    return kept if clean(sent) == gettext(kept) else sent


def done(to: str, words: str = SAVED, **params: Any) -> Response:
    flash(gettext(words, **params), "ok")
    return see_other(to)
