"""With whom a record is shared, who asks for it, and why somebody sees it: what its page shows and offers of that."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, url_for

from crm.domain.access.queries import open_requests
from crm.domain.people.lasting import FOR_GOOD, LASTS, last_day
from crm.domain.people.queries import names
from crm.domain.people.sharing import may_share, shares_of
from crm.kernel.permissions import TYPES, Permission
from crm.kernel.text import N_
from crm.web.formats import date
from crm.web.i18n import gettext


@dataclass(frozen=True)
class Shared:
    id: int
    name: str
    icon: str
    until: str = ""


@dataclass(frozen=True)
class Asking:
    id: int
    words: str
    reason: str
    url: str


class Sharing:
    """Of one record that the reader can see; `sharing/_card.html` shows it."""

    def __init__(self, record: Any, is_shared: bool = True, is_asked_for: bool = True) -> None:
        self.record, self.type = record, record.__tablename__
        self._is_shared, self._is_asked_for = is_shared, is_asked_for

    @cached_property
    def shares(self) -> list[Shared]:
        if not self._is_shared:
            return []
        return [
            Shared(
                share.id,
                name,
                "user" if share.person_id else "users",
                gettext(N_("until %(day)s"), day=date(last_day(share.until))) if share.until else "",
            )
            for share, name in shares_of(self.record)
        ]

    @cached_property
    def asking(self) -> list[Asking]:
        """Who waits for an answer, for whoever may give it."""
        if not self._is_asked_for or not self.may:
            return []
        found = open_requests(self.record)
        people = names({each.person_id for each in found})
        sentence = N_("%(who)s asks to see this.")
        return [
            Asking(
                each.id,
                gettext(sentence, who=people.get(each.person_id or 0, "")),
                each.reason,
                url_for("access.answer", request_id=each.id),
            )
            for each in found
        ]

    @property
    def lasting(self) -> list[tuple[str, str]]:
        return lasting()

    @cached_property
    def may(self) -> bool:
        return may_share(g.actor, self.record) and not g.actor.read_only

    @property
    def may_ask_why(self) -> bool:
        return self.type in TYPES and bool(g.actor.may(Permission.SYSTEM_ADMINISTER))


def lasting() -> list[tuple[str, str]]:
    """For how long something may be granted, for a select."""
    return [(FOR_GOOD, gettext(N_("for good"))), *((key, gettext(words)) for key, words in LASTS.items())]
