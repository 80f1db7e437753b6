"""Suggestions while typing, for every field whose values come from somewhere."""

from collections.abc import Sequence
from typing import Any

from flask import abort, g, request

from crm.domain.contacts.record_type import CONTACTS_AS_VALUES
from crm.domain.people.queries import PEOPLE
from crm.domain.registry import sourced_field
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.htmx import render

bp = CrmBlueprint("lookup", __name__, url_prefix="/lookup")
LIMIT = 12


@bp.get("/people", needs=SIGNED_IN)
def people() -> Any:
    """Colleagues, for a follow-up that is pointed out to them."""
    return _options(PEOPLE.search(g.actor, _asked(), LIMIT) if _asked() else [])


@bp.get("/present", needs=SIGNED_IN)
def present() -> Any:
    """Who may have been there: the contacts one sees and one's colleagues, as plain names."""
    found = [] if not _asked() else [*CONTACTS_AS_VALUES.search(g.actor, _asked(), LIMIT // 2)]
    found += PEOPLE.search(g.actor, _asked(), LIMIT // 2) if _asked() else []
    return _options(list(dict.fromkeys(each.rpartition(" (")[0] for each in found)))


@bp.get("/<field>", needs=SIGNED_IN)
def options(field: str) -> Any:
    known = sourced_field(g.actor, field)
    if known is None or known.source is None:
        abort(404)
    return _options(known.source.search(g.actor, _asked(), LIMIT) if _asked() else [])


def _asked() -> str:
    return request.args.get("q", "").strip()


def _options(options: Sequence[str]) -> Any:
    return render("lookup/options.html", options=options)
