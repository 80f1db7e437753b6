"""Follow-ups out of a file: what was said of records that are here, by whom and when."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from crm.domain.people.queries import EVER
from crm.domain.records.anything import AnyRecordSource, parted
from crm.domain.timeline.actions import Dealing, add_follow_ups, check_moment
from crm.domain.timeline.fields import FOLLOW_UP_FIELDS, PRESENT, WHEN
from crm.domain.timeline.models import Followed, FollowUp
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.layouts import Section
from crm.kernel.permissions import Action, Permission, permission
from crm.kernel.shaping import fields_for
from crm.kernel.text import N_

KEY = FollowUp.__tablename__
_SEPARATOR = "\x1f"
_IDS, _MOMENTS = ARRAY(BigInteger), ARRAY(DateTime(timezone=True))
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


_ABOUT = Field(
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
_SAID = tuple(
    replace(each, headings=_HEADINGS[each.key], default="note" if each.key == "kind" else None)
    for each in (*FOLLOW_UP_FIELDS, PRESENT)
)
FIELDS = (_ABOUT, _WHEN, _AUTHOR, *_SAID)


class _Matching:
    """The same words about the same record at the same time: a file that comes again brings nothing twice."""

    def match_key(self, values: Mapping[str, Any]) -> str | None:
        about, at, body = values.get("about"), values.get("happened_at"), values.get("body")
        if not (about and at and body):
            return None
        return _SEPARATOR.join((about, at.astimezone(dt.UTC).isoformat(), _told(body)))

    def matches(self, actor: Actor, keys: Collection[str]) -> dict[str, int]:
        """Match key → the oldest that the actor may see; by ix_follow_ups_timeline."""
        found: dict[str, int] = {}
        wanted: dict[str, set[tuple[int, dt.datetime]]] = {}
        for key in keys:
            about, at, _ = key.split(_SEPARATOR)
            type_, id_ = parted(about)
            wanted.setdefault(type_, set()).add((id_, dt.datetime.fromisoformat(at)))
        for type_, places in wanted.items():
            entity = Followed.known[type_]
            ids, moments = literal([id_ for id_, _ in places], _IDS), literal([at for _, at in places], _MOMENTS)
            asked = func.unnest(ids, moments).table_valued("id", "at").render_derived()
            statement = (
                select(FollowUp.id, FollowUp.subject_id, FollowUp.happened_at, FollowUp.body)
                .join(asked, (FollowUp.subject_id == asked.c.id) & (FollowUp.happened_at == asked.c.at))
                .where(FollowUp.subject_type == type_, FollowUp.deleted_at.is_(None))
                .where(FollowUp.subject_id.in_(entity.visible_to(actor).with_only_columns(entity.id)))
                .order_by(FollowUp.id.desc())
            )
            for row in db.session.execute(statement.execution_options(scoped=True)):
                at = row.happened_at.astimezone(dt.UTC).isoformat()
                found[_SEPARATOR.join((f"{type_}:{row.subject_id}", at, _told(row.body)))] = row.id
        return {key: id_ for key, id_ in found.items() if key in keys}


def _told(body: str) -> str:
    return blake2b(body.encode(), digest_size=12).hexdigest()


class _Verbs:
    def create_many(
        self, actor: Actor, rows: Sequence[Mapping[str, Any]], *, import_id: int, lines: Sequence[int]
    ) -> list[int]:
        """Ids in the order of `rows`."""
        of_type: dict[str, list[tuple[int, Dealing]]] = {}
        for at, (values, line) in enumerate(zip(rows, lines, strict=True)):
            check_moment(values)
            type_, id_ = parted(values["about"])
            author = values.get("author")
            said = {each.key: values.get(each.key) or each.default for each in _SAID}
            dealing = Dealing(id_, actor.id if author is None else author, values["happened_at"], said, line)
            of_type.setdefault(type_, []).append((at, dealing))
        ids = [0] * len(rows)
        for type_ in sorted(of_type):
            places, dealings = zip(*of_type[type_], strict=True)
            made = add_follow_ups(actor, Followed.known[type_], dealings, import_id=import_id)
            for at, id_ in zip(places, made, strict=True):
                ids[at] = id_
        return ids

    def change_many(self, actor: Actor, changes: Sequence[Any], **origin: Any) -> list[int]:
        raise RuleBroken(N_("What somebody wrote is not written over by a file: leave the duplicates out."))


@dataclass(frozen=True)
class FollowUps:
    """What an import knows of a type of record, of something that is none: crm/kernel/records.py says what each is."""

    fields: tuple[Field, ...] = FIELDS
    key: ClassVar[str] = KEY
    label: ClassVar[str] = N_("Follow-up")
    label_plural: ClassVar[str] = N_("Follow-ups")
    icon: ClassVar[str] = "message-square"
    verbs: ClassVar[_Verbs] = _Verbs()
    matching: ClassVar[_Matching] = _Matching()
    left_out: ClassVar[tuple[Field, ...]] = ()
    main: ClassVar[Field] = _ABOUT  # what a row is known by
    noun: ClassVar[str] = N_("follow-up")  # within a sentence
    nouns: ClassVar[str] = N_("follow-ups")
    may_read: ClassVar[Permission] = Permission.FOLLOW_UPS_IMPORT
    may_import: ClassVar[Permission] = Permission.FOLLOW_UPS_IMPORT
    may_create: ClassVar[Permission] = Permission.FOLLOW_UPS_WRITE
    may_edit: ClassVar[Permission] = Permission.FOLLOW_UPS_WRITE

    def open_to(self, actor: Actor) -> "FollowUps":
        return FollowUps(fields_for(actor, KEY, FIELDS))

    @property
    def sections(self) -> tuple[Section, ...]:
        return (Section(KEY, self.label, self.fields),)

    def writable(self, actor: Actor) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if each.writable_by(actor))

    def by_key(self) -> Mapping[str, Field]:
        return {each.key: each for each in self.fields}


FOLLOW_UPS = FollowUps()
