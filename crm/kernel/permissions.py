"""Everything that can be allowed. Nothing else spells a permission.

`type:action` is about records and comes with a reach; `system:…` is a special right, had or not had.
A new type of record is a word in TYPES: every action on it can be allowed from there on.
"""

from collections.abc import Iterable
from enum import StrEnum


class Action(StrEnum):
    """What can be done to a record of any type."""

    READ = "read"
    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    ASSIGN = "assign"
    EXPORT = "export"
    IMPORT = "import"
    BULK = "bulk"
    CONFIRM = "confirm"


TYPES = ("customers", "contacts", "opportunities", "leads", "tickets", "tasks", "products", "orders")


class Permission(StrEnum):
    _ignore_ = ["_type", "_action"]
    for _type in TYPES:
        for _action in Action:
            vars()[f"{_type}_{_action}".upper()] = f"{_type}:{_action}"

    FOLLOW_UPS_WRITE = "follow_ups:create"
    FOLLOW_UPS_IMPORT = "follow_ups:import"
    IMPORTS_READ = "imports:read"
    GOALS_READ = "goals:read"
    GOALS_SET = "goals:edit"
    SYSTEM_ADMINISTER = "system:administer"
    SYSTEM_AUDIT = "system:audit"
    SYSTEM_AUTOMATE = "system:automate"
    SYSTEM_VIEW_AS = "system:view_as"
    SYSTEM_API = "system:api"

    @property
    def type(self) -> str:
        return self.value.partition(":")[0]

    @property
    def action(self) -> str:
        return self.value.partition(":")[2]

    @property
    def is_special(self) -> bool:
        return self.type == "system"


def permission(type_: str, action: Action | str) -> Permission:
    """The permission for an action on a type; ValueError if there is none."""
    return Permission(f"{type_}:{action}")


def permissions(types: Iterable[str] = TYPES, actions: Iterable[Action] = tuple(Action)) -> frozenset[Permission]:
    """Each of these actions on each of these types."""
    actions = tuple(actions)
    return frozenset(permission(type_, action) for type_ in types for action in actions)
