"""Roles: for each action on each type of record how far it reaches, the special rights, and rights to single fields.

A person may have several; together they allow what the most generous allows. One role is the
baseline that everybody has. The ready-made ones are a start: an administrator may change all but
the administrator's own, which always allows everything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crm.kernel.access import FieldRight, Reach
from crm.kernel.permissions import Action, Permission, permission, permissions
from crm.kernel.text import N_

P = Permission
EVERYTHING = dict.fromkeys(Permission, Reach.ALL)
ADMINISTRATOR = "administrator"
# How much may be taken away: key → words. They bound what the role itself allows to export.
LIMITS = {"export_rows": N_("Rows in one export"), "exports_a_day": N_("Exports a day")}

# Which types of record are whose work.
SOLD = ("customers", "contacts", "opportunities", "leads", "orders")  # what sales works with every day
OFFERED = ("products",)  # what everybody who sells must know, whoever keeps it
KNOWN = (*SOLD, *OFFERED)  # what service, marketing and auditors look things up in

_HANDLE = permissions(SOLD, (Action.READ, Action.CREATE, Action.EDIT, Action.DELETE)) | {P.FOLLOW_UPS_WRITE}
_LEAD = permissions(SOLD, (Action.ASSIGN, Action.EXPORT, Action.BULK, Action.CONFIRM))
_BRING_IN = dict.fromkeys(permissions(SOLD, (Action.IMPORT,)) | {P.IMPORTS_READ, P.FOLLOW_UPS_IMPORT}, Reach.OWN)
_LOOK = dict.fromkeys(permissions(KNOWN, (Action.READ,)), Reach.ALL)
# Tickets: a team works on all of its own, sales on what is given or shown to them and on what lies in their queue.
_SERVE = dict.fromkeys(
    permissions(
        ("tickets",),
        (Action.READ, Action.CREATE, Action.EDIT, Action.ASSIGN, Action.BULK),
    ),
    Reach.BRANCH,
)
_SERVE |= dict.fromkeys(permissions(("tickets",), (Action.DELETE,)), Reach.OWN)
_REPORT = dict.fromkeys(permissions(("tickets",), (Action.READ, Action.CREATE, Action.EDIT)), Reach.OWN)
_SERVE_LEAD = dict.fromkeys(permissions(("tickets",), set(Action) - {Action.IMPORT}), Reach.BRANCH)
_SERVE_LEAD |= dict.fromkeys(permissions(("tickets",), (Action.IMPORT,)) | {P.IMPORTS_READ}, Reach.OWN)
_LOOK_AT_TICKETS = dict.fromkeys(permissions(("tickets",), (Action.READ,)), Reach.ALL)
# Tasks are everybody's work, whatever else they do.
_DO = permissions(("tasks",), (Action.READ, Action.CREATE, Action.EDIT, Action.DELETE))
_DO_OWN = dict.fromkeys(_DO, Reach.OWN)
_DO_LEAD = dict.fromkeys(_DO | permissions(("tasks",), (Action.ASSIGN, Action.EXPORT, Action.BULK)), Reach.BRANCH)
_DO_BRING_IN = dict.fromkeys(permissions(("tasks",), (Action.IMPORT,)), Reach.OWN)
_OFFER = dict.fromkeys(permissions(OFFERED, (Action.READ,)), Reach.ALL)
_KEEP_OFFERED = dict.fromkeys(permissions(OFFERED, set(Action) - {Action.IMPORT}), Reach.ALL)
_KEEP_OFFERED |= dict.fromkeys(permissions(OFFERED, (Action.IMPORT,)), Reach.OWN)


@dataclass(frozen=True)
class ReadyMade:
    """A role every installation begins with."""

    key: str
    label: str
    reach: Mapping[Permission, Reach]
    fields: Mapping[str, Mapping[str, FieldRight]] = field(default_factory=dict)
    baseline: bool = False


_CONTACT_DATA_HIDDEN = {
    "customers": {"phone": FieldRight.HIDDEN, "email": FieldRight.MASKED, "address": FieldRight.HIDDEN},
    "contacts": {"phone": FieldRight.HIDDEN, "email": FieldRight.MASKED, "wecom": FieldRight.HIDDEN},
    "leads": {"phone": FieldRight.HIDDEN, "email": FieldRight.MASKED, "wecom": FieldRight.HIDDEN},
}

READY_MADE = {
    role.key: role
    for role in (
        ReadyMade(ADMINISTRATOR, N_("Administrator"), EVERYTHING),
        ReadyMade(
            "sales_manager",
            N_("Sales manager"),
            dict.fromkeys(_HANDLE | _LEAD | {P.GOALS_READ, P.GOALS_SET}, Reach.BRANCH)
            | _BRING_IN
            | _KEEP_OFFERED
            | _DO_LEAD
            | _DO_BRING_IN
            | _SERVE_LEAD,
        ),
        ReadyMade(
            "sales_rep",
            N_("Sales rep"),
            dict.fromkeys(_HANDLE | permissions((*SOLD, "tasks"), (Action.BULK,)) | {P.GOALS_READ}, Reach.OWN)
            | _BRING_IN
            | _OFFER
            | _DO_OWN
            | _DO_BRING_IN
            | _REPORT,
        ),
        ReadyMade("service_agent", N_("Service agent"), _LOOK | {P.FOLLOW_UPS_WRITE: Reach.ALL} | _DO_OWN | _SERVE),
        ReadyMade("marketing", N_("Marketing"), _LOOK | _DO_OWN, _CONTACT_DATA_HIDDEN),
        ReadyMade(
            "auditor",
            N_("Auditor"),
            _LOOK | _LOOK_AT_TICKETS | {P.SYSTEM_AUDIT: Reach.ALL, permission("tasks", Action.READ): Reach.ALL},
        ),
        ReadyMade("everyone", N_("Everyone"), {}, baseline=True),
    )
}


@dataclass(frozen=True)
class Rights:
    """What roles allow together."""

    reach: Mapping[Permission, Reach]
    fields: Mapping[str, Mapping[str, FieldRight]]
    limits: Mapping[str, int] = field(default_factory=dict)


def together(roles: Iterable[Rights]) -> Rights:
    """The most permissive of all. A role says something about a field only where it lets the type be seen at all."""
    roles = list(roles)
    reach = {each: max((role.reach.get(each, Reach.NONE) for role in roles), default=Reach.NONE) for each in Permission}
    fields: dict[str, dict[str, FieldRight]] = {}
    for type_ in {type_ for role in roles for type_ in role.fields}:
        seeing = [role for role in roles if role.reach.get(Permission(f"{type_}:read"), Reach.NONE) > Reach.NONE]
        said = [role.fields.get(type_, {}) for role in seeing]
        for key in {key for each in said for key in each}:
            right = max(each.get(key, FieldRight.WRITE) for each in said)
            if right < FieldRight.WRITE:
                fields.setdefault(type_, {})[key] = right
    return Rights({each: how_far for each, how_far in reach.items() if how_far}, fields)


def limit(roles: Iterable[Rights], allowed: Permission, key: str) -> int | None:
    """The most generous limit of those roles that allow it; None where one of them sets none."""
    said = [role.limits.get(key) for role in roles if role.reach.get(allowed, Reach.NONE) > Reach.NONE]
    known = [each for each in said if each is not None]
    return max(known) if known and len(known) == len(said) else None
