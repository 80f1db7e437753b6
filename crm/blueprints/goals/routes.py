"""Goals: how far they are, what came of those before, and setting them."""

import datetime as dt
from typing import Any

from flask import abort, flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.goals.page import GoalsView, measure_options
from crm.domain.goals import actions, queries
from crm.domain.goals.models import Goal
from crm.domain.goals.periods import LABELS, MONTHS, start_of
from crm.domain.people.queries import PEOPLE
from crm.infra.db import db
from crm.kernel.company import company
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context, Field, read_rows
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.departments import options
from crm.web.errors import told
from crm.web.goals import items
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("goals", __name__, url_prefix="/goals", module="goals")
_PERSON = Field(key="person", label=N_("Colleague"), kind=FieldKind.PERSON, source=PEOPLE)
_TARGET = Field(key="target", label=N_("Goal"), kind=FieldKind.MONEY, required=True, max_length=20)
_ON = Field(key="on", label=N_("A day of the period"), kind=FieldKind.DATE, required=True)


def _asked() -> tuple[str, dt.date]:
    """The period of the address; one made by hand is this month."""
    period = request.args.get("period", "month")
    period = period if period in MONTHS else "month"
    try:
        day = dt.date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        day = company.today()
    return period, start_of(period, min(max(day, dt.date(1970, 1, 1)), dt.date(9998, 1, 1)))


@bp.get("/", needs=Permission.GOALS_READ)
def index() -> Any:
    page = request.args.get("page", "")
    at = int(page) if page.isdecimal() and int(page[:6]) > 0 else 1
    return render("goals/index.html", view=GoalsView(*_asked(), at))


@bp.get("/<int:goal_id>", needs=Permission.GOALS_READ)
def show(goal_id: int) -> Any:
    """What came of it, and of those before."""
    goal = queries.one_goal(g.actor, goal_id) or abort(404)
    return render("goals/show.html", items=items(queries.history(g.actor, goal)), goal=goal)


@bp.get("/new", needs=Permission.GOALS_SET)
def new() -> Any:
    period, start = _asked()
    return _form(
        {"period": period, "on": str(start)} | {key: request.args.get(key, "") for key in ("measure", "person")}
    )


def _form(texts: dict[str, str], status: int = 200, problems: dict[str, str] | None = None) -> Response:
    periods = [(key, gettext(words)) for key, words in LABELS.items()]
    return render(
        "goals/new.html",
        status,
        texts=texts,
        problems=problems or {},
        periods=periods,
        measures=measure_options(),
        departments=options(),
    )


@bp.post("/", needs=Permission.GOALS_SET)
def create() -> Any:
    fields = (_PERSON, _TARGET, _ON)
    texts = {
        key: request.form.get(key, "").strip() for key in ("measure", "period", "on", "person", "department", "target")
    }
    reading = read_rows(fields, [{each.key: texts[each.key] for each in fields}], Context(g.actor))[0]
    if reading.problems:
        return _form(texts, 422, {key: told(problem) for key, problem in reading.problems.items()})
    department, values = texts["department"], reading.values
    wanted = actions.Wanted(
        measure=texts["measure"],
        period=texts["period"],
        day=values["on"],
        target=values["target"],
        person_id=values["person"],
        department_id=int(department) if department.isdecimal() and len(department) < 18 else None,
    )
    try:
        goal = actions.set_goal(g.actor, wanted)
    except Invalid as problem:
        return _form(texts, 422, {problem.params.get("key", "measure"): told(problem)})
    flash(gettext(N_("The goal is set.")), "ok")
    return see_other(url_for("goals.index", period=goal.period, on=str(goal.starts_on)))


@bp.post("/<int:goal_id>/removal", needs=Permission.GOALS_SET)
def remove(goal_id: int) -> Any:
    goal: Goal = queries.one_goal(g.actor, goal_id) or abort(404)
    actions.remove_goal(g.actor, goal)
    db.session.flush()
    flash(gettext(N_("The goal is removed.")), "ok")
    return see_other(url_for("goals.index", period=goal.period, on=str(goal.starts_on)))
