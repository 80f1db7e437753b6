"""What each role may do, and how far it sees: the whole policy on one page."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm.kernel.access import Reach
from crm.kernel.permissions import Permission
from crm.kernel.text import N_


@dataclass(frozen=True)
class Role:
    key: str
    label: str
    permissions: frozenset[Permission]
    reach: Mapping[str, Reach]


ROLES = {
    role.key: role
    for role in (
        Role(
            "administrator",
            N_("Administrator"),
            frozenset(Permission),
            {"customers": Reach.ALL, "imports": Reach.ALL},
        ),
        Role(
            "sales_rep",
            N_("Sales rep"),
            frozenset(
                {
                    Permission.CUSTOMERS_CREATE,
                    Permission.CUSTOMERS_DELETE,
                    Permission.CUSTOMERS_EDIT,
                    Permission.CUSTOMERS_IMPORT,
                    Permission.CUSTOMERS_READ,
                    Permission.FOLLOW_UPS_WRITE,
                }
            ),
            {"customers": Reach.OWN, "imports": Reach.OWN},
        ),
    )
}
