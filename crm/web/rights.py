"""Roles, permissions and reaches in words."""

from crm.domain.people.models import Role
from crm.domain.registry import RECORD_TYPES
from crm.kernel.access import FieldRight, Reach
from crm.kernel.permissions import Action, Permission
from crm.kernel.text import N_
from crm.kernel.why import Why
from crm.web.i18n import gettext

REACHES = {
    Reach.NONE: N_("no"),
    Reach.OWN: N_("own"),
    Reach.DEPARTMENT: N_("department"),
    Reach.BRANCH: N_("department and below"),
    Reach.ALL: N_("all"),
}
ACTIONS = {
    Action.READ: N_("See"),
    Action.CREATE: N_("Create"),
    Action.EDIT: N_("Edit"),
    Action.DELETE: N_("Delete"),
    Action.ASSIGN: N_("Give to others"),
    Action.EXPORT: N_("Export"),
    Action.IMPORT: N_("Import"),
    Action.BULK: N_("Change many at once"),
    Action.CONFIRM: N_("Confirm what others change in sensitive fields"),
}
SPECIAL = {
    Permission.SYSTEM_ADMINISTER: N_("Administer: people, departments, roles and everything else of this area"),
    Permission.SYSTEM_AUDIT: N_("Read the %(audit_log)s"),
    Permission.SYSTEM_AUTOMATE: N_("Manage automation"),
    Permission.SYSTEM_VIEW_AS: N_("See the system as somebody else does, without changing anything"),
    Permission.SYSTEM_API: N_("Let other programs do what one may do oneself, with keys of one's own"),
}
FIELD_RIGHTS = {
    FieldRight.HIDDEN: N_("hidden"),
    FieldRight.MASKED: N_("masked"),
    FieldRight.READ: N_("read only"),
    FieldRight.WRITE: N_("read and write"),
}
_OTHER_TYPES = {"follow_ups": N_("Follow-ups"), "imports": N_("Imports"), "goals": N_("Goals")}

REASONS = {
    Why.EVERYTHING: N_("%(roles)s: this role lets %(person)s see all records of this type."),
    Why.BRANCH: N_(
        "%(roles)s: this role reaches the department of %(person)s and those below it; "
        "this record is in “%(department)s”."
    ),
    Why.DEPARTMENT: N_(
        "%(roles)s: this role reaches the department of %(person)s; this record is in it, in “%(department)s”."
    ),
    Why.OWN: N_("%(person)s owns this record."),
    Why.POOL: N_("Nobody owns this record, and it lies in a pool that is open to %(person)s."),
    Why.SHARED: N_("This record is shared with %(person)s."),
    Why.SHARED_DEPARTMENT: N_("This record is shared with the department of %(person)s."),
    Why.MODULE_OFF: N_("The module this belongs to is switched off for the department of %(person)s."),
    Why.NO_ROLE: N_("None of the roles of %(person)s lets them see records of this type."),
    Why.BEYOND: N_(
        "%(roles)s: this role lets %(person)s see records of this type only as far as “%(reach)s”, and this one is "
        "neither within that nor shared with them."
    ),
    Why.IN_BIN: N_("The record is in the recycle bin, so nobody finds it in lists, pages or searches."),
}


def role_name(role: Role) -> str:
    return gettext(role.name) if role.key else role.name


def type_name(key: str) -> str:
    known = RECORD_TYPES.get(key)
    return gettext(known.label_plural if known else _OTHER_TYPES[key])


def permission_name(permission: Permission) -> str:
    return gettext(SPECIAL[permission] if permission.is_special else ACTIONS[Action(permission.action)])


def by_type() -> dict[str, list[Permission]]:
    """What can be done to each type, types as the program lists them."""
    found: dict[str, list[Permission]] = {key: [] for key in RECORD_TYPES}
    for each in Permission:
        if not each.is_special:
            found.setdefault(each.type, []).append(each)
    return found
