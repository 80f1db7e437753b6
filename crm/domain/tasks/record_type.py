"""Tasks, as the surfaces that serve every type of record see them."""

from crm.domain.records.matching import Matching
from crm.domain.records.source import RecordSource
from crm.domain.tasks.actions import VERBS
from crm.domain.tasks.fields import SECTIONS
from crm.domain.tasks.models import Task
from crm.domain.tasks.queries import BIN, FINDER, TASKS
from crm.kernel.records import RecordType
from crm.kernel.text import N_

TASKS_AS_VALUES = RecordSource(Task, "TASK", FINDER)
TASK = RecordType(
    key="tasks",
    entity=Task,
    label=N_("Task"),
    label_plural=N_("Tasks"),
    icon="square-check",
    letter="t",
    list=TASKS,
    bin=BIN,
    sections=SECTIONS,
    badges=("status", "priority"),
    beside=("due", "status"),
    verbs=VERBS,
    matching=Matching(Task, "due", Task.due_on),
)
