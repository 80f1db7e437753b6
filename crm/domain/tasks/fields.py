"""The fields of a task, declared once for form, page, list, filter, sort and import."""

from crm.domain.customers.source import CUSTOMERS_AS_VALUES
from crm.domain.records.anything import AnyRecordSource
from crm.domain.records.fields import name_field, owner_field, remarks_field, system_fields
from crm.domain.tasks.choices import KINDS, OPEN, PRIORITIES, REMINDERS, STATUSES
from crm.domain.tasks.models import Task
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.layouts import Section
from crm.kernel.text import N_

_TASK = (
    name_field(
        Task,
        N_("What to do"),
        headings=(
            "主题",
            "任务",
            "任务名称",
            "待办",
            "待办事项",
            "标题",
            "Subject",
            "Task",
            "Task Name",
            "Title",
            "Name",
        ),
    ),
    Field(
        key="due",
        label=N_("Due"),
        kind=FieldKind.DATE,
        column=Task.due_on,
        sort_column=Task.waits_on,  # what is open, by its day; then what is not
        sortable=True,
        headings=("截止日期", "到期日", "到期日期", "完成期限", "Due Date", "Due", "Deadline"),
    ),
    Field(
        key="time",
        label=N_("Time of day"),
        kind=FieldKind.TIME,
        column=Task.due_time,
        headings=("时间", "截止时间", "Due Time", "Time"),
    ),
    Field(
        key="about",
        label=N_("About"),
        kind=FieldKind.LINK,
        column=Task.about,
        source=AnyRecordSource("tasks"),
        filterable=False,  # of each record its own page shows them
        max_length=400,
        help=N_("Name or number of any record."),
        headings=("相关记录", "关联对象", "客户名称", "相关客户", "Related To", "Regarding", "Account Name"),
    ),
    Field(
        key="kind",
        label=N_("Kind"),
        kind=FieldKind.CHOICE,
        column=Task.kind,
        choices=KINDS,
        default="other",
        required=True,
        headings=("类型", "任务类型", "Type", "Task Type"),
    ),
    Field(
        key="priority",
        label=N_("Priority"),
        kind=FieldKind.CHOICE,
        column=Task.priority,
        choices=PRIORITIES,
        default="normal",
        required=True,
        headings=("优先级", "重要程度", "Priority"),
    ),
    Field(
        key="status",
        label=N_("Status"),
        kind=FieldKind.CHOICE,
        column=Task.status,
        choices=STATUSES,
        default=OPEN,
        required=True,
        headings=("状态", "任务状态", "完成状态", "Status"),
    ),
    Field(
        key="remind",
        label=N_("Reminder"),
        kind=FieldKind.CHOICE,
        column=Task.remind,
        choices=REMINDERS,
        filterable=False,
        help=N_("Without a time of day the day begins at nine."),
        headings=("提醒", "提醒时间", "Reminder"),
    ),
)
_BELONGING = (
    owner_field(Task),
    remarks_field(Task),
)
_CUSTOMER = Field(
    key="customer",
    label=N_("Customer"),
    kind=FieldKind.LINK,
    column=Task.customer_id,
    source=CUSTOMERS_AS_VALUES,
    links="customers",
    editable=False,  # follows from what it is about
)

SECTIONS = (
    Section("task", N_("Task"), _TASK),
    Section("belonging", N_("Belonging"), (*_BELONGING, _CUSTOMER)),
)
EDITABLE = _TASK + _BELONGING
TASK_FIELDS = (*EDITABLE, _CUSTOMER, *system_fields(Task))
