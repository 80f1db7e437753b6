"""Tasks: what every record has, completing one with a tap, and the calendar."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from flask import g, request

from crm.blueprints.tasks.calendar import add_calendar_to
from crm.domain.tasks import actions
from crm.domain.tasks.record_type import TASK
from crm.infra.db import db
from crm.web.htmx import is_htmx, render, see_other
from crm.web.records import record_blueprint
from crm.web.records.page import RecordPage
from crm.web.records.tasks import Tick, tick
from crm.web.security import safe_next


class TaskPage(RecordPage):
    head_buttons = "tasks/_head_actions.html"

    @cached_property
    def tick(self) -> Tick:
        return tick(self.record)


bp = record_blueprint(TASK, TaskPage)
add_calendar_to(bp)


@bp.post("/<int:record_id>/completion", needs=TASK.may_edit)
def complete(record_id: int) -> Any:
    return _become(record_id, actions.complete)


@bp.post("/<int:record_id>/reopening", needs=TASK.may_edit)
def reopen(record_id: int) -> Any:
    return _become(record_id, actions.reopen)


def _become(record_id: int, verb: Callable[..., Any]) -> Any:
    """In place only the button; without the script back to where it was pressed."""
    task = bp.place.one(record_id, TASK.may_edit, lock=True)
    verb(g.actor, task)
    if is_htmx():
        db.session.flush()
        return render("tasks/_tick.html", each=tick(task))
    return see_other(safe_next(request.form.get("next"), bp.place.url(record_id)))
