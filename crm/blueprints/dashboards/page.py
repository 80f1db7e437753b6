"""A dashboard for whoever reads it: what it is asked, and its tiles as far as they can be told at once."""

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from flask import g, url_for

from crm.blueprints.dashboards.tile import TileView
from crm.domain.dashboards.arranging import arranged
from crm.domain.dashboards.asking import SPANS, USUAL, Asked, span_of
from crm.domain.dashboards.special import pipeline_of
from crm.domain.dashboards.table import Dashboard, dashboards_of
from crm.domain.opportunities.pipelines import pipelines_of
from crm.kernel.access import Reach
from crm.kernel.company import company
from crm.kernel.operators import department_in
from crm.kernel.text import N_
from crm.web.departments import options
from crm.web.formats import date
from crm.web.i18n import gettext

AT_ONCE_S = 0.4  # what is not told by then comes after the page, tile by tile
_DAYS = ("from", "to")


@dataclass(frozen=True)
class Waiting:
    """A tile that is fetched when the page is there; `url` also leads to it without JavaScript."""

    key: str
    label: str
    url: str


class DashboardPage:
    def __init__(self, dashboard: Dashboard, args: Mapping[str, str]) -> None:
        self.dashboard, self._args = dashboard, args
        self.tiles_there = dashboard.for_(g.actor)
        self._arranged = arranged(g.actor, dashboard)

    @cached_property
    def span(self) -> str:
        given = self._args.get("span", "")
        return given if given in SPANS else USUAL

    @cached_property
    def asked(self) -> Asked:
        days = (_day(self._args.get(each, "")) for each in _DAYS)
        return Asked(span_of(self.span, company.today(), *days), self.whose, self._args.get("pipeline", ""))

    @cached_property
    def whose(self) -> str:
        given = self._args.get("of", "")
        return given if given in dict(self.people) else ""

    @cached_property
    def people(self) -> list[tuple[str, str]]:
        """Whose records may be chosen: one's own, and of departments those one reaches."""
        reach = max(g.actor.reach_of(each.record_type.may_read) for each in self.tiles_there)
        inside = {Reach.ALL: None, Reach.OWN: frozenset[int]()}.get(reach, g.actor.branch)
        places = [(f"department-{id_}", name) for id_, name in options() if inside is None or int(id_) in inside]
        return [("me", gettext(N_("Mine"))), *places]

    @property
    def spans(self) -> list[tuple[str, str]]:
        return [(key, gettext(words)) for key, words in SPANS.items()]

    @property
    def pipelines(self) -> list[tuple[str, str]]:
        """Where the funnel has a choice."""
        known = pipelines_of(g.actor).offered if any(each.key == "funnel" for each in self.tiles_there) else ()
        return [(each.key, gettext(each.label)) for each in known] if len(known) > 1 else []

    @property
    def pipeline(self) -> str:
        found = pipeline_of(g.actor, self.asked)
        return found.key if found is not None else ""

    @property
    def first(self) -> str:
        return self.asked.span.first.isoformat()

    @property
    def last(self) -> str:
        return self.asked.span.last.isoformat()

    @property
    def subtitle(self) -> str:
        of = "" if department_in(self.whose) is None else dict(self.people)[self.whose].strip()
        of = gettext(N_("Mine")) if self.whose == "me" else of or gettext(N_("All that you may see"))
        first, last = date(self.asked.span.first), date(self.asked.span.last)
        return gettext(N_("%(first)s – %(last)s · %(whose)s"), first=first, last=last, whose=of)

    @cached_property
    def here(self) -> dict[str, str]:
        """The question as it stands in an address."""
        known = {"span": self.span if self.span != USUAL else "", "of": self.whose}
        known |= {"pipeline": self.asked.pipeline}
        if self.span == "days":
            known |= {"from": self.first, "to": self.last}
        return {key: value for key, value in known.items() if value}

    @property
    def tabs(self) -> list[tuple[str, str, bool]]:
        return [
            (gettext(each.label), url_for("dashboards.show", key=each.key, **self.here), each is self.dashboard)
            for each in dashboards_of(g.actor)
        ]

    @cached_property
    def tiles(self) -> list[TileView | Waiting]:
        """At least one is told at once."""
        until, shown = time.monotonic() + AT_ONCE_S, list[TileView | Waiting]()
        for each in self._arranged:
            view = TileView(each, self.dashboard, self.asked, self.here)
            if not shown or time.monotonic() < until:
                view.told()
                shown.append(view)
            else:
                shown.append(Waiting(each.key, view.label, view.url))
        return shown


def _day(text: str) -> dt.date | None:
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 <= found.year < 9990 else None
