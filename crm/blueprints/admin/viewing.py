"""View as: an administrator looks through somebody's eyes."""

from typing import Any

from flask import g, url_for

from crm.blueprints.admin.area import bp
from crm.blueprints.admin.people import one
from crm.domain.people import viewing
from crm.kernel.permissions import Permission
from crm.web.blueprint import SIGNED_IN
from crm.web.htmx import see_other
from crm.web.session import end_viewing, view_as


@bp.post("/people/<int:person_id>/view", needs=Permission.SYSTEM_VIEW_AS)
def begin_viewing(person_id: int) -> Any:
    person = one(person_id)
    viewing.begin(g.actor, person)
    view_as(person)
    return see_other(url_for("system.home"))


@bp.post("/view-end", needs=SIGNED_IN)
def stop_viewing() -> Any:
    """May be sent while looking through somebody's eyes."""
    if g.viewed is None:
        return see_other(url_for("system.home"))
    person = g.viewed
    viewing.end(g.person.actor, person)
    end_viewing()
    return see_other(url_for("admin.person", person_id=person.id))
