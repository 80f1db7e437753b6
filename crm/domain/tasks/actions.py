"""Everything that can be done to tasks: the verbs of every record, with what is particular to tasks."""

from collections.abc import Callable, Sequence
from typing import Any

from crm.domain.confirming.holding import Changed
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.records.derived import Recipe
from crm.domain.records.verbs import Verbs
from crm.domain.tasks.choices import DONE, OPEN
from crm.domain.tasks.deriving import DERIVED, derive, find_customers
from crm.domain.tasks.events import FACTS
from crm.domain.tasks.fields import EDITABLE
from crm.domain.tasks.models import NUMBERS, Task
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_, name_key

_MAY_EDIT = permission("tasks", Action.EDIT)


# What else ends with a task; areas above put themselves here.
when_done: list[Callable[[Actor, Sequence[int]], None]] = []


def _follow(actor: Actor, written: Any, before: Any) -> None:
    find_customers(written)
    _tell_assigned(actor, written, before)
    done = [id_ for id_, values in written if before is not None and values.get("status") == DONE]
    for listener in when_done if done else ():
        db.session.flush()
        listener(actor, done)


def _tell_assigned(actor: Actor, written: Any, before: Any) -> None:
    """Whoever is given a task by somebody else is told."""
    given = [
        News(values["owner"], "tasks", id_)
        for id_, values in written
        if values.get("owner") not in (None, actor.id) and (before is None or "owner" in before[id_])
    ]
    notify(Kind.ASSIGNED, given, by=actor)


RECIPE = Recipe(also=lambda columns: {"name_key": name_key(columns["name"])})
VERBS = Verbs(
    entity=Task,
    fields=EDITABLE,
    facts=FACTS,
    numbers=NUMBERS,
    recipe=RECIPE,
    more_columns=DERIVED,
    complete=derive,
    then=_follow,
)

create, create_many = VERBS.create, VERBS.create_many
change, change_many, confirm = VERBS.change, VERBS.change_many, VERBS.confirm
delete, restore, purge, purge_old = VERBS.delete, VERBS.restore, VERBS.purge, VERBS.purge_old


def complete(actor: Actor, task: Task) -> Changed:
    """Twice is once."""
    return _become(actor, task, DONE)


def reopen(actor: Actor, task: Task) -> Changed:
    return _become(actor, task, OPEN)


def _become(actor: Actor, task: Task, status: str) -> Changed:
    if not actor.holds(task, _MAY_EDIT):
        raise RuleBroken(N_("You can see “%(name)s”, but you may not do this with it."), name=task.name)
    return change(actor, task, {"status": status})
