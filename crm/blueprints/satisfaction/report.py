"""The report: a table for each way of counting, a picture of the months, and what was said behind each number."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, url_for

from crm.blueprints.satisfaction.visiting import WORDS
from crm.domain.people.queries import names
from crm.domain.satisfaction import report
from crm.domain.satisfaction.report import AGENT, CATEGORY, MONTH, PAGE, WAYS, Line
from crm.domain.tickets.topics import CATEGORIES
from crm.kernel.access import FieldRight
from crm.kernel.text import N_
from crm.web.formats import ago, decimal, moment, number
from crm.web.i18n import gettext

HEADINGS = {AGENT: N_("Agent"), CATEGORY: N_("Category"), MONTH: N_("Month")}
_NONE = "none"  # in addresses


@dataclass(frozen=True)
class Row:
    words: str
    url: str
    asked: str
    answered: str
    mean: str
    share: str


@dataclass(frozen=True)
class Bar:
    """Of the picture: 0 to 100 high."""

    x: int
    height: int
    words: str
    month: str


def _labels(way: str, keys: list[Any]) -> Mapping[Any, str]:
    if way == AGENT:
        return names(keys)
    if way == CATEGORY:
        return CATEGORIES.labels(g.actor, [each for each in keys if each])
    return {each: each for each in keys}


def _percent(share: float | None) -> str:
    return "" if share is None else f"{number(round(share * 100))} %"


class ReportView:
    def __init__(self, span: str, since: dt.datetime | None) -> None:
        self.span, self.since = span, since

    @cached_property
    def total(self) -> Row:
        return self._row("", report.total(g.actor, self.since), gettext(N_("Together")))

    @cached_property
    def _months(self) -> list[Line]:
        return report.lines(g.actor, MONTH, self.since)

    @property
    def tables(self) -> list[tuple[str, list[Row]]]:
        return [(gettext(HEADINGS[way]), self._rows(way)) for way in WAYS if self._may(way)]

    def _may(self, way: str) -> bool:
        return way != CATEGORY or g.actor.right_to("tickets", "category") >= FieldRight.READ

    def _rows(self, way: str) -> list[Row]:
        lines = self._months if way == MONTH else report.lines(g.actor, way, self.since)
        labels = _labels(way, [each.key for each in lines])
        nobody = gettext(N_("Nobody")) if way == AGENT else gettext(N_("none"))
        return [self._row(way, each, labels.get(each.key, "") or nobody) for each in lines]

    def _row(self, way: str, line: Line, words: str) -> Row:
        asked = {"by": way, "key": _NONE if line.key is None else line.key} if way else {}
        url = url_for("satisfaction.answers", months=self.span, **asked) if line.answered else ""
        mean = "" if line.mean is None else decimal(round(line.mean, 1))
        return Row(words, url, number(line.asked), number(line.answered), mean, _percent(line.share))

    @property
    def bars(self) -> list[Bar]:
        answered = [each for each in self._months if each.share is not None][-12:]
        sentence = N_("%(month)s: %(share)s of %(count)s answers")
        return [
            Bar(
                50 * at,
                round(100 * (each.share or 0)),
                gettext(sentence, month=each.key, share=_percent(each.share), count=number(each.answered)),
                str(each.key)[5:],
            )
            for at, each in enumerate(answered)
        ]


@dataclass(frozen=True)
class Said:
    ticket: str
    url: str
    number: str
    rating: int
    words: str
    comment: str
    agent: str
    iso: str
    ago: str
    exact: str


class AnswersView:
    def __init__(self, span: str, since: dt.datetime | None, args: Mapping[str, str]) -> None:
        self.span, self.since = span, since
        self.way = args.get("by", "") if args.get("by") in WAYS else ""
        self.key = self._read(args.get("key", ""))
        found = report.answers(g.actor, since, self.way, self.key, self._before(args.get("before", "")))
        self.more, self._found = len(found) > PAGE, found[:PAGE]

    def _read(self, text: str) -> Any:
        if text in ("", _NONE):
            return None
        return (int(text) if text.isdecimal() and len(text) < 19 else 0) if self.way == AGENT else text[:100]

    def _before(self, text: str) -> tuple[dt.datetime, int] | None:
        at, _, id_ = text.partition("_")
        try:
            return (dt.datetime.fromisoformat(at), int(id_)) if text else None
        except ValueError:
            return None

    @property
    def heading(self) -> str:
        """Whose answers these are."""
        if not self.way:
            return ""
        return _labels(self.way, [self.key]).get(self.key, "") if self.key is not None else gettext(N_("none"))

    @property
    def older(self) -> str:
        if not self.more:
            return ""
        last, asked = self._found[-1][0], {"by": self.way, "key": _NONE if self.key is None else self.key}
        before = f"{last.answered_at.isoformat()}_{last.id}" if last.answered_at else ""
        return url_for("satisfaction.answers", months=self.span, before=before, **(asked if self.way else {}))

    @cached_property
    def said(self) -> list[Said]:
        agents = names({survey.agent_id for survey, _ in self._found})
        comments = g.actor.right_to("tickets", "rating_comment") >= FieldRight.READ
        return [
            Said(
                ticket.name,
                f"/tickets/{ticket.id}",
                ticket.number,
                survey.rating or 0,
                gettext(WORDS[survey.rating or 1]),
                (survey.comment or "") if comments else "",
                agents.get(survey.agent_id or 0, ""),
                survey.answered_at.isoformat() if survey.answered_at else "",
                ago(survey.answered_at) if survey.answered_at else "",
                moment(survey.answered_at) if survey.answered_at else "",
            )
            for survey, ticket in self._found
        ]
