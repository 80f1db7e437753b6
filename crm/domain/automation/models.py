"""Rules of automation, what is waiting for them, and what they did."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Department, Person
from crm.infra.db import Model


class Decision(StrEnum):
    DONE = "done"
    NOT = "not"  # the conditions did not hold
    DENIED = "denied"  # the rule has not, or no longer, the right to do it
    LOOPED = "looped"  # it would have acted on what it had caused itself
    FAILED = "failed"


class AutomationRule(Model):
    """When something happens, if this holds, then that is done. `definition` is {"when": {…}, "conditions": [[field,
    operator, value], …], "actions": [{"do": …}, …]}.

    `rights` are those of whoever switched it on, as far as the rule needs them: {"reach": …, "fields": …}. `key` names
    a rule that the product comes with; its name is a gettext id until somebody calls it otherwise.
    """

    __tablename__ = "automation_rules"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    record_type: Mapped[str]
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))  # and those below; None: everywhere
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    rights: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    activated_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    next_at: Mapped[dt.datetime | None]  # of a rule that goes by the clock
    asked_on: Mapped[dt.date | None] = mapped_column(Date)  # the last day whose dates it has looked for
    retired_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class AutomationRuleVersion(Model):
    """What a rule was when it ran."""

    __tablename__ = "automation_rule_versions"

    rule_id: Mapped[int] = mapped_column(ForeignKey(AutomationRule.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    record_type: Mapped[str]
    department_id: Mapped[int | None]
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    by_id: Mapped[int | None]
    made_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class AutomationEvent(Model):
    """An event that rules are to hear of: gone when they have, in the transaction of all they did.

    A date reached and a turn of the clock wait here as well: `rule_id` alone is concerned then, with `subject_id`, and
    the event is that the rule's time had come.
    """

    __tablename__ = "automation_queue"
    __table_args__ = (
        Index("ix_automation_queue_due", "run_at", "id"),
        Index("ix_automation_queue_source", "source", postgresql_where=text("source IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    event_id: Mapped[int]
    occurred_at: Mapped[dt.datetime]
    source: Mapped[str | None]  # the import or the change of many that it is part of: imports:7
    rule_id: Mapped[int | None]
    subject_id: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    run_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    error: Mapped[str | None]


class AutomationWait(Model):
    """That a record's day has come for a rule, once: a date that is reached is reached for good."""

    __tablename__ = "automation_waits"

    rule_id: Mapped[int] = mapped_column(ForeignKey(AutomationRule.id), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    due_on: Mapped[dt.date] = mapped_column(Date, primary_key=True)


class AutomationRun(Model):
    """What a rule decided about one record on account of one event, and what it did."""

    __tablename__ = "automation_runs"
    __table_args__ = (
        UniqueConstraint("rule_id", "event_id", "subject_id"),  # each effect once
        Index("ix_automation_runs_newest", "rule_id", text("id DESC")),
        Index("ix_automation_runs_decision", "decision", text("id DESC")),
        Index("ix_automation_runs_retry", "retry_at", postgresql_where=text("retry_at IS NOT NULL")),
        Index("ix_automation_runs_at", "at"),
        Index(  # what came of an import
            "ix_automation_runs_source",
            "source",
            "subject_id",
            "id",
            postgresql_where=text("source IS NOT NULL AND decision = 'done'"),
        ),
        Index("ix_automation_runs_acted", "at", "rule_id", "decision", postgresql_where=text("decision <> 'not'")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    rule_id: Mapped[int]
    version: Mapped[int]
    event_id: Mapped[int]
    occurred_at: Mapped[dt.datetime]
    event: Mapped[str]  # its name
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    decision: Mapped[str]
    effects: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # {"message", "params"}
    source: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    retry_at: Mapped[dt.datetime | None]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class AutomationDigest(Model):
    """What somebody is told at the end of an import or a change of many: once, whatever the number of records.

    `counts` is {rule id: how many records it would have told them of}, "new" those that came in as theirs.
    """

    __tablename__ = "automation_digests"
    __table_args__ = (UniqueConstraint("source", "person_id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    source: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    record_type: Mapped[str]
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    told_at: Mapped[dt.datetime | None]
