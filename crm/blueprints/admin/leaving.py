"""Somebody leaves, and comes back."""

from typing import Any

from flask import flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.admin.area import ADMINISTER, bp
from crm.blueprints.admin.people import one
from crm.domain.handover import actions as handover
from crm.domain.handover.queries import owned
from crm.domain.people.models import Person
from crm.domain.people.queries import PEOPLE, by_id
from crm.domain.registry import RECORD_TYPES
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.formats import number
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext


def person_named(text: str) -> Person | None:
    """“Name (address)”, an address or a name that only one has; Invalid says why it is nobody."""
    if not (text := text.strip()):
        return None
    found = PEOPLE.resolve(g.actor, [text])[text]
    if isinstance(found, Invalid):
        raise found
    return by_id(found)


@bp.get("/people/<int:person_id>/departure", needs=ADMINISTER)
def departure(person_id: int) -> Any:
    return _ask(one(person_id))


def _ask(person: Person, status: int = 200, problem: str = "") -> Response:
    owns = [(gettext(RECORD_TYPES[key].label_plural), count) for key, count in owned(person).items()]
    receiver = request.form.get("receiver", "")
    return render("admin/departure.html", status, shown=person, owns=owns, problem=problem, receiver=receiver)


@bp.post("/people/<int:person_id>/departure", needs=ADMINISTER)
def depart(person_id: int) -> Any:
    person = one(person_id)
    try:
        done = handover.deactivate(g.actor, person, person_named(request.form.get("receiver", "")))
    except (Invalid, RuleBroken) as problem:
        return _ask(person, 422, told(problem))
    words = N_("The account of %(name)s is closed; %(count)s records were handed over. This page can undo it.")
    if done.is_under_way:
        words = N_("The account of %(name)s is closed; a worker hands over %(count)s records. This page can undo it.")
    flash(gettext(words, name=person.name, count=number(done.total)), "ok")
    return see_other(url_for("admin.person", person_id=person_id))


@bp.post("/people/<int:person_id>/return", needs=ADMINISTER)
def come_back(person_id: int) -> Any:
    person = one(person_id)
    undone = handover.reactivate(g.actor, person)
    words = N_("The account of %(name)s is open again; %(back)s records were given back, %(left)s stay where they are.")
    if undone is not None and undone.is_under_way:
        words = N_("The account of %(name)s is open again; a worker gives their records back.")
    back, left = (undone.back, undone.left) if undone else (0, 0)
    flash(gettext(words, name=person.name, back=number(back), left=number(left)), "ok")
    return see_other(url_for("admin.person", person_id=person_id))
