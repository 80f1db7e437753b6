"""Reading tasks: the list with its views, its recycle bin, and what is still to be done about a record."""

from collections.abc import Sequence
from typing import Any

from crm.domain.records.queries import bin_of
from crm.domain.records.search import Finder
from crm.domain.tasks.choices import OPEN
from crm.domain.tasks.fields import TASK_FIELDS
from crm.domain.tasks.models import Task
from crm.infra.db import db
from crm.kernel.access import Actor, Reach
from crm.kernel.listing import ListSpec
from crm.kernel.text import N_
from crm.kernel.views import Delivered

FINDER = Finder(Task)
_OPEN = ("status__in", OPEN)
TASKS = ListSpec(
    entity=Task,
    fields=TASK_FIELDS,
    columns=("due", "time", "priority", "about", "status", "owner"),
    always=(Task.name, Task.number, Task.owner_id, Task.department_id, Task.status),
    search=FINDER.matching,
    sort="due",
    named=FINDER.named,
    called=FINDER.called,
    with_custom=True,
    views=(
        Delivered(N_("Mine"), (("owner__of", "me"), _OPEN)),
        Delivered(N_("My team's"), (("owner__of", "my_branch"), _OPEN), Reach.DEPARTMENT),
        Delivered(N_("Overdue"), (("due__during", "before_today"), _OPEN)),
        Delivered(N_("Today"), (("due__during", "today"), _OPEN)),
        Delivered(N_("This week"), (("due__during", "this_week"), _OPEN)),
    ),
)
BIN = bin_of(Task, FINDER, N_("What to do"))
SHOWN = 5


def open_about(actor: Actor, record: Any) -> Sequence[Task]:
    """The next that the actor can see, one more than are shown; of a customer also those about what belongs to it.

    By ix_tasks_customer_open or ix_tasks_subject.
    """
    if record.gathers:
        about = [Task.customer_id == record.id]
    else:
        about = [Task.subject_type == record.__tablename__, Task.subject_id == record.id]
    statement = Task.visible_to(actor).where(*about, Task.status == OPEN)
    return db.session.scalars(statement.order_by(Task.waits_on, Task.id).limit(SHOWN + 1)).all()
