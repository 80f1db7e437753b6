"""Switching modules on and off."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from crm.domain.modules.events import ModuleSwitched
from crm.domain.people.models import Department
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.modules import MODULES, ModuleSwitch, Where, switches
from crm.kernel.shape import reshaped
from crm.kernel.text import N_


def switch_module(actor: Actor, key: str, *, everyone: bool, departments: Collection[int] = ()) -> None:
    """On for everybody, else for these departments and those below them, else for nobody."""
    module, known = MODULES[key], switches()
    if module.always:
        raise RuleBroken(N_("“%(module)s” is always on."), module=module.label)
    before = known.get(key, Where())
    after = Where(everyone, frozenset() if everyone else frozenset(departments))
    if before == after:
        return
    names = _names(before.departments | after.departments)
    if not names.keys() >= after.departments:
        raise Invalid(N_("One of these departments does not exist."))
    _check(key, after, known)
    found = db.session.scalars(select(ModuleSwitch).where(ModuleSwitch.key == key)).first() or ModuleSwitch(key=key)
    found.everyone, found.departments = after.everyone, sorted(after.departments)
    db.session.add(found)
    told = [sorted(names.get(each, str(each)) for each in where.departments) for where in (before, after)]
    changes: dict[str, list[Any]] = {}
    if before.everyone != after.everyone:
        changes["everyone"] = [before.everyone, after.everyone]
    if told[0] != told[1]:
        changes["departments"] = told
    record(actor, found, ModuleSwitched(key, changes))
    reshaped()


def _names(departments: Collection[int]) -> dict[int, str]:
    statement = select(Department.id, Department.name).where(Department.id.in_(departments))
    return {row.id: row.name for row in db.session.execute(statement)}


def _check(key: str, where: Where, known: Mapping[str, Where]) -> None:
    """A module is on only where all it needs is; whoever switches is told which is in the way."""
    module = MODULES[key]
    for need in module.needs:
        if not MODULES[need].always and not known.get(need, Where()).covers(where):
            raise RuleBroken(
                N_("“%(module)s” needs “%(other)s”: switch that on in the same departments first."),
                module=module.label,
                other=MODULES[need].label,
            )
    for other in MODULES.values():
        if key in other.needs and not where.covers(known.get(other.key, Where())):
            raise RuleBroken(
                N_("“%(other)s” needs “%(module)s”: switch that off in these departments first."),
                module=module.label,
                other=other.label,
            )
