"""A record's timeline as sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g

from crm.domain.attachments.models import Attachment
from crm.domain.attachments.queries import attachments_of
from crm.domain.people.queries import names
from crm.domain.timeline.fields import EDITED
from crm.domain.timeline.models import Followed, FollowUp
from crm.domain.timeline.queries import PAGE, Entry, timeline
from crm.kernel.events import Event, Fact
from crm.kernel.fields import Field
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.shaping import link_sources
from crm.kernel.text import N_
from crm.web.doers import doer
from crm.web.fields import plain_to_shown, show
from crm.web.formats import ago, instant, moment, size
from crm.web.i18n import gettext, noun


@dataclass(frozen=True)
class Line:
    """One change of one field."""

    label: str
    before: str
    after: str
    alone: bool = False  # it did not change: it stands there


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
    about: tuple[str, str] | None = None  # (words, address) of the other record that it was said of
    files: Sequence[tuple[int, str, str, str]] = ()  # (id, name, address, size)
    told: str = ""  # names of those it was pointed out to
    why: str = ""  # whoever did it said so, for all who see it done


_ICONS = {
    "call": "phone",
    "visit": "map-pin",
    "meeting": "users",
    "email": "mail",
    "chat": "message-square",
    "note": "sticky-note",
}


def told(kind: type[Fact], params: Mapping[str, Any]) -> str:
    """What happened, as a sentence."""
    named = {"record": noun(kind.noun)} if kind.noun else {}
    return gettext(kind.says(params), **params, **named)


def _shown(event: Event) -> dict[str, Sequence[Any]]:
    """Field → (before, after); of what only stands there, (None, value)."""
    values = event.payload.get("values", {}) if event.kind.tells_values else {}
    return {key: (None, value) for key, value in values.items()} | event.payload.get("changes", {})


class TimelineView:
    def __init__(self, subject: Followed, fields: Sequence[Field], after: str = "", size: int = PAGE) -> None:
        self.subject, self.started = subject, not after
        self.fields = {each.key: each for each in (*fields, *EDITED)}
        found = timeline(g.actor, subject, after, size)
        self.after = found.after
        self.names = {g.person.id: g.person.name}  # often nobody else has done anything here
        self.names |= names(found.people() - self.names.keys())
        self.labels = self._labels(found.entries)
        self.others = self._others(found.entries)
        self.files = attachments_of([each.follow_up.id for each in found.entries if each.follow_up])
        self.items = [self._item(entry) for entry in found.entries]

    def item(self, follow_up: FollowUp) -> Item:
        self.files |= attachments_of([follow_up.id])
        self.names |= names({follow_up.author_id, *(follow_up.told or ())} - self.names.keys())
        return self._follow_up(follow_up)

    def _others(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """The names of other records that something was said of, one question per type."""
        wanted: dict[str, set[int]] = {}
        for entry in entries:
            if entry.follow_up and not self._is_here(entry.follow_up):
                wanted.setdefault(entry.follow_up.subject_type, set()).add(entry.follow_up.subject_id)
        return {key: link_sources[key].labels(g.actor, ids) for key, ids in wanted.items()}

    def _labels(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """The words for every person, place or record that a change on this page mentions, one question per field."""
        wanted: dict[str, set[Any]] = {}
        for entry in entries:
            for key, pair in _shown(entry.event).items() if entry.event else ():
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
            instant(each.happened_at),
            ago(each.happened_at),
            moment(each.happened_at),
            follow_up=each,
            own=each.author_id == g.actor.id and self._is_here(each),
            about=None if self._is_here(each) else self._about(each),
            files=[self._file(one) for one in self.files.get(each.id, ())],
            told=gettext(N_(", ")).join(self.names[one] for one in each.told or () if one in self.names),
        )

    def _file(self, each: Attachment) -> tuple[int, str, str, str]:
        return each.id, each.name, f"/{each.subject_type}/{each.subject_id}/attachments/{each.id}", size(each.size)

    def _is_here(self, each: FollowUp) -> bool:
        """Not of a record that belongs to the one whose timeline this is."""
        return (each.subject_type, each.subject_id) == (self.subject.__tablename__, self.subject.id)

    def _about(self, each: FollowUp) -> tuple[str, str]:
        words = self.others[each.subject_type].get(each.subject_id, "").rpartition(" (")[0]
        return words, f"/{each.subject_type}/{each.subject_id}"

    def _event(self, event: Event) -> Item:
        payload = event.payload
        alone = event.kind.tells_values
        lines = [self._line(key, pair, alone=alone) for key, pair in _shown(event).items() if key in self.fields]
        params = {key: value for key, value in payload.items() if isinstance(value, str | int)}
        return Item(
            doer(event, self.names),
            told(event.kind, params),
            event.kind.icon,
            instant(event.occurred_at),
            ago(event.occurred_at),
            moment(event.occurred_at),
            lines,
            why=(event.reason or "") if event.kind.tells_why or self._has_tags(payload) else "",
        )

    def _has_tags(self, payload: Mapping[str, Any]) -> bool:
        """Tags are put on with a reason so that others know it; any other reason is for the log alone."""
        return any(self.fields[key].kind is FieldKind.TAGS for key in payload.get("changes", {}) if key in self.fields)

    def _line(self, key: str, pair: Sequence[Any], *, alone: bool = False) -> Line:
        field = self.fields[key]
        before, after = (plain_to_shown(field, value, self.labels) for value in pair)
        return Line(gettext(field.label), before, after, alone)
