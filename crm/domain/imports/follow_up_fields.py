"""What a row of a file says of a follow-up: on which record, by whom, when, and what was said."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crm.domain.people.queries import EVER
from crm.domain.records.anything import AnyRecordSource
from crm.domain.timeline.fields import FOLLOW_UP_FIELDS, PRESENT, WHEN
from crm.domain.timeline.models import Followed
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_

_OTHERS = N_("You may not write follow-ups in someone else's name.")
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "kind": (
        "跟进方式",
        "回访形式",
        "跟进类型",
        "联系方式",
        "沟通方式",
        "方式",
        "类型",
        "Type",
        "Activity Type",
        "Channel",
    ),
    "body": (
        *(
            "客户反馈",
            "跟进内容",
            "跟进记录",
            "沟通内容",
            "沟通记录",
            "拜访内容",
            "内容",
            "记录",
            "备注",
            "描述",
            "主题",
        ),
        *("Notes", "Note", "Comments", "Comment", "Description", "Details", "Body", "Content", "Subject"),
    ),
    "result": ("跟进结果", "沟通结果", "结果", "Outcome", "Result"),
    "next_step": ("下一步", "下一步计划", "下一步行动", "后续计划", "Next Action", "Next Step"),
    "next_on": ("下次跟进时间", "下次跟进日期", "下次联系时间", "下次联系日期", "Next Follow-up", "Next Contact Date"),
    "present": ("参与人", "参与人员", "在场人员", "参会人员", "Attendees", "Participants"),
}


def followed(actor: Actor) -> Sequence[str]:
    """The types in which the actor may write what others said."""
    return [key for key in Followed.known if actor.may(permission(key, Action.ASSIGN))]


class _Authors:
    """Whoever is or was here, for those who may speak in their names; oneself for everybody."""

    def resolve(self, actor: Actor, texts: Collection[str]) -> Mapping[str, Any]:
        found = EVER.resolve(actor, texts)
        if followed(actor):
            return found
        return {
            text: author if isinstance(author, Invalid) or author == actor.id else Invalid(_OTHERS)
            for text, author in found.items()
        }

    labels = staticmethod(EVER.labels)
    search = staticmethod(EVER.search)


class _Subjects(AnyRecordSource):
    """Records that have a timeline."""

    def _types(self) -> dict[str, Any]:
        return {key: each for key, each in super()._types().items() if key in Followed.known}


ABOUT = Field(
    key="about",
    label=N_("About"),
    kind=FieldKind.LINK,
    source=_Subjects(""),
    required=True,
    max_length=400,
    help=N_("Name or number of any record."),
    headings=(
        *("客户", "客户名称", "客户编号", "公司名称", "公司", "企业名称", "相关客户", "关联对象", "相关记录"),
        *("Customer", "Customer Name", "Account", "Account Name", "Company", "Company Name", "Related To", "Regarding"),
    ),
)
_AUTHOR = Field(
    key="author",
    label=N_("Author"),
    kind=FieldKind.PERSON,
    source=_Authors(),
    help=N_("Left empty: whoever imports it."),
    headings=(
        *(
            "跟进人",
            "回访人",
            "跟进人员",
            "记录人",
            "填写人",
            "拜访人",
            "作者",
            "创建人",
            "业务员",
            "销售",
            "销售人员",
            "负责人",
        ),
        *("Author", "Created By", "Owner", "Assigned To", "Assigned User", "Sales Rep", "User", "Logged By"),
    ),
)
_WHEN = replace(
    WHEN,
    required=True,
    help="",
    headings=(
        *(
            "跟进时间",
            "回访时间",
            "跟进日期",
            "联系时间",
            "联系日期",
            "沟通时间",
            "沟通日期",
            "拜访时间",
            "拜访日期",
            "发生时间",
        ),
        *("日期", "时间", "Date", "Time", "Activity Date", "Date/Time", "Start Date", "Start", "Due Date"),
    ),
)
SAID = tuple(
    replace(each, headings=_HEADINGS[each.key], default="note" if each.key == "kind" else None)
    for each in (*FOLLOW_UP_FIELDS, PRESENT)
)
FIELDS = (ABOUT, _WHEN, _AUTHOR, *SAID)
