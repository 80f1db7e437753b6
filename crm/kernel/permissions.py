"""Everything that can be allowed. Nothing else spells a permission."""

from enum import StrEnum


class Permission(StrEnum):
    CUSTOMERS_CREATE = "customers:create"
    CUSTOMERS_DELETE = "customers:delete"
    CUSTOMERS_EDIT = "customers:edit"
    CUSTOMERS_IMPORT = "customers:import"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_ASSIGN = "customers:assign"
    FOLLOW_UPS_WRITE = "follow_ups:write"
    SYSTEM_ADMINISTER = "system:administer"
