"""What administrators shape around tickets: types and categories, and the teams that have a queue. Nothing that tickets
name is ever deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from crm.domain.fields.drafts import TONES, key_for
from crm.domain.people.models import Department, Person
from crm.domain.tickets.events import TicketRulesChanged
from crm.domain.tickets.models import TicketTeam, TicketTopic
from crm.domain.tickets.teams import CLAIM, WAYS
from crm.domain.tickets.topics import DIGITS, TYPE
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.language import words_in
from crm.kernel.overtaken import refuse_overtaken
from crm.kernel.shape import reshaped
from crm.kernel.text import N_, clean

LONGEST, MOST_TYPES, MOST_BELOW, DEEPEST = 60, 50, 10**DIGITS - 1, 4


@dataclass(frozen=True)
class TopicDraft:
    """`names` are what files call it besides; `team_id` whose queue such tickets wait in."""

    label: Mapping[str, str]
    names: Sequence[str] = ()
    tone: str = ""
    team_id: int | None = None

    def cleaned(self) -> "TopicDraft":
        label = {language: words for language, each in self.label.items() if (words := clean(each))}
        if not label:
            raise Invalid(N_("It needs a name."), key="label-en")
        for words in label.values():
            if len(words) > LONGEST:
                raise Invalid(
                    N_("It has %(length)s characters; at most %(most)s fit."), length=len(words), most=LONGEST
                )
            if "/" in words:
                raise Invalid(N_("There is no slash in a name: slashes stand between categories."), key="label-en")
        if self.tone not in TONES:
            raise Invalid(N_("Choose a colour that is offered."), key="tone")
        if self.team_id is not None and db.session.get(TicketTeam, self.team_id) is None:
            raise Invalid(N_("Choose a team that has a queue."), key="team")
        return replace(self, label=label, names=[name for each in self.names if (name := clean(each))])

    def columns(self) -> dict[str, Any]:
        return {"label": dict(self.label), "names": list(self.names), "tone": self.tone, "team_id": self.team_id}


def topics(kind: str) -> list[TicketTopic]:
    """Types in their order, categories in the order of the tree."""
    order = (TicketTopic.position, TicketTopic.id) if kind == TYPE else (TicketTopic.code,)
    return list(db.session.scalars(select(TicketTopic).where(TicketTopic.kind == kind).order_by(*order)))


def make_topic(actor: Actor, kind: str, draft: TopicDraft, above: str = "") -> TicketTopic:
    """`above` is the code of the category that it is to stand below."""
    _take_turns()
    draft = draft.cleaned()
    known = {each.code for each in topics(kind)}
    if kind == TYPE:
        if len(known) >= MOST_TYPES:
            raise RuleBroken(N_("At most %(most)s fit."), most=MOST_TYPES)
        code = key_for(draft.label, known)
    else:
        code = _next_below(above, known)
    highest = db.session.scalar(select(func.max(TicketTopic.position)).where(TicketTopic.kind == kind)) or 0
    made = TicketTopic(kind=kind, code=code, position=highest + 1, **draft.columns())
    db.session.add(made)
    return _told(actor, made, {key: [None, value] for key, value in draft.columns().items()})


def _next_below(above: str, known: set[str]) -> str:
    if above and above not in known:
        raise Invalid(N_("Choose a category that is there."), key="above")
    if len(above) >= DIGITS * DEEPEST:
        raise Invalid(N_("Categories are at most %(most)s levels deep."), key="above", most=DEEPEST)
    siblings = [int(each[-DIGITS:]) for each in known if each[:-DIGITS] == above]
    following = max(siblings, default=0) + 1
    if following > MOST_BELOW:
        raise RuleBroken(N_("At most %(most)s fit."), most=MOST_BELOW)
    return f"{above}{following:0{DIGITS}d}"


def change_topic(actor: Actor, topic: TicketTopic, draft: TopicDraft, *, seen: int) -> None:
    """What it was called stays a name of it, for files. `seen` is the version it was edited over: Conflict where
    somebody else has changed it since."""
    refuse_overtaken(topic, seen)
    draft = draft.cleaned()
    before = [each for each in topic.label.values() if each not in draft.label.values()]
    draft = replace(draft, names=[*draft.names, *(each for each in before if each not in draft.names)])
    _set(actor, topic, draft.columns())


def move_topic(actor: Actor, topic: TicketTopic, *, down: bool) -> None:
    """A type one place up or down among those that are offered. Categories stand as they came."""
    _take_turns()
    rows = [each for each in topics(TYPE) if each.retired_at is None]
    to = rows.index(topic) + (1 if down else -1) if topic in rows else -1
    if 0 <= to < len(rows):
        other, before = rows[to], topic.position
        topic.position, other.position = other.position, before
        _told(actor, topic, {"position": [before, topic.position]})


def retire_topic(actor: Actor, topic: TicketTopic) -> None:
    """It is not offered any more, nor what is below it; where it is, it stays."""
    _take_turns()
    if topic.retired_at is not None:
        return
    if topic.kind == TYPE and not any(each.retired_at is None and each is not topic for each in topics(TYPE)):
        raise RuleBroken(N_("“%(title)s” is the last of its kind: make another one first."), title=_title(topic))
    topic.retired_at = clock.now()
    _told(actor, topic, {"retired": [False, True]})


def bring_back_topic(actor: Actor, topic: TicketTopic) -> None:
    if topic.retired_at is not None:
        topic.retired_at = None
        _told(actor, topic, {"retired": [True, False]})


def teams() -> list[tuple[TicketTeam, Department]]:
    """In their order: the first gets what no topic sends elsewhere."""
    known = select(TicketTeam, Department).join(Department, Department.id == TicketTeam.department_id)
    return [(row[0], row[1]) for row in db.session.execute(known.order_by(TicketTeam.position))]


def set_team(actor: Actor, department_id: int | None, way: str, people: Sequence[int]) -> TicketTeam:
    """A department gets a queue, or its queue gives out in another way."""
    _take_turns()
    department = db.session.get(Department, department_id) if department_id is not None else None
    if department is None or department.closed_at is not None:
        raise Invalid(N_("This department is closed: choose another."), key="department")
    if way not in WAYS:
        raise Invalid(N_("Choose how the queue is given out."), key="way")
    there = set(
        db.session.scalars(select(Person.id).where(Person.id.in_(people), Person.department_id == department.id))
    )
    among = [each for each in people if each in there]
    if way != CLAIM and not among:
        raise Invalid(N_("Say among whom of the department it is given out."), key="people")
    team = db.session.get(TicketTeam, department.id)
    if team is None:
        highest = db.session.scalar(select(func.max(TicketTeam.position))) or 0
        team = TicketTeam(department_id=department.id, way=way, people=[], position=highest + 1)
        db.session.add(team)
    team.way, team.people = way, among
    changes: dict[str, list[Any]] = {"way": [None, way], "people": [None, among]}
    record(actor, department, TicketRulesChanged("teams", department.name, changes))
    reshaped()
    return team


def end_team(actor: Actor, team: TicketTeam) -> None:
    """What lies in its queue stays there; nothing new comes into it by itself."""
    _take_turns()
    named = db.session.get_one(Department, team.department_id)
    if db.session.scalar(select(TicketTopic.id).where(TicketTopic.team_id == team.department_id).limit(1)):
        raise RuleBroken(
            N_("Types or categories send to “%(title)s”: let them send elsewhere first."), title=named.name
        )
    db.session.delete(team)
    record(actor, named, TicketRulesChanged("teams", named.name, {"way": [team.way, None]}))
    reshaped()


def first_team(actor: Actor, team: TicketTeam) -> None:
    """It gets what no topic sends elsewhere."""
    _take_turns()
    lowest = db.session.scalar(select(func.min(TicketTeam.position))) or 0
    if team.position != lowest:
        before, team.position = team.position, lowest - 1
        named = db.session.get_one(Department, team.department_id)
        record(actor, named, TicketRulesChanged("teams", named.name, {"position": [before, team.position]}))
        reshaped()


def _set(actor: Actor, topic: TicketTopic, columns: Mapping[str, Any]) -> None:
    changes = {key: [getattr(topic, key), value] for key, value in columns.items() if getattr(topic, key) != value}
    for key, (_, value) in changes.items():
        setattr(topic, key, value)
    if changes:
        topic.version += 1
        _told(actor, topic, changes)


def _told(actor: Actor, topic: TicketTopic, changes: Mapping[str, list[Any]]) -> TicketTopic:
    record(actor, topic, TicketRulesChanged("topics", _title(topic), dict(changes)))
    reshaped()
    return topic


def _title(topic: TicketTopic) -> str:
    return str(words_in(topic.label))


def _take_turns() -> None:
    """Two administrators do not shape the same at one moment."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("tickets"))))
