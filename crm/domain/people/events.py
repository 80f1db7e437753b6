from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class PersonCreated(Fact):
    name = "person.created"
    sentence = N_("gave %(email)s an account as %(role)s")

    email: str
    role: str


@dataclass(frozen=True)
class DepartmentCreated(Fact):
    name = "department.created"
    sentence = N_("set up the department %(title)s")

    title: str


@dataclass(frozen=True)
class PasswordChanged(Fact):
    name = "person.password_changed"
    sentence = N_("changed the password")


@dataclass(frozen=True)
class PreferencesChanged(Fact):
    name = "person.preferences_changed"
    sentence = N_("changed preferences")

    changes: dict[str, list[str | None]]


@dataclass(frozen=True)
class PersonAway(Fact):
    name = "person.away"
    sentence = N_("said until when they are away")
    icon = "calendar"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class DepartmentChanged(Fact):
    name = "department.changed"
    sentence = N_("changed this department")
    icon = "pencil"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class RoleCreated(Fact):
    name = "role.created"
    sentence = N_("made the role “%(role)s”")
    icon = "plus"

    role: str


@dataclass(frozen=True)
class RoleChanged(Fact):
    name = "role.changed"
    sentence = N_("changed this role")
    icon = "pencil"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class RolesGiven(Fact):
    name = "person.roles_given"
    sentence = N_("changed this person's roles")
    icon = "pencil"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class RoleLent(Fact):
    """`until` is the last day, as 2026-12-31."""

    name = "person.role_lent"
    sentence = N_("gave the role %(role)s until %(until)s")
    icon = "pencil"

    role: str
    until: str


@dataclass(frozen=True)
class RoleEnded(Fact):
    name = "person.role_ended"
    sentence = N_("no longer has the role %(role)s: the time is over")
    icon = "pencil"

    role: str


@dataclass(frozen=True)
class PersonChanged(Fact):
    name = "person.changed"
    sentence = N_("changed this person")
    icon = "pencil"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class ViewingBegun(Fact):
    name = "person.viewing_begun"
    sentence = N_("began to see the system as %(person)s does")
    icon = "user"

    person: str


@dataclass(frozen=True)
class ViewingEnded(Fact):
    name = "person.viewing_ended"
    sentence = N_("stopped seeing the system as %(person)s does")
    icon = "user"

    person: str


@dataclass(frozen=True)
class RecordShared(Fact):
    name = "record.shared"
    sentence = N_("showed this to %(grantee)s")
    icon = "users"

    grantee: str


@dataclass(frozen=True)
class RecordLent(Fact):
    """`until` is the last day, as 2026-12-31."""

    name = "record.lent"
    sentence = N_("showed this to %(grantee)s until %(until)s")
    icon = "users"

    grantee: str
    until: str


@dataclass(frozen=True)
class RecordUnshared(Fact):
    name = "record.unshared"
    sentence = N_("no longer shows this to %(grantee)s")
    icon = "users"

    grantee: str


@dataclass(frozen=True)
class SessionsEnded(Fact):
    name = "person.sessions_ended"
    sentence = N_("ended sessions: %(count)s")
    icon = "log-out"

    count: int


@dataclass(frozen=True)
class SecondFactorOn(Fact):
    name = "person.second_factor_on"
    sentence = N_("set up a second factor")


@dataclass(frozen=True)
class SecondFactorOff(Fact):
    name = "person.second_factor_off"
    sentence = N_("switched the second factor off")


@dataclass(frozen=True)
class SecondFactorReset(Fact):
    name = "person.second_factor_reset"
    sentence = N_("reset this person's second factor")


@dataclass(frozen=True)
class RecoveryCodesMade(Fact):
    name = "person.recovery_codes_made"
    sentence = N_("made new recovery codes")


@dataclass(frozen=True)
class RecoveryCodeUsed(Fact):
    name = "person.recovery_code_used"
    sentence = N_("signed in with a recovery code; left are %(left)s")

    left: int


@dataclass(frozen=True)
class LinkAsked(Fact):
    name = "person.link_asked"
    sentence = N_("asked for a link to a new password")
    icon = "mail"


@dataclass(frozen=True)
class LinkSent(Fact):
    name = "person.link_sent"
    sentence = N_("sent this person a link to choose a password")
    icon = "mail"


@dataclass(frozen=True)
class AddressAsked(Fact):
    name = "person.address_asked"
    sentence = N_("asked for another e-mail address")
    icon = "mail"


@dataclass(frozen=True)
class AddressChanged(Fact):
    name = "person.address_changed"
    sentence = N_("changed the e-mail address")
    icon = "mail"

    changes: dict[str, list[Any]]
