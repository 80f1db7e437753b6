"""What the system page shows, in the reader's words."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import url_for

from crm.config import Settings
from crm.domain.system import looking, slowness
from crm.domain.system.models import SystemError, SystemJob, SystemProcess
from crm.domain.system.troubles import troubles
from crm.infra.numbers import DONE
from crm.kernel.text import N_
from crm.web import system_words as words
from crm.web.formats import duration, number, size
from crm.web.i18n import gettext

_WELL = {
    "ok": N_("Everything is well"),
    "warn": N_("It runs, but something wants a look"),
    "bad": N_("Something is wrong and needs you"),
}


@dataclass(frozen=True)
class ProcessLine:
    process: SystemProcess
    kind: str
    gone: bool


@dataclass(frozen=True)
class WaitingLine:
    name: str
    waiting: str
    oldest: dt.datetime | None
    running: tuple[tuple[str, dt.datetime | None], ...] = ()
    given_up: str = ""


@dataclass(frozen=True)
class ScheduleLine:
    job: str
    last: SystemJob | None
    outcome: str
    state: str
    took: str
    next: str


class SystemView:
    def __init__(self, settings: Settings, *, may_act: bool) -> None:
        self.standing, self.may_act = looking.standing(settings), may_act
        self.mail_set = bool(settings.mail_url)
        self.own_storage = not settings.storage_url
        self.troubles = [(each, words.title(each.kind, each.about), words.what_to_do(each)) for each in self._found]

    @cached_property
    def _found(self) -> list[Any]:
        return troubles(self.standing)

    @property
    def state(self) -> str:
        return "ok" if not self._found else "bad" if self._found[0].red else "warn"

    @property
    def summary(self) -> str:
        return gettext(_WELL[self.state])

    @property
    def url(self) -> str:
        return url_for("system_page.index")

    @cached_property
    def processes(self) -> list[ProcessLine]:
        """Those that are gone only as long as nobody came in their place."""
        lacking = self.standing.missing()
        shown = [each for each in self.standing.processes if each in lacking or not self.standing.is_gone(each)]
        return [
            ProcessLine(each, gettext(words.PROCESSES.get(each.kind, each.kind)), each in lacking) for each in shown
        ]

    @property
    def queues(self) -> list[WaitingLine] | None:
        if self.standing.queues is None:
            return None
        return [
            WaitingLine(gettext(words.QUEUES[each.name]), number(each.waiting), each.oldest, tuple(each.running))
            for each in self.standing.queues
        ]

    @property
    def outboxes(self) -> list[WaitingLine]:
        return [
            WaitingLine(
                gettext(words.OUTBOXES[each.name]),
                number(each.waiting),
                self._past(each.oldest),
                given_up=number(each.given_up) if each.given_up else "",
            )
            for each in self.standing.outboxes
        ]

    def _past(self, moment: dt.datetime | None) -> dt.datetime | None:
        """None where what waits is to be done later."""
        return moment if moment is not None and moment <= self.standing.now else None

    @property
    def failed(self) -> list[tuple[SystemJob, str, str]]:
        """Work that failed and that nobody has dealt with: job, how many times, error."""
        jobs = [each for each in self.standing.jobs.values() if each.failures]
        return [(each, number(each.failures), _told(each.error_kind, each.error_place)) for each in jobs]

    @property
    def schedule(self) -> list[ScheduleLine]:
        return [self._scheduled(each) for each in self.standing.schedule]

    def _scheduled(self, line: Mapping[str, Any]) -> ScheduleLine:
        last = self.standing.jobs.get(line["job"])
        outcome, state = ("", "") if last is None else (gettext(words.OUTCOMES[last.outcome]), _state(last))
        every = gettext(N_("every %(time)s"), time=duration(line["every"])) if line["every"] else ""
        return ScheduleLine(line["job"], last, outcome, state, duration(last.seconds) if last else "", every)

    def next_of(self, job: str) -> dt.datetime | None:
        line = next((each for each in self.standing.schedule if each["job"] == job), None)
        return dt.datetime.fromisoformat(line["next"]) if line and line["next"] else None

    @cached_property
    def slow(self) -> list[tuple[slowness.Pace, str, str, str, str]]:
        return [
            (each, number(each.count), duration(each.half), duration(each.most), duration(each.slowest))
            for each in slowness.slow_pages()
        ]

    @cached_property
    def errors(self) -> list[tuple[SystemError, str]]:
        return [(each, number(each.count)) for each in slowness.errors()]

    @cached_property
    def facts(self) -> list[tuple[str, str]]:
        base, disk = slowness.database(), self.standing.disk
        mail = gettext(N_("no server is set")) if not self.mail_set else ""
        sent = self.standing.mail_sent_at
        return [
            (gettext(N_("PostgreSQL")), base.version),
            (gettext(N_("Size of the database")), size(base.bytes)),
            (gettext(N_("Connections")), _of(base.connections, base.most)),
            (gettext(N_("Longest transaction")), duration(float(base.longest))),
            (
                gettext(N_("Free on the disk")),
                gettext(N_("%(free)s of %(total)s"), free=size(disk.free), total=size(disk.total)),
            ),
            (gettext(N_("Redis")), gettext(N_("answers") if self.standing.queues is not None else N_("is away"))),
            (gettext(N_("Last mail sent")), mail or (words.ago_or_dash(sent))),
        ]

    @cached_property
    def tables(self) -> list[tuple[str, str, str]]:
        return [(each.name, size(each.bytes), number(each.rows)) for each in slowness.largest_tables()]


def _of(some: int, most: int) -> str:
    return gettext(N_("%(some)s of %(most)s"), some=number(some), most=number(most))


def _state(job: SystemJob) -> str:
    return "ok" if job.outcome == DONE else "bad"


def _told(kind: str, place: str) -> str:
    return f"{kind} ({place})" if place else kind
