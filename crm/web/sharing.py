"""With whom a record is shared, and why somebody sees it: what its page needs to show and offer that."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g

from crm.domain.people.sharing import may_share, shares_of
from crm.kernel.permissions import TYPES, Permission


@dataclass(frozen=True)
class Shared:
    id: int
    name: str
    icon: str


class Sharing:
    """Of one record that the reader can see; `sharing/_card.html` shows it."""

    def __init__(self, record: Any, is_shared: bool = True) -> None:
        self.record, self.type, self._is_shared = record, record.__tablename__, is_shared

    @cached_property
    def shares(self) -> list[Shared]:
        if not self._is_shared:
            return []
        return [
            Shared(share.id, name, "user" if share.person_id else "users") for share, name in shares_of(self.record)
        ]

    @cached_property
    def may(self) -> bool:
        return may_share(g.actor, self.record) and not g.actor.read_only

    @property
    def may_ask_why(self) -> bool:
        return self.type in TYPES and bool(g.actor.may(Permission.SYSTEM_ADMINISTER))
