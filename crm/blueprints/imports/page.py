"""What every page of one import shows: its steps, where it stands, its numbers."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from flask import abort, g, url_for

from crm.domain.imports.follow_ups import FollowUps
from crm.domain.imports.models import Import
from crm.domain.imports.states import State
from crm.domain.imports.targets import TARGETS, Target
from crm.domain.imports.turns import file_of, inspection_of
from crm.domain.people.queries import names
from crm.domain.sampling.actions import BAR, population_of
from crm.domain.timeline.queries import subjects_of
from crm.infra.db import db
from crm.infra.sheets import Inspection
from crm.kernel.text import N_
from crm.web.errors import sentence
from crm.web.formats import number
from crm.web.i18n import gettext, noun
from crm.web.sharing import Sharing

# The steps, each with the endpoint of its page and the states in which an import is there.
STEPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (N_("Upload"), "", ()),
    (N_("Map"), "imports.mapping", (State.INSPECTING, State.MAPPING)),
    (N_("Check"), "imports.check", (State.CHECKING, State.COMPARING, State.CHECKED, State.REHEARSING)),
    (N_("Run"), "imports.run", (State.RUNNING,)),
    (N_("Verify"), "imports.report", (State.DONE,)),
)
WORKING_WORDS = {
    State.INSPECTING: N_("Looking at the file"),
    State.CHECKING: N_("Checking the rows"),
    State.COMPARING: N_("Looking for rows that are only alike"),
    State.REHEARSING: N_("Trying what would become of the rows"),
    State.RUNNING: N_("Importing the rows"),
}


def one(import_id: int) -> Import:
    """Of a type that is closed to the reader nobody's import is shown, but one's own."""
    import_ = db.one_or_404(Import.visible_to(g.actor).where(Import.id == import_id))
    if import_.owner_id != g.actor.id and not g.actor.may(TARGETS[import_.record_type].may_read):
        abort(404)
    return import_


def called(target: Target) -> tuple[str, str]:
    """One of them and many within a sentence."""
    if isinstance(target, FollowUps):
        return gettext(target.noun), gettext(target.nouns)
    return noun(target.label), noun(target.label_plural)


_CLOSED = N_("There is something in a column that you may not see.")


class ImportPage:
    def __init__(self, record: Import) -> None:
        self.record = record
        self.type = TARGETS[record.record_type].open_to(g.actor)
        self.is_own = record.owner_id == g.actor.id

    @property
    def records_noun(self) -> str:
        return called(self.type)[1]

    @property
    def bar(self) -> str:
        return f"{number(round(BAR * 100))} %"

    @property
    def verifiable(self) -> bool:
        return self.record.is_ended and not self.record.purged_at and bool(population_of(self.record))

    @property
    def verification_failed(self) -> bool:
        """Of the rows that people compared fewer were right than must be."""
        of = self.record.verified_rows
        return bool(of) and (of - (self.record.verified_wrong or 0)) / of < BAR

    @property
    def list_url(self) -> str:
        """Where all of them are; empty where there is no such page."""
        return "" if isinstance(self.type, FollowUps) else url_for(f"{self.type.key}.index")

    def addresses(self, ids: Collection[int]) -> dict[int, str]:
        """Of records, or of what follow-ups are on: id → address."""
        if not isinstance(self.type, FollowUps):
            return {id_: f"/{self.type.key}/{id_}" for id_ in ids}
        return {id_: f"/{type_}/{on}#follow-up-{id_}" for id_, (type_, on) in subjects_of(ids).items()}

    @cached_property
    def sharing(self) -> Sharing:
        return Sharing(self.record)

    @cached_property
    def readable(self) -> set[str]:
        """The keys of the fields that this reader may read as they are."""
        return {each.key for each in self.type.fields if not each.masked}

    @cached_property
    def open_columns(self) -> list[int]:
        """One's own file is seen as it came; of others' only the columns that fill fields one may read."""
        everything = range(len(self.inspection.headings))
        mapping = self.record.mapping or {}
        return [column for column in everything if self.is_own or mapping.get(str(column)) in self.readable]

    def open_cells(self, raw: Sequence[str]) -> list[tuple[int, str]]:
        """(column, cell) of what this reader sees of a row: the open columns, or all there is in it."""
        return [(at, each) for at, each in enumerate(raw) if self.is_own or at in self.open_columns]

    def problem_words(self, key: str | None, column: int | None, message: str, params: Mapping[str, Any]) -> str:
        """A problem's sentence, which may quote a value or name a field."""
        key = key or params.get("key")
        closed = column not in self.open_columns if column is not None else key is not None and key not in self.readable
        quotes = column is None and key is None and "value" in params
        return gettext(_CLOSED) if not self.is_own and (closed or quotes) else sentence(message, params)

    @cached_property
    def inspection(self) -> Inspection:
        return inspection_of(self.record)

    @cached_property
    def own_columns(self) -> int:
        """How many the file has; the parts of divided ones stand behind."""
        return file_of(self.record).columns

    def is_of_file(self, column: int) -> bool:
        """Whether it stands in the file, and is no part of another."""
        return column < self.own_columns or column >= self.inspection.columns

    @cached_property
    def columns(self) -> list[str]:
        """Words for every column: its heading, or its number where it has none."""
        headings = self.inspection.headings
        return [heading.strip() or gettext(N_("Column %(n)s"), n=n) for n, heading in enumerate(headings, 1)]

    @property
    def at(self) -> int:
        """Which step the import has come to."""
        state = self.record.stopped_in if self.record.is_ended and self.record.stopped_in else self.record.state
        return next(n for n, (_, _, states) in enumerate(STEPS) if state in states)

    def steps(self, here: str) -> list[tuple[str, str, str]]:
        """(words, state, url) for the row of steps; `here` is the endpoint of the page they stand on."""
        found = []
        for n, (words, endpoint, _) in enumerate(STEPS):
            reached = n <= self.at or (self.record.is_ended and endpoint == "imports.report")
            url = url_for(endpoint, import_id=self.record.id) if endpoint and reached else ""
            found.append((gettext(words), self._state(n, endpoint == here), url))
        return found

    def _state(self, n: int, is_here: bool) -> str:
        if is_here:
            return "current"
        if n < self.at or self.record.state == State.DONE:
            return "done"
        return "failed" if self.record.state == State.FAILED and n == self.at else "todo"

    @property
    def url(self) -> str:
        """Where the import stands now."""
        endpoint = "imports.report" if self.record.is_ended else STEPS[self.at][1]
        return url_for(endpoint, import_id=self.record.id)

    @property
    def problem(self) -> str:
        kept = self.record.problem
        return sentence(kept["message"], kept["params"]) if kept else ""

    @cached_property
    def by(self) -> str:
        return names([self.record.owner_id]).get(self.record.owner_id, "")

    @property
    def took(self) -> str:
        if not self.record.finished_at:
            return ""
        return duration((self.record.finished_at - self.record.created_at).total_seconds())


def duration(seconds: float) -> str:
    """In one unit, as one would say it."""
    whole = max(0, round(seconds))
    if whole < 90:
        return gettext(N_("%(n)s s"), n=number(whole))
    if whole < 5400:
        return gettext(N_("%(n)s min"), n=number(round(whole / 60)))
    return gettext(N_("%(n)s h"), n=number(round(whole / 3600)))
