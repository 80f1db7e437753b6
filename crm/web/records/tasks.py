"""What is still to be done about a record, on its page; and the button that completes a task wherever it stands."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import g, url_for

from crm.domain.people.queries import names
from crm.domain.tasks.choices import DONE, OPEN, PRIORITIES
from crm.domain.tasks.models import Task
from crm.domain.tasks.queries import SHOWN, open_about
from crm.kernel.company import company
from crm.kernel.permissions import Action, permission
from crm.web.formats import date
from crm.web.i18n import gettext

_MAY = {each: permission("tasks", each) for each in (Action.READ, Action.CREATE, Action.EDIT)}


@dataclass(frozen=True)
class Tick:
    """A task as something to be done: `tasks/_tick.html` shows its button."""

    id: int
    name: str
    status: str
    may: bool
    when: str = ""
    who: str = ""
    late: bool = False
    priority: str = ""  # where it is out of the ordinary

    @property
    def url(self) -> str:
        return f"/tasks/{self.id}"

    @property
    def is_open(self) -> bool:
        return self.status == OPEN

    @property
    def is_done(self) -> bool:
        return self.status == DONE


def tick(task: Task, who: str = "") -> Tick:
    day = [date(task.due_on)] if task.due_on else []
    time = [task.due_time.strftime("%H:%M")] if task.due_time else []
    late = bool(task.due_on and task.due_on < company.today()) and task.status == OPEN
    urgent = [gettext(each.label) for each in PRIORITIES if each.key == task.priority and each.tone]
    may = g.actor.holds(task, _MAY[Action.EDIT]) and not g.actor.read_only
    return Tick(task.id, task.name, task.status, may, " ".join(day + time), who, late, "".join(urgent))


class OpenTasks:
    """Of one record that the reader can see."""

    def __init__(self, record: Any, are_any: bool = True) -> None:
        self.record, self._are_any = record, are_any

    @property
    def there(self) -> bool:
        """Not for whom there are no tasks, and no task is about a task."""
        return g.actor.may(_MAY[Action.READ]) and self.record.__tablename__ != "tasks"

    @cached_property
    def _found(self) -> list[Task]:
        return list(open_about(g.actor, self.record)) if self.there and self._are_any else []

    @cached_property
    def ticks(self) -> list[Tick]:
        shown = self._found[:SHOWN]
        others = names({each.owner_id for each in shown} - {g.actor.id})
        return [tick(each, others.get(each.owner_id or 0, "")) for each in shown]

    @property
    def more(self) -> bool:
        return len(self._found) > SHOWN

    @property
    def new_url(self) -> str:
        if not g.actor.may(_MAY[Action.CREATE]) or g.actor.read_only:
            return ""
        named = f"{self.record.name} ({self.record.number})"
        return f"{url_for('tasks.new')}?{urlencode({'about': named, 'remind': '0'})}"
