"""The form by which tiles are chosen and put in order: for oneself, by administrators for roles and everybody."""

from typing import Any

from flask import abort, flash, g, request, url_for

from crm.blueprints.dashboards.routes import bp
from crm.domain.dashboards.arranging import Place, arrange, arrangement, in_order
from crm.domain.dashboards.table import Dashboard, dashboards_of
from crm.domain.people.queries import all_roles
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import SIGNED_IN
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

_ME, _ALL = "me", "all"


def _dashboard(key: str) -> Dashboard:
    return next((each for each in dashboards_of(g.actor) if each.key == key), None) or abort(404)


def _places() -> dict[str, tuple[str, Place]]:
    """Key in the address → (words, whose)."""
    known = {_ME: (gettext(N_("For me")), Place(person_id=g.actor.id))}
    if g.actor.may(Permission.SYSTEM_ADMINISTER):
        known[_ALL] = (gettext(N_("For everybody")), Place())
        known |= {f"role-{each.id}": (gettext(each.name), Place(role_id=each.id)) for each in all_roles()}
    return known


def _place() -> tuple[str, Place]:
    given = request.values.get("for", _ME)
    found = _places().get(given) or abort(403)
    return given, found[1]


@bp.get("/<key>/arrangement", needs=SIGNED_IN)
def arrangement_form(key: str) -> Any:
    dashboard, (whose, place) = _dashboard(key), _place()
    row = arrangement(dashboard, place)
    tiles = [each for each in in_order(dashboard, row) if each[0].is_for(g.actor)]
    tabs = [
        (words, url_for("dashboards.arrangement_form", key=key, **{"for": other}), other == whose)
        for other, (words, _) in _places().items()
    ]
    return render("dashboards/arrangement.html", dashboard=dashboard, tiles=tiles, tabs=tabs, whose=whose, is_set=row)


@bp.post("/<key>/arrangement", needs=SIGNED_IN)
def keep_arrangement(key: str) -> Any:
    """`place-<tile>` is where it is to stand: the smallest first; empty: nowhere."""
    dashboard, (_, place) = _dashboard(key), _place()
    if "reset" in request.form:
        arrange(g.actor, dashboard, place, (), ())
    else:  # what the form does not ask about, since it is not for whoever arranges, stays as it comes
        fields = {each.key: request.form.get(f"place-{each.key}") for each in dashboard.tiles}
        asked = {key: text.strip() for key, text in fields.items() if text is not None}
        there = {key: int(text) for key, text in asked.items() if text.isdecimal() and len(text) < 6}
        hidden = [key for key in asked if key not in there]
        arrange(g.actor, dashboard, place, sorted(there, key=lambda each: there[each]), hidden)
    flash(gettext(N_("The dashboard is arranged.")), "ok")
    return see_other(url_for("dashboards.show", key=key))
