"""The queue of a team beside the ticket that is open."""

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any

from flask import g, url_for

from crm.domain.people.queries import names
from crm.domain.tickets import queue
from crm.domain.tickets.record_type import TICKET
from crm.kernel.text import N_
from crm.web.fields import labels_for
from crm.web.formats import day
from crm.web.i18n import gettext
from crm.web.sla import clocks, next_of


def digest(standing: str) -> str:
    return sha256(standing.encode()).hexdigest()[:16]


class QueueView:
    """The list on the left: `shown` of one team's queue, `open_id` the ticket on the right."""

    def __init__(self, args: Mapping[str, str]) -> None:
        self.teams = queue.teams(g.actor)
        wanted = args.get("team", "")
        mine = g.actor.department_id
        first = next((each.id for each in self.teams if each.id == mine), self.teams[0].id if self.teams else None)
        self.team = next((each.id for each in self.teams if str(each.id) == wanted), first)
        self.known = _type().list.by_key  # the fields that are open to the actor
        self.shown = args.get("show", "") if args.get("show", "") in self._offered else queue.ALL
        self.open_id = int(args["ticket"]) if args.get("ticket", "").isdecimal() and len(args["ticket"]) < 19 else None
        self.after = args.get("after", "")
        found = queue.page(g.actor, self.team, self.shown, queue.place_of(self.after))
        self.rows, self.more = found[: queue.PAGE], found[queue.PAGE :]
        self._customers = self._named()

    @cached_property
    def _offered(self) -> tuple[str, ...]:
        """What is shown by a field that is kept from the actor is not."""
        needed = {queue.MINE: "owner", queue.UNOWNED: "owner", queue.PAUSED: "status"}
        return tuple(each for each in queue.SHOWN if needed.get(each, "name") in self.known)

    def _named(self) -> Mapping[int, str]:
        field = self.known.get("customer")
        ids = {each.customer_id for each in self.rows} - {None}
        if field is None or not ids:
            return {}
        labels = labels_for([field], [{field.key: each} for each in ids])[field.key]
        return {id_: words.rpartition(" (")[0] for id_, words in labels.items()}

    def url(self, **args: Any) -> str:
        kept = {"team": self.team, "show": self.shown, "after": self.after or None, "ticket": self.open_id} | args
        return url_for("tickets.queue", **{key: value for key, value in kept.items() if value})

    @property
    def tabs(self) -> list[tuple[str, str, bool, str]]:
        said = {
            queue.ALL: gettext(N_("All")),
            queue.MINE: gettext(N_("Mine")),
            queue.UNOWNED: gettext(N_("Nobody's")),
            queue.PAUSED: gettext(N_("Waiting for the customer")),
        }
        return [
            (words, self.url(show=key, after=None, ticket=None), key == self.shown, _count(self.team, key))
            for key, words in said.items()
            if key in self._offered
        ]

    @property
    def team_tabs(self) -> list[tuple[str, str, bool]]:
        if len(self.teams) < 2:
            return []
        return [
            (each.name, self.url(team=each.id, after=None, ticket=None), each.id == self.team) for each in self.teams
        ]

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        priority, status = self.known.get("priority"), self.known.get("status")
        owners = names({each.owner_id for each in self.rows}) if "owner" in self.known else {}
        promised = clocks(g.actor, self.rows)
        return [
            {
                "id": each.id,
                "record": each,
                "name": each.name,
                "number": each.number,
                "url": self.url(ticket=each.id),
                "customer": self._customers.get(each.customer_id or 0, ""),
                "owner": owners.get(each.owner_id or 0, ""),
                "priority": _badge(priority, each.priority)
                if priority and each.priority in ("urgent", "high")
                else None,
                "status": _badge(status, each.status) if status else None,
                "clock": next_of(promised.get(each.id, ())),
                "day": day(each.opened_at) if "opened" in self.known else "",
            }
            for each in self.rows
        ]

    @cached_property
    def seen(self) -> str:
        """What the first page looks like, shortened; what is shown further down is not watched."""
        return digest(queue.standing(g.actor, self.team, self.shown))

    def news_url(self, endpoint: str) -> str:
        return url_for(f"tickets.{endpoint}", team=self.team, show=self.shown, seen=self.seen)

    @property
    def older_url(self) -> str:
        return self.url(after=queue.cursor_of(self.rows[-1], self.shown), ticket=None) if self.more else ""

    @property
    def first_url(self) -> str:
        return self.url(after=None, ticket=None) if self.after else ""

    def step_url(self, step: int) -> str:
        """The ticket before (-1) or after (1) the one that is open, on this page or where the next begins."""
        ids = [each.id for each in self.rows]
        if self.open_id not in ids:
            return ""
        at = ids.index(self.open_id) + step
        return self.url(ticket=ids[at]) if 0 <= at < len(ids) else ""


def _count(team: int | None, shown: str) -> str:
    found = queue.count(g.actor, team, shown)
    return f"{queue.MOST}+" if found > queue.MOST else str(found)


def _badge(field: Any, value: str) -> tuple[str, str]:
    choice = field.choice(value)
    return (gettext(choice.label), choice.tone) if choice else (value, "")


def _type() -> Any:
    return TICKET.open_to(g.actor)
