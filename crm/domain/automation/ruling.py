"""What administrators do to rules. Every step is told in the log, and every version of a rule is kept."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select

from crm.domain.automation import asking, deeds, timing
from crm.domain.automation.acting import rights_for
from crm.domain.automation.drafts import Draft, checked, told, told_changes
from crm.domain.automation.events import RuleChanged, RuleMade, RuleRetired, RuleSwitched
from crm.domain.automation.models import AutomationRule, AutomationRuleVersion
from crm.domain.automation.whens import BY_THE_CLOCK
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.shape import reshaped
from crm.kernel.text import N_

MOST = 200
_BLIND = N_(
    "This rule asks for fields that you may not see, or fills them in. Nothing was changed: ask whoever made it."
)


def make(actor: Actor, draft: Draft) -> AutomationRule:
    """Last in the order, and off: a look at what it would have done comes first."""
    _take_turns()
    columns = checked(actor, draft)
    if (
        db.session.scalar(select(func.count(AutomationRule.id)).where(AutomationRule.retired_at.is_(None))) or 0
    ) >= MOST:
        raise RuleBroken(N_("There are %(most)s rules already: remove one first."), most=MOST)
    last = db.session.scalar(select(func.max(AutomationRule.position))) or 0
    rule = AutomationRule(position=last + 1, **columns)
    db.session.add(rule)
    record(actor, rule, RuleMade(rule.name, told(columns["definition"])))
    _keep_version(actor, rule)
    return rule


def change(actor: Actor, rule: AutomationRule, draft: Draft) -> bool:
    """A new version; one that is on stays on, with the rights of whoever changes it. False where nothing differs."""
    _take_turns()
    _refuse_blind(actor, rule)
    columns = checked(actor, draft)
    changes = {key: [getattr(rule, key), value] for key, value in columns.items() if getattr(rule, key) != value}
    if not changes:
        return False
    _keep_version(actor, rule, missing_only=True)
    for key, value in columns.items():
        setattr(rule, key, value)
    rule.version += 1
    if rule.active:
        _arm(actor, rule)
    record(actor, rule, RuleChanged(rule.name, rule.version, told_changes(changes)))
    _keep_version(actor, rule)
    reshaped()
    return True


def _refuse_blind(actor: Actor, rule: AutomationRule) -> None:
    """Of what one may not see, nothing stands in the form; saved without it, the rule would be another one."""
    if not any(actor.fields.get(each) for each in (rule.record_type, "customers")):
        return  # what is not there for them is there for nobody
    said = rule.definition
    try:
        if rule.record_type in RECORD_TYPES:
            asking.meeting(actor, rule.record_type, [(key, op, value) for key, op, value in said["conditions"]])
        known = (
            {each.key for each in deeds.settable(actor, rule.record_type)} if rule.record_type in RECORD_TYPES else ()
        )
        hidden = [each["field"] for each in said["actions"] if "field" in each and each["field"] not in known]
    except Invalid as problem:
        raise RuleBroken(_BLIND) from problem
    if hidden:
        raise RuleBroken(_BLIND)


def switch(actor: Actor, rule: AutomationRule, *, on: bool) -> None:
    """Whoever switches it on gives it their rights, as far as it needs them."""
    if rule.active == on:
        return
    if on:
        _arm(actor, rule)
        _keep_version(actor, rule, missing_only=True)
    rule.active = on
    if not on:
        rule.next_at = None
    record(actor, rule, RuleSwitched(rule.name, {"on": [not on, on]}))
    reshaped()


def _arm(actor: Actor, rule: AutomationRule) -> None:
    """It gets the rights it needs, and its next time."""
    said = rule.definition
    type_, when = rule.record_type, said["when"]
    _, theirs = asking.parted(tuple((key, op, value) for key, op, value in said.get("conditions", ())))
    needed = deeds.needed(type_, bool(theirs), said["actions"])
    types = {each.type for each in needed}
    rule.rights = rights_for(actor, needed, types, rule.department_id)
    rule.activated_by_id = actor.id
    by_the_clock = when["kind"] in BY_THE_CLOCK
    rule.next_at = timing.next_at(when, clock.now()) if by_the_clock else None
    rule.asked_on = None


def move(actor: Actor, rule: AutomationRule, by: int) -> None:
    """One place up (-1) or down (1)."""
    _take_turns()
    known = all_rules()
    at = known.index(rule)
    to = min(max(at + by, 0), len(known) - 1)
    if to == at:
        return
    known.insert(to, known.pop(at))
    for position, each in enumerate(known, 1):
        each.position = position
    record(actor, rule, RuleChanged(rule.name, rule.version, {"position": [at + 1, to + 1]}))
    reshaped()


def retire(actor: Actor, rule: AutomationRule) -> None:
    """Its history stays."""
    if rule.retired_at is None:
        rule.retired_at, rule.active, rule.next_at = clock.now(), False, None
        record(actor, rule, RuleRetired(rule.name))
        reshaped()


def all_rules() -> list[AutomationRule]:
    there = select(AutomationRule).where(AutomationRule.retired_at.is_(None))
    return list(db.session.scalars(there.order_by(AutomationRule.position, AutomationRule.id)))


def version_of(rule_id: int, version: int) -> AutomationRuleVersion | None:
    return db.session.get(AutomationRuleVersion, (rule_id, version))


def versions_of(rule: AutomationRule) -> Sequence[AutomationRuleVersion]:
    """The newest first."""
    asked = select(AutomationRuleVersion).where(AutomationRuleVersion.rule_id == rule.id)
    return db.session.scalars(asked.order_by(AutomationRuleVersion.version.desc())).all()


def _keep_version(actor: Actor, rule: AutomationRule, *, missing_only: bool = False) -> None:
    """One that the product came with is kept when it is first touched."""
    db.session.flush()
    if missing_only and version_of(rule.id, rule.version) is not None:
        return
    db.session.add(
        AutomationRuleVersion(
            rule_id=rule.id,
            version=rule.version,
            name=rule.name,
            record_type=rule.record_type,
            department_id=rule.department_id,
            definition=rule.definition,
            by_id=actor.id,
        )
    )


def _take_turns() -> None:
    """Two administrators do not shape the same at one moment."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("automation rules"))))


def named(ids: Collection[int]) -> Mapping[int, str]:
    """What rules are called; of delivered ones the gettext id."""
    rows = db.session.execute(select(AutomationRule.id, AutomationRule.name).where(AutomationRule.id.in_(ids)))
    return {row.id: row.name for row in rows}
