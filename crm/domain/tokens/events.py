from collections.abc import Sequence
from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class TokenMade(Fact):
    name = "api_token.made"
    sentence = N_("made the API key “%(title)s”")
    icon = "settings"

    title: str
    writes: bool
    types: Sequence[str]


@dataclass(frozen=True)
class TokenRevoked(Fact):
    name = "api_token.revoked"
    sentence = N_("took back the API key “%(title)s”")
    icon = "settings"

    title: str
