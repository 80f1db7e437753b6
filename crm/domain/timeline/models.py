"""Follow-ups, and the trait of a record that has them."""

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Index, Text, func, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.infra.db import Model
from crm.kernel.fields import Choice
from crm.kernel.text import N_

FOLLOW_UP_KINDS = (
    Choice("call", N_("Call"), aliases=("电话", "phone")),
    Choice("visit", N_("Visit"), aliases=("拜访", "上门")),
    Choice("meeting", N_("Meeting"), aliases=("会议",)),
    Choice("email", N_("Mail"), aliases=("邮件", "e-mail")),
    Choice("chat", N_("Chat"), aliases=("聊天", "微信", "WeCom", "wechat")),
    Choice("note", N_("Note"), aliases=("备注", "笔记")),
)


class FollowUp(Model):
    """One dealing with the subject. Reached only through a subject the actor may see."""

    __tablename__ = "follow_ups"
    __table_args__ = (
        Index(
            "ix_follow_ups_timeline",
            "subject_type",
            "subject_id",
            "happened_at",
            "id",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "ix_follow_ups_customer",
            "customer_id",
            "happened_at",
            "id",
            postgresql_where=text("customer_id IS NOT NULL AND deleted_at IS NULL"),
        ),
        Index("ix_follow_ups_author", "author_id", "happened_at", postgresql_where=text("deleted_at IS NULL")),
        Index(  # how many in any stretch of days, whoever's
            "ix_follow_ups_written",
            "happened_at",
            postgresql_include=["author_id"],
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_follow_ups_search", "search", postgresql_using="gin", postgresql_where=text("deleted_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    customer_id: Mapped[int | None]  # on whose timeline it stands too: the subject's customer at that time
    kind: Mapped[str]
    public: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # the customer has it
    body: Mapped[str]
    result: Mapped[str | None]
    next_step: Mapped[str | None]
    next_on: Mapped[dt.date | None]
    present: Mapped[list[str] | None] = mapped_column(ARRAY(Text))  # names as typed: colleagues, contacts, anybody
    told: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))  # colleagues it was pointed out to
    happened_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    author_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    edited_at: Mapped[dt.datetime | None]
    deleted_at: Mapped[dt.datetime | None]
    search: Mapped[str] = mapped_column(TSVECTOR, deferred=True)


class Followed:
    """A record with a timeline keeps the two dates its lists are sorted by.

    What is said of a record that belongs to a customer (`customer_id`) stands on the customer's timeline as well: a
    customer `gathers`. What `goes_along` changes hands with its customer, whose row is locked first then.
    """

    __tablename__: str
    gathers: ClassVar[bool] = False
    goes_along: ClassVar[bool] = False
    id: Mapped[int]
    last_follow_up_at: Mapped[dt.datetime | None]
    next_follow_up_on: Mapped[dt.date | None]

    known: ClassVar[dict[str, Any]] = {}  # table → class

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if table := cls.__dict__.get("__tablename__"):
            Followed.known[table] = cls


def customer_of(subject: Any) -> int | None:
    """The customer whose timeline tells of what is said of this record."""
    return subject.id if subject.gathers else getattr(subject, "customer_id", None)
