"""Everything that can be allowed. Nothing else spells a permission.

`type:action` is about records and comes with a reach; `system:…` is a special right, had or not had.
"""

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


class Permission(StrEnum):
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_CREATE = "customers:create"
    CUSTOMERS_EDIT = "customers:edit"
    CUSTOMERS_DELETE = "customers:delete"
    CUSTOMERS_ASSIGN = "customers:assign"
    CUSTOMERS_EXPORT = "customers:export"
    CUSTOMERS_IMPORT = "customers:import"
    CUSTOMERS_BULK = "customers:bulk"
    CUSTOMERS_CONFIRM = "customers:confirm"
    FOLLOW_UPS_WRITE = "follow_ups:create"
    IMPORTS_READ = "imports:read"
    SYSTEM_ADMINISTER = "system:administer"
    SYSTEM_AUDIT = "system:audit"
    SYSTEM_AUTOMATE = "system:automate"
    SYSTEM_VIEW_AS = "system:view_as"

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
