"""The choices of a lead's fields, with the spellings other systems use for them."""

from crm.kernel.fields import Choice
from crm.kernel.text import N_

NEW, CONTACTED, QUALIFIED, WON, DISCARDED = "new", "contacted", "qualified", "won", "discarded"
OPEN = (NEW, CONTACTED, QUALIFIED)  # somebody still works on it

STATUSES = (
    Choice(
        NEW,
        N_("New"),
        "info",
        (
            "新",
            "新建",
            "未处理",
            "未跟进",
            "待跟进",
            "New Lead",
            "Open",
            "Open - Not Contacted",
            "Not Contacted",
            "Assigned",
        ),
    ),
    Choice(
        CONTACTED,
        N_("Contacted"),
        "info",
        (
            *("已联系", "跟进中", "已跟进", "联系中", "Working", "Working - Contacted", "In Process", "In Progress"),
            *("Attempted to Contact", "Attempted To Contact", "Contact in Future", "Connected", "Open Deal"),
        ),
    ),
    Choice(
        QUALIFIED,
        N_("Qualified"),
        "ok",
        ("已确认", "有效", "合格", "有意向", "Pre Qualified", "Pre-Qualified", "Nurturing", "Sales Qualified Lead"),
    ),
    Choice(WON, N_("Won"), "ok", ("赢单", "已转化", "已转客户", "Converted", "Closed - Converted", "Customer")),
    Choice(
        DISCARDED,
        N_("Discarded"),
        "",
        (
            *("无效", "已放弃", "放弃", "丢弃", "作废", "Dead", "Recycled", "Unqualified", "Not Qualified"),
            *("Junk Lead", "Lost Lead", "Closed - Not Converted", "Bad Timing"),
        ),
    ),
)
REASONS = (
    Choice("not_reached", N_("Not reached"), aliases=("联系不上", "无人接听", "No Answer", "Unreachable")),
    Choice("no_need", N_("No need"), aliases=("无需求", "没有需求", "No Interest", "Not Interested")),
    Choice("no_budget", N_("No budget"), aliases=("无预算", "没有预算", "预算不足")),
    Choice(
        "rival",
        N_("Bought from somebody else"),
        aliases=("已选择竞争对手", "选择竞品", "已购竞品", "Lost to Competitor"),
    ),
    Choice("duplicate", N_("Known already"), aliases=("重复", "Duplicate")),
    Choice(
        "wrong_data", N_("Wrong or made-up data"), aliases=("信息错误或虚假", "信息错误", "空号", "Bad Data", "Spam")
    ),
    Choice("other", N_("Other"), aliases=("其他", "其它")),
)
