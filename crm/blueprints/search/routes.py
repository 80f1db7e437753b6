"""The box that searches everything: a page of groups, and the same groups under the box while one types."""

from dataclasses import dataclass
from typing import Any

from flask import g, request, url_for

from crm.domain.registry import RECORD_TYPES
from crm.domain.search.everything import Group, everything
from crm.domain.search.found import Hit
from crm.kernel.permissions import Permission
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.htmx import is_htmx, render

bp = CrmBlueprint("search", __name__, url_prefix="/search")
ON_PAGE, WHILE_TYPING = 10, 5  # of each kind


@dataclass(frozen=True)
class Shown:
    """A group with its addresses; `all_url` is the list with the same question, where there are more."""

    group: Group
    links: list[tuple[Hit, str]]
    all_url: str


@bp.get("/", needs=SIGNED_IN)
def index() -> Any:
    text = request.args.get("q", "").strip()
    found = everything(g.actor, text, WHILE_TYPING if is_htmx() else ON_PAGE)
    groups = [Shown(each, [(hit, _address(each, hit)) for hit in each.hits], _all_url(each, text)) for each in found]
    return render("search/index.html", part="search/_options.html", groups=groups, text=text)


def _address(group: Group, hit: Hit) -> str:
    if group.source.key in RECORD_TYPES:
        return f"{url_for(f'{group.source.key}.index')}{hit.id}"
    return _ADDRESSES[group.source.key](hit)


def _person(hit: Hit) -> str:
    """For whoever administers them the person, for others what they own."""
    if g.actor.may(Permission.SYSTEM_ADMINISTER):
        return url_for("admin.person", person_id=hit.id)
    return url_for("customers.index", owner__is=hit.beside)


def _follow_up(hit: Hit) -> str:
    """Where it stands on its record's timeline."""
    type_key, record_id = hit.record or ("", 0)
    return f"{url_for(f'{type_key}.index')}{record_id}#follow-up-{hit.id}"


_ADDRESSES = {
    "follow_ups": _follow_up,
    "imports": lambda hit: url_for("imports.show", import_id=hit.id),
    "people": _person,
}


def _all_url(group: Group, text: str) -> str:
    return url_for(f"{group.source.key}.index", q=text) if group.more and group.source.key in RECORD_TYPES else ""
