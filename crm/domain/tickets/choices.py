"""The choices of a ticket's fields that are the same everywhere, with the spellings other systems use for them.

Types and categories are an administrator's: topics.py.
"""

from crm.kernel.fields import Choice
from crm.kernel.text import N_

NEW, OPEN, WAITING, SOLVED, CLOSED = "new", "open", "waiting", "solved", "closed"
TO_DO = (NEW, OPEN)  # somebody here is to act
UNDONE = (*TO_DO, WAITING)
DONE = (SOLVED, CLOSED)

STATUSES = (
    Choice(NEW, N_("New"), "info", ("新", "新建", "待处理", "待受理", "未处理", "Unassigned", "Submitted")),
    Choice(
        OPEN,
        N_("In progress"),
        "info",
        ("处理中", "已受理", "进行中", "Open", "Active", "Working", "On Hold", "Escalated"),
    ),
    Choice(
        WAITING,
        N_("Waiting for the customer"),
        "warn",
        (
            *("等待客户", "待客户回复", "待确认", "Pending", "Pending Customer Response", "Waiting"),
            *("Waiting on Customer", "Waiting on contact"),
        ),
    ),
    Choice(SOLVED, N_("Solved"), "ok", ("已解决", "已处理", "Resolved", "Done")),
    Choice(CLOSED, N_("Closed"), "", ("已关闭", "关闭", "已完成", "已办结", "Completed")),
)
URGENT, HIGH, NORMAL, LOW = "urgent", "high", "normal", "low"
PRIORITIES = (
    Choice(URGENT, N_("Urgent"), "bad", ("紧急", "特急", "Critical", "P1", "Highest")),
    Choice(HIGH, N_("High"), "warn", ("高", "重要", "P2", "Major")),
    Choice(NORMAL, N_("Normal"), "", ("普通", "中", "一般", "Medium", "P3")),
    Choice(LOW, N_("Low"), "", ("低", "P4", "Lowest", "Minor")),
)
CHANNELS = (
    Choice("phone", N_("Phone"), aliases=("电话", "来电", "Call", "Phone call")),
    Choice("email", N_("Mail"), aliases=("邮件", "邮箱", "E-mail", "Email")),
    Choice("wecom", N_("WeCom"), aliases=("企业微信", "微信", "Chat", "Live chat", "WeChat")),
    Choice("web", N_("Web form"), aliases=("网页表单", "网页", "网站", "表单", "Web", "Portal", "Form")),
    Choice("visit", N_("In person"), aliases=("当面", "上门", "到店", "现场", "Walk-in")),
    Choice("social", N_("Social media"), aliases=("社交媒体", "微博", "Twitter")),
    Choice("other", N_("Other"), aliases=("其他", "其它")),
)
