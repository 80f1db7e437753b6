"""Administrators set the rule of a department or of the company; every process obeys with its next request."""

from typing import Any

from sqlalchemy import func, select

from crm.domain.customers.events import PoolRuleChanged, PoolRuleRemoved
from crm.domain.customers.pool_models import PoolRule
from crm.domain.customers.pool_rules import Rule
from crm.domain.people.models import Department
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.events import record
from crm.kernel.shape import reshaped


def save(actor: Actor, department: Department | None, rule: Rule) -> bool:
    """Raises Invalid; False where nothing differs."""
    rule.check()
    _take_turns()
    kept = _kept(department)
    before = kept.rule if kept is not None else {}
    after = rule.packed()
    changes: dict[str, list[Any]] = {
        key: [before.get(key), value] for key, value in after.items() if kept is None or before.get(key) != value
    }
    if not changes:
        return False
    if kept is None:
        db.session.add(kept := PoolRule(department_id=department.id if department else None, rule=after))
    kept.rule = after
    record(actor, kept, PoolRuleChanged(department.name if department else None, changes))
    reshaped()
    return True


def remove(actor: Actor, department: Department) -> None:
    """The rule above counts again."""
    _take_turns()
    kept = _kept(department)
    if kept is not None:
        record(actor, kept, PoolRuleRemoved(department.name))
        db.session.delete(kept)
        reshaped()


def _kept(department: Department | None) -> PoolRule | None:
    own = PoolRule.department_id == (department.id if department else None)
    return db.session.scalars(select(PoolRule).where(own)).first()


def _take_turns() -> None:
    """Two administrators do not shape the same at one moment."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("pool rules"))))
