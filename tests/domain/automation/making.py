"""Rules as an administrator would have made them, and a worker's turn."""

from typing import Any

from crm.domain.automation import reacting, ruling
from crm.domain.automation.drafts import Draft
from crm.domain.automation.models import AutomationRule, AutomationRun
from crm.infra.db import db
from crm.kernel.access import Actor


def made(  # noqa: PLR0913 - all that a rule is
    actor: Actor,
    when: dict[str, Any],
    *actions: dict[str, Any],
    type_: str = "customers",
    conditions: tuple[tuple[str, str, str], ...] = (),
    department: int | None = None,
    name: str = "Regel",
    on: bool = True,
) -> AutomationRule:
    rule = ruling.make(actor, Draft(name, type_, department, when, conditions, actions))
    if on:
        ruling.switch(actor, rule, on=True)
    db.session.flush()
    return rule


def worked() -> int:
    """Everything that waits is dealt with, what comes of it too; returns in how many steps."""
    steps = 0
    while reacting.step():
        db.session.flush()
        steps += 1
        assert steps < 50, "it does not end"
    return steps


def runs(rule: AutomationRule) -> list[AutomationRun]:
    db.session.flush()
    return list(db.session.query(AutomationRun).filter_by(rule_id=rule.id).order_by(AutomationRun.id))


def decisions(rule: AutomationRule) -> list[str]:
    return [run.decision for run in runs(rule)]
