"""The page of goals: one period, everybody's that the reader may see."""

import datetime as dt
from functools import cached_property

from flask import g, url_for

from crm.domain.goals import queries
from crm.domain.goals.measures import MEASURES
from crm.domain.goals.models import Goal
from crm.domain.goals.periods import LABELS, moved
from crm.kernel.permissions import Permission
from crm.web.goals import Item, items, period_words
from crm.web.i18n import gettext

PAGE = 40


class GoalsView:
    def __init__(self, period: str, start: dt.date, page: int = 1) -> None:
        self.period, self.start, self.page = period, start, page

    @cached_property
    def _goals(self) -> list[Goal]:
        return queries.goals_of(g.actor, self.period, self.start)

    @cached_property
    def items(self) -> list[Item]:
        return items(self._goals[(self.page - 1) * PAGE : self.page * PAGE])

    @property
    def more_url(self) -> str:
        return self._url(self.start, page=self.page + 1) if len(self._goals) > self.page * PAGE else ""

    def _url(self, start: dt.date, period: str = "", **more: int) -> str:
        return url_for("goals.index", period=period or self.period, on=str(start), **more)

    @property
    def title(self) -> str:
        return period_words(self.period, self.start)

    @property
    def tabs(self) -> list[tuple[str, str, bool]]:
        return [
            (gettext(words), url_for("goals.index", period=key), key == self.period) for key, words in LABELS.items()
        ]

    @property
    def before_url(self) -> str:
        return self._url(moved(self.period, self.start, -1))

    @property
    def after_url(self) -> str:
        return self._url(moved(self.period, self.start, 1))

    @property
    def set_url(self) -> str:
        may = g.actor.may(Permission.GOALS_SET) and not g.actor.read_only
        return url_for("goals.new", period=self.period, on=str(self.start)) if may else ""


def measure_options() -> list[tuple[str, str]]:
    return [(key, gettext(each.label)) for key, each in MEASURES.items() if each.module in g.actor.modules]
