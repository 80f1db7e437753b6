"""Whoever acts when a rule does: an actor with no more rights than the rule needs, and no more than whoever switched it
on had. Its reach is the department of the rule and those below it, or everything where it is the company's.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from crm.domain.automation.rules import Rule
from crm.domain.people.policy import modules_in, policy
from crm.kernel.access import Actor, FieldRight, Reach
from crm.kernel.errors import RuleBroken
from crm.kernel.modules import forbidden
from crm.kernel.permissions import Permission
from crm.kernel.text import N_

MODULE = "automation"
_TOO_LITTLE = N_("You lack a right that this rule needs: %(permission)s. Ask somebody who has it to switch it on.")
_ELSEWHERE = N_("The rule reaches further than you do with this right: %(permission)s. Choose a department of yours.")


def rights_for(actor: Actor, needed: Collection[Permission], types: Collection[str], department: int | None) -> Any:
    """What a rule gets from whoever switches it on, to be kept with it. RuleBroken where they have too little."""
    wanted = Reach.ALL if department is None else Reach.BRANCH
    for each in sorted(needed):
        reach = actor.reach_of(each)
        if not reach:
            raise RuleBroken(_TOO_LITTLE, permission=str(each))
        whole = reach is Reach.ALL or (reach is Reach.BRANCH and department in actor.branch)
        if not whole:
            raise RuleBroken(_ELSEWHERE, permission=str(each))
    fields = {type_: {key: right.name for key, right in actor.fields.get(type_, {}).items()} for type_ in types}
    return {
        "reach": {each.value: wanted.name for each in sorted(needed)},
        "fields": {type_: rights for type_, rights in fields.items() if rights},
    }


def actor_for(rule: Rule, version: int) -> Actor:
    """As everything stands at this version of the shape: a module that is off takes its rights away."""
    return _actor(rule, version)


@lru_cache(512)
def _actor(rule: Rule, version: int) -> Actor:
    return made(rule.name, rule.rights, rule.department_id, version)


def made(name: str, rights: Mapping[str, Any], department: int | None, version: int) -> Actor:
    modules = modules_in(version, department)
    off, known = forbidden(modules), {each.value for each in Permission}
    reach = {
        Permission(key): Reach[how_far]
        for key, how_far in rights.get("reach", {}).items()
        if key in known and Permission(key) not in off
    }
    fields = {
        type_: {key: FieldRight[right] for key, right in said.items()}
        for type_, said in rights.get("fields", {}).items()
    }
    now = policy(version)
    return Actor(
        None,
        name,
        reach,
        fields,
        department,
        now.branches.get(department or 0, frozenset()),
        shape=version,
        modules=modules,
        above=now.above.get(department or 0, frozenset()),
    )
