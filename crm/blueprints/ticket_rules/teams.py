"""The teams that have a queue, and how it is given out."""

from typing import Any

from flask import abort, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.ticket_rules.area import MAY, Problem, bp, done, number
from crm.domain.people.queries import PEOPLE
from crm.domain.tickets import shaping
from crm.domain.tickets.models import TicketTeam
from crm.domain.tickets.teams import CLAIM, LOAD, TURNS
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.text import N_
from crm.web.departments import options
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

_WAYS = (
    (CLAIM, N_("It stays in the queue until somebody claims it")),
    (TURNS, N_("In turns")),
    (LOAD, N_("To whoever has the fewest open")),
)


@bp.get("/teams", needs=MAY)
def teams() -> Any:
    return _teams()


def _teams(status: int = 200, problem: Problem = ("", "")) -> Response:
    known = shaping.teams()
    ids = {each for team, _ in known for each in team.people}
    names = PEOPLE.labels(g.actor, ids)
    said = dict(_WAYS)
    rows = [
        (team, department, gettext(said[team.way]), [names[each].rpartition(" (")[0] for each in team.people])
        for team, department in known
    ]
    given = [request.form.get(f"p{at}", "") for at in range(10)] if request.form else [""] * 5
    return render(
        "ticket_rules/teams.html",
        status,
        rows=rows,
        problem=problem,
        departments=options(),
        department=request.form.get("department", ""),
        ways=[(key, gettext(words), "") for key, words in _WAYS],
        way=request.form.get("way", CLAIM),
        people=given,
    )


@bp.post("/teams", needs=MAY)
def set_team() -> Any:
    try:
        shaping.set_team(g.actor, number("department"), request.form.get("way", ""), _people())
    except Invalid as problem:
        return _teams(422, (problem.params.get("key", ""), told(problem)))
    return done(url_for("ticket_rules.teams"), N_("The queue of the team is set."))


def _people() -> list[int]:
    texts = [text for at in range(10) if (text := request.form.get(f"p{at}", "").strip())]
    found = PEOPLE.resolve(g.actor, texts)
    for text in texts:
        if isinstance(found[text], Invalid):
            raise Invalid(found[text].message, **found[text].params | {"key": "people"})
    return list(dict.fromkeys(found[text] for text in texts))


def _team(department_id: int) -> TicketTeam:
    return db.session.get(TicketTeam, department_id) or abort(404)


@bp.post("/teams/<int:department_id>/first", needs=MAY)
def first_team(department_id: int) -> Any:
    shaping.first_team(g.actor, _team(department_id))
    return see_other(url_for("ticket_rules.teams"))


@bp.post("/teams/<int:department_id>/end", needs=MAY)
def end_team(department_id: int) -> Any:
    shaping.end_team(g.actor, _team(department_id))
    return done(url_for("ticket_rules.teams"), N_("The team has no queue any more. What lies in it stays there."))
