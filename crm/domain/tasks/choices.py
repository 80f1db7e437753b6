"""The choices of a task's fields, with the spellings other systems use for them."""

from crm.kernel.fields import Choice
from crm.kernel.text import N_

OPEN, DONE, CANCELLED = "open", "done", "cancelled"
STATUSES = (
    Choice(
        OPEN,
        N_("To do"),
        "info",
        ("未完成", "Open", "待处理", "未开始", "进行中", "Not Started", "In Progress", "Pending"),
    ),
    Choice(DONE, N_("Done"), "ok", ("已完成", "完成", "Completed", "Closed")),
    Choice(CANCELLED, N_("Cancelled"), "", ("已取消", "取消", "Canceled", "Deferred")),
)
PRIORITIES = (
    Choice("high", N_("High"), "warn", ("高", "紧急", "Urgent", "Highest")),
    Choice("normal", N_("Normal"), aliases=("普通", "中", "一般", "Medium")),
    Choice("low", N_("Low"), aliases=("低", "Lowest")),
)
KINDS = (
    Choice("call", N_("Call"), aliases=("电话", "phone")),
    Choice("visit", N_("Visit"), aliases=("拜访", "上门")),
    Choice("meeting", N_("Meeting"), aliases=("会议",)),
    Choice("email", N_("Mail"), aliases=("邮件", "e-mail")),
    Choice("other", N_("Other"), aliases=("其他", "其它", "Task", "待办")),
)
# Minutes before it is due; a day without a time begins at nine.
REMINDERS = (
    Choice("0", N_("When it is due"), aliases=("到期时",)),
    Choice("15", N_("15 minutes before"), aliases=("提前 15 分钟",)),
    Choice("60", N_("An hour before"), aliases=("提前一小时",)),
    Choice("1440", N_("A day before"), aliases=("提前一天",)),
)
