from dataclasses import dataclass

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
