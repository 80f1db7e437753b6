"""Keeping a report under a name, showing it to others, taking it away. Who may show it to whom is as of saved views."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from crm.domain.exports.rights import type_for
from crm.domain.people.models import Person
from crm.domain.registry import RECORD_TYPES
from crm.domain.reports.asking import Question
from crm.domain.reports.counting import open_to
from crm.domain.reports.events import ReportChanged, ReportDeleted, ReportSaved, ReportTaken
from crm.domain.reports.models import Report, values_of
from crm.domain.saved_views.actions import Audience, may_share
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.overtaken import refuse_overtaken
from crm.kernel.permissions import Permission
from crm.kernel.text import N_, clean

LONGEST, LONGEST_DESCRIPTION = 60, 500
MOST = 100  # of one person


def save(actor: Actor, question: Question, *, name: str, description: str) -> Report:
    """Private to the actor. Invalid when the list cannot answer the question."""
    own = select(func.count()).where(Report.owner_id == actor.id)
    if (count := db.session.scalar(own) or 0) >= MOST:
        raise RuleBroken(N_("You have %(count)s reports: delete one first."), count=count)
    report = Report(
        record_type=question.type,
        name=_name(name),
        description=_description(description),
        asked=_asked(actor, question),
        owner_id=actor.id,
    )
    db.session.add(report)
    record(actor, report, ReportSaved(report.name, report.asked))
    return report


def change(  # noqa: PLR0913 - one form
    actor: Actor, report: Report, question: Question, *, name: str, description: str, audience: Audience, seen: int
) -> None:
    """`seen` is the version it was edited over."""
    _need_own(actor, report)
    if question.type != report.record_type:
        raise Invalid(N_("A report stays about what it is about: save this as another one."))
    name, description, asked = _name(name), _description(description), _asked(actor, question)
    refuse_overtaken(report, seen)
    before = values_of(report)
    if audience != audience_of(report) and not may_share(actor, report, audience):
        raise RuleBroken(N_("You may not show reports to them."))
    report.name, report.description, report.asked = name, description, asked
    report.everyone, report.role_id = audience.everyone, audience.role_id
    report.department_id = audience.department_id
    _note(actor, report, before)


def delete(actor: Actor, report: Report) -> None:
    _need_own(actor, report)
    record(actor, report, ReportDeleted(report.name, report.asked))
    db.session.delete(report)


def taken(actor: Actor, question: Question, format_: str, rows: int) -> None:
    """Somebody takes the numbers away; RuleBroken for whoever may not take such records."""
    type_for(actor, question.type)
    conditions = [f"{key}={value}" for key, value in question.to_args()]
    record(actor, db.session.get_one(Person, actor.id), ReportTaken(question.type, conditions, format_, rows))


def audience_of(report: Report) -> Audience:
    return Audience(report.everyone, report.role_id, report.department_id)


def may_change(actor: Actor, report: Report) -> bool:
    return report.owner_id == actor.id or (report.is_shared and actor.may(Permission.SYSTEM_ADMINISTER))


def _note(actor: Actor, report: Report, before: Mapping[str, Any]) -> None:
    changes = {key: [before[key], value] for key, value in values_of(report).items() if before[key] != value}
    if changes:
        report.version += 1
        record(actor, report, ReportChanged(changes))


def _need_own(actor: Actor, report: Report) -> None:
    if not may_change(actor, report):
        raise RuleBroken(N_("This report is somebody else's."))


def _asked(actor: Actor, question: Question) -> list[list[str]]:
    """As it is kept: what is looked for in encrypted fields is sealed."""
    type_ = RECORD_TYPES.get(question.type)
    if type_ is None or not actor.may(type_.may_read):
        raise Invalid(N_("Choose what the report is about."))
    open_to(actor, question)
    sealed = question.asking(type_.list.sealed(actor, question.query))
    return [list(each) for each in sealed.to_args()]


def _name(name: str) -> str:
    name = clean(name)
    if not name:
        raise Invalid(N_("A report needs a name."))
    if len(name) > LONGEST:
        raise Invalid(N_("It has %(length)s characters; at most %(most)s fit."), length=len(name), most=LONGEST)
    return name


def _description(text: str) -> str:
    text = clean(text, lines=True)
    if len(text) > LONGEST_DESCRIPTION:
        raise Invalid(
            N_("It has %(length)s characters; at most %(most)s fit."), length=len(text), most=LONGEST_DESCRIPTION
        )
    return text
