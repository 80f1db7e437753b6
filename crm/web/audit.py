"""Events as an auditor reads them: who, what, about what, from where, and every value before and after.

The reader's own rights apply: of a record they may not see, and of a field hidden from them, no value is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g

from crm.domain.audit import subjects
from crm.domain.people.queries import names
from crm.infra import json
from crm.kernel.events import Event, Fact
from crm.kernel.fields import Field
from crm.kernel.kinds import SOURCED
from crm.kernel.modules import MODULES
from crm.kernel.text import N_
from crm.web.doers import doer
from crm.web.fields import plain_to_shown
from crm.web.formats import instant, moment
from crm.web.i18n import gettext, noun

_UNTOLD = "…"


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class LogLine:
    id: int
    iso: str
    exact: str
    who: str
    what: str
    icon: str
    type: str
    record: str
    url: str
    changes: Sequence[Change]
    closed: bool  # there are values, but not for this reader
    address: str
    request_id: str
    reason: str


def lines(events: Sequence[Event]) -> list[LogLine]:
    """One question per kind of thing the events mention, however many they are."""
    told = _Told(events)
    return [told.line(event) for event in events]


def kinds() -> list[tuple[str, str]]:
    """(name, its sentence) of every kind of event, to choose from."""
    words = {name: _sentence(kind, {}) for name, kind in Fact.kinds.items()}
    return sorted(((name, f"{said} ({name})") for name, said in words.items()), key=lambda each: each[0])


def types() -> list[tuple[str, str]]:
    return [(key, gettext(label)) for key, label in subjects.labels().items()]


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return _UNTOLD


def _sentence(kind: type[Fact], params: Mapping[str, Any]) -> str:
    """With three dots in every place that nothing fills."""
    named = {"record": noun(kind.noun)} if kind.noun else {}
    said = {key: _called(value) if key in ("module", "type") else value for key, value in params.items()}
    return str(gettext(kind.says(params)) % _Blank({**said, **named}))


def _called(key: Any) -> Any:
    """A module or a type of record, which an event keeps the key of, as the company calls it now."""
    return gettext(MODULES[key].label) if key in MODULES else key


class _Told:
    def __init__(self, events: Sequence[Event]) -> None:
        self.seen = subjects.seen(g.actor, events)
        self.names = names({event.actor_id for event in events})
        self.types = subjects.labels()
        self.fields = {type_: subjects.fields_of(g.actor, type_) for type_ in set(map(subjects.about, events))}
        self.labels = {type_: self._labels(type_, events) for type_ in self.fields}

    def _labels(self, type_: str, events: Sequence[Event]) -> dict[str, Any]:
        wanted: dict[str, set[Any]] = {}
        for event in events:
            if subjects.about(event) == type_:
                for key, pair in subjects.told(event).items():
                    wanted.setdefault(key, set()).update(v for v in pair if isinstance(v, str | int))
        known = self.fields[type_] or {}
        sources = {k: known[k].source for k in wanted if k in known and known[k].kind in SOURCED}
        return {key: source.labels(g.actor, wanted[key]) for key, source in sources.items() if source and wanted[key]}

    def line(self, event: Event) -> LogLine:
        seen, told = self.seen[event.subject_type, event.subject_id], subjects.told(event)
        kind = Fact.kinds.get(event.name)
        params = {k: v for k, v in event.payload.items() if isinstance(v, str | int)} if seen.open else {}
        return LogLine(
            event.id,
            instant(event.occurred_at),
            moment(event.occurred_at),
            doer(event, self.names),
            _sentence(kind, params) if kind else event.name,
            kind.icon if kind else "history",
            gettext(self.types[event.subject_type]) if event.subject_type in self.types else event.subject_type,
            (gettext(seen.name) if event.subject_type == "roles" else seen.name) or str(event.subject_id),
            seen.url,
            self._changes(event, told) if seen.open else (),
            bool(told) and not seen.open,
            event.address or "",
            event.request_id or "",
            event.reason or "",
        )

    def _changes(self, event: Event, told: Mapping[str, Sequence[Any]]) -> list[Change]:
        about = subjects.about(event)
        found = (self._change(about, self.fields[about], key, pair) for key, pair in told.items())
        return [each for each in found if each is not None]

    def _change(self, type_: str, fields: Mapping[str, Field] | None, key: str, pair: Sequence[Any]) -> Change | None:
        if fields is not None and key in fields:
            field = fields[key]
            before, after = (plain_to_shown(field, value, self.labels[type_]) for value in pair)
            return Change(gettext(field.label), before, after)
        if g.actor.fields.get(type_):  # it might be one that is hidden from this reader
            return None
        if key == "roles":  # the ready-made ones are called by words of ours
            pair = [[gettext(str(each)) for each in some or ()] for some in pair]
        before, after = map(_words, pair)
        return Change(gettext(subjects.WORDS[key]) if key in subjects.WORDS else key, before, after)


def _words(value: Any) -> str:
    match value:
        case None | "" | []:
            return ""
        case dict() if not value:
            return ""
        case bool():
            return gettext(N_("yes")) if value else gettext(N_("no"))
        case list() if all(isinstance(each, str) for each in value):
            return ", ".join(value)
        case dict() | list():
            return json.dumps(value)
    return str(value)
