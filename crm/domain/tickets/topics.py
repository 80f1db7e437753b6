"""The types and categories of tickets as one version of the shape has them, and what that says of the two fields."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import select

from crm.domain.people.models import Department
from crm.domain.tags.queries import configured as tags_configured
from crm.domain.tickets.models import TicketTeam, TicketTopic
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.fields import Choice
from crm.kernel.language import Words, reading, words_in
from crm.kernel.shaping import configurations
from crm.kernel.text import N_, fold, search_form

TYPE, CATEGORY = "type", "category"
DIGITS = 3  # of each level of a category's code
BETWEEN = " / "
_NONE = N_("There is no category called “%(name)s”.")
_SEVERAL = N_("Several categories are called “%(name)s”: write down the ones above it, too.")


@dataclass(frozen=True)
class Topic:
    id: int
    kind: str
    code: str
    label: str
    names: tuple[str, ...]
    tone: str
    team_id: int | None
    retired: bool


@dataclass(frozen=True)
class Topics:
    all: tuple[Topic, ...]
    teams: tuple[int, ...]  # open departments that have a queue, in their order

    @cached_property
    def types(self) -> Mapping[str, Topic]:
        return {each.code: each for each in self.all if each.kind == TYPE}

    @cached_property
    def categories(self) -> Mapping[str, Topic]:
        """In the order of the tree."""
        return {each.code: each for each in sorted(self.all, key=lambda one: one.code) if each.kind == CATEGORY}

    @property
    def offered_types(self) -> list[Topic]:
        return [each for each in self.types.values() if not each.retired]

    def above(self, code: str) -> list[Topic]:
        """From the root down to the category itself."""
        ends = range(DIGITS, len(code) + 1, DIGITS)
        return [self.categories[code[:end]] for end in ends if code[:end] in self.categories]

    def path(self, code: str, language: str) -> str:
        return BETWEEN.join(_in(each.label, language) for each in self.above(code))

    def retired(self, code: str) -> bool:
        return any(each.retired for each in self.above(code))

    def team_of(self, type_: str | None, category: str | None) -> int | None:
        """Whose queue such a ticket waits in: as its category says, the nearest first, its type, or the first team."""
        said = [each.team_id for each in reversed(self.above(category or ""))]
        if type_ is not None and type_ in self.types:
            said.append(self.types[type_].team_id)
        return next((each for each in said if each in self.teams), self.teams[0] if self.teams else None)


def topics_of(actor: Actor) -> Topics:
    return _kept(actor.shape) if actor.shape else read()


@lru_cache(16)
def _kept(version: int) -> Topics:
    return read()


def read() -> Topics:
    rows = db.session.scalars(select(TicketTopic).order_by(TicketTopic.position, TicketTopic.id))
    there = select(TicketTeam.department_id).join(Department, Department.id == TicketTeam.department_id)
    teams = db.session.scalars(there.where(Department.closed_at.is_(None)).order_by(TicketTeam.position))
    return Topics(tuple(_topic(each) for each in rows), tuple(teams))


def _topic(row: TicketTopic) -> Topic:
    retired = row.retired_at is not None
    return Topic(row.id, row.kind, row.code, words_in(row.label), tuple(row.names), row.tone, row.team_id, retired)


def _in(label: str, language: str) -> str:
    return label.into(language) if isinstance(label, Words) else label


def _configured() -> Mapping[str, Mapping[str, Any]]:
    types = read().types.values()
    choices = tuple(Choice(each.code, each.label, each.tone, each.names, each.retired) for each in types)
    offered = [each.key for each in choices if not each.retired]
    default = "question" if "question" in offered else next(iter(offered), None)
    own: dict[str, Mapping[str, Any]] = {"type": {"choices": choices, "default": default}} if choices else {}
    return own | dict(tags_configured("tickets"))


configurations["tickets"] = _configured


class CategorySource:
    """Categories as values of a field: read and written with those above them, “Hardware / Printer”."""

    def resolve(self, actor: Actor, texts: Collection[str]) -> Mapping[str, Any]:
        known = topics_of(actor)
        return {text: self._one(known, text) for text in texts}

    def _one(self, known: Topics, text: str) -> str | Invalid:
        if text in known.categories:
            return text
        wanted = [fold(each) for each in text.split("/")]
        found = [code for code in known.categories if _is_called(known.above(code), wanted)]
        offered = [code for code in found if not known.retired(code)] or found
        if len(offered) == 1:
            return offered[0]
        whole = [code for code in offered if len(known.above(code)) == len(wanted)]
        return whole[0] if len(whole) == 1 else Invalid(_SEVERAL if offered else _NONE, name=text)

    def labels(self, actor: Actor, values: Collection[Any]) -> Mapping[Any, str]:
        known, language = topics_of(actor), reading.get()
        return {code: known.path(code, language) or str(code) for code in values}

    def search(self, actor: Actor, text: str, limit: int) -> Sequence[str]:
        known, language, wanted = topics_of(actor), reading.get(), search_form(text)
        paths = [known.path(code, language) for code in known.categories if not known.retired(code)]
        return [path for path in paths if wanted in search_form(path)][:limit]


def _is_called(path: Sequence[Topic], wanted: Sequence[str]) -> bool:
    """By its name and those of as many above it as are said."""
    return len(path) >= len(wanted) and all(
        name in {fold(words) for words in _all_names(topic)}
        for topic, name in zip(path[-len(wanted) :], wanted, strict=True)
    )


def _all_names(topic: Topic) -> tuple[str, ...]:
    said = topic.label.by_language.values() if isinstance(topic.label, Words) else (topic.label,)
    return (*said, *topic.names)


CATEGORIES = CategorySource()
