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
class RecordUnshared(Fact):
    name = "record.unshared"
    sentence = N_("no longer shows this to %(grantee)s")
    icon = "users"

    grantee: str
