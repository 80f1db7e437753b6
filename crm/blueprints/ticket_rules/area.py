"""What the pages of this area have in common."""

from collections.abc import Mapping
from typing import Any

from flask import flash, request
from werkzeug.wrappers import Response

from crm.config import LANGUAGES
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.htmx import see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("ticket_rules", __name__, url_prefix="/admin/tickets", module="tickets")
MAY = Permission.SYSTEM_ADMINISTER
LANGUAGE_NAMES = {"en": "English", "zh_CN": "中文"}
SAVED = N_("“%(name)s” is saved.")
Problem = tuple[str, str]  # the control it is about, the sentence


def by_language(name: str, kept: Mapping[str, str]) -> list[tuple[str, str, str]]:
    given = {language: request.form.get(f"{name}-{language}") for language in LANGUAGES}
    return [
        (each, LANGUAGE_NAMES[each], kept.get(each, "") if given[each] is None else given[each]) for each in LANGUAGES
    ]


def sent(name: str) -> dict[str, str]:
    return {language: request.form.get(f"{name}-{language}", "") for language in LANGUAGES}


def number(name: str) -> int | None:
    given = request.form.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 19 else None


def done(to: str, words: str = SAVED, **params: Any) -> Response:
    flash(gettext(words, **params), "ok")
    return see_other(to)
