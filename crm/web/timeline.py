"""A record's timeline as sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g

from crm.domain.people.queries import names
from crm.domain.timeline.fields import FOLLOW_UP_FIELDS
from crm.domain.timeline.models import Followed, FollowUp
from crm.domain.timeline.queries import PAGE, Entry, timeline
from crm.kernel.events import Event
from crm.kernel.fields import Field
from crm.kernel.kinds import SOURCED
from crm.kernel.text import N_
from crm.web.fields import plain_to_shown, show
from crm.web.formats import ago, moment
from crm.web.i18n import gettext


@dataclass(frozen=True)
class Line:
    """One change of one field."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Item:
    who: str
    what: str
    icon: str
    iso: str
    ago: str
    exact: str
    lines: Sequence[Line] = ()
    follow_up: FollowUp | None = None
    own: bool = False


_ICONS = {
    "call": "phone",
    "visit": "map-pin",
    "meeting": "users",
    "email": "mail",
    "chat": "message-square",
    "note": "sticky-note",
}


class TimelineView:
    def __init__(self, subject: Followed, fields: Sequence[Field], after: str = "", size: int = PAGE) -> None:
        self.subject, self.started = subject, not after
        self.fields = {each.key: each for each in (*fields, *FOLLOW_UP_FIELDS)}
        found = timeline(subject, after, size)
        self.after = found.after
        self.names = {g.person.id: g.person.name}  # often nobody else has done anything here
        self.names |= names(found.people() - self.names.keys())
        self.labels = self._labels(found.entries)
        self.items = [self._item(entry) for entry in found.entries]

    def item(self, follow_up: FollowUp) -> Item:
        return self._follow_up(follow_up)

    def _labels(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """The words for every person, place or record that a change on this page mentions, one question per field."""
        wanted: dict[str, set[Any]] = {}
        for entry in entries:
            changes = entry.event.payload.get("changes", {}) if entry.event else {}
            for key, pair in changes.items():
                if key in self.fields and self.fields[key].kind in SOURCED:
                    wanted.setdefault(key, set()).update(value for value in pair if value is not None)
        sources = {key: self.fields[key].source for key in wanted}
        return {key: source.labels(g.actor, wanted[key]) for key, source in sources.items() if source and wanted[key]}

    def _item(self, entry: Entry) -> Item:
        return self._follow_up(entry.follow_up) if entry.follow_up else self._event(entry.event)  # type: ignore[arg-type]

    def _follow_up(self, each: FollowUp) -> Item:
        what = show(self.fields["kind"], each.kind, {})
        return Item(
            self.names.get(each.author_id or 0, gettext(N_("System"))),
            what,
            _ICONS.get(each.kind, "message-square"),
            each.happened_at.isoformat(),
            ago(each.happened_at),
            moment(each.happened_at),
            follow_up=each,
            own=each.author_id == g.actor.id,
        )

    def _event(self, event: Event) -> Item:
        payload = event.payload
        lines = [self._line(key, pair) for key, pair in payload.get("changes", {}).items() if key in self.fields]
        params = {key: value for key, value in payload.items() if isinstance(value, str | int)}
        return Item(
            self.names.get(event.actor_id or 0, gettext(N_("System"))),
            gettext(event.kind.sentence, **params),
            event.kind.icon,
            event.occurred_at.isoformat(),
            ago(event.occurred_at),
            moment(event.occurred_at),
            lines,
        )

    def _line(self, key: str, pair: Sequence[Any]) -> Line:
        field = self.fields[key]
        before, after = (plain_to_shown(field, value, self.labels) for value in pair)
        return Line(gettext(field.label), before, after)
