from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class AccessAsked(Fact):
    name = "record.access_asked"
    sentence = N_("asked to see this")
    icon = "user"


@dataclass(frozen=True)
class AccessRefused(Fact):
    name = "record.access_refused"
    sentence = N_("did not let %(who)s see this")
    icon = "x"

    who: str


@dataclass(frozen=True)
class AccessWanted(Fact):
    """Of a list or of the program itself; why stands with the request."""

    name = "access.wanted"
    sentence = N_("asked for access")
    icon = "user"

    what: str


@dataclass(frozen=True)
class AccessDecided(Fact):
    name = "access.decided"
    sentence = N_("decided about a request for access")
    icon = "check"

    granted: bool


@dataclass(frozen=True)
class DoorSet(Fact):
    name = "access.door_set"
    sentence = N_("changed whether strangers may ask for an account")
    icon = "users"

    changes: dict[str, list[Any]]
