"""The reports of months, for administrators and auditors."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import abort, g, url_for

from crm.blueprints.system.page import bp, may_look
from crm.domain.registry import RECORD_TYPES
from crm.domain.system.models import SystemMonth
from crm.domain.system.monthly import RIGHTS, key_of, months, next_month
from crm.infra.db import db
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import SIGNED_IN
from crm.web.formats import decimal, number, short_month
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

_PEOPLE = {
    "accounts": N_("Accounts at the end of the month"),
    "worked": N_("People who changed something"),
    "signed_in": N_("Sign-ins"),
    "refused": N_("Wrong passwords and codes"),
}
_SPEED = {
    "requests": N_("Pages and parts answered"),
    "half_ms": N_("Half took at most (ms)"),
    "most_ms": N_("95 of 100 took at most (ms)"),
    "failed": N_("Ended by an error of the program"),
}
_MOVED = {
    "imports": N_("Imports"),
    "import_rows": N_("Rows that became records or changed them"),
    "import_failed": N_("Rows that failed"),
    "exports": N_("Exports"),
    "mails": N_("Mails sent"),
    "mails_failed": N_("Mails given up"),
    "webhooks": N_("Webhooks delivered"),
    "webhooks_failed": N_("Webhooks given up"),
}
_TROUBLES = {
    "began": N_("How often something was red"),
    "minutes": N_("For how many minutes in all"),
    "new_errors": N_("Kinds of errors not seen before"),
}
_NONE = "–"


@dataclass(frozen=True)
class Line:
    """`now` and `before` are the numbers of this month and the one before, `url` is where what they count is shown."""

    words: str
    now: str
    before: str
    url: str = ""


@dataclass(frozen=True)
class Part:
    title: str
    lines: list[Line]
    note: str = ""


class MonthView:
    def __init__(self, row: SystemMonth, before: SystemMonth | None) -> None:
        self.row, self.title = row, short_month(row.month, year=True)
        self._told, self._before = row.told, before.told if before else {}
        self.parts = [
            Part(gettext(N_("People")), self._lines("people", _PEOPLE)),
            Part(gettext(N_("Speed and errors")), self._lines("speed", _SPEED) + self._lines("troubles", _TROUBLES)),
            Part(gettext(N_("Made by people, imports and rules")), self._records()),
            Part(gettext(N_("In and out")), self._lines("moved", _MOVED)),
            Part(gettext(N_("Rights and accounts changed")), self._rights()),
            Part(gettext(N_("Data quality")), self._quality(), gettext(_CHECKS)),
        ]

    def _numbers(self, section: str, key: str) -> tuple[str, str]:
        found = (self._told.get(section, {}).get(key), self._before.get(section, {}).get(key))
        return tuple(_NONE if each is None else number(each) for each in found)  # type: ignore[return-value]

    def _lines(self, section: str, words: dict[str, str]) -> list[Line]:
        return [Line(gettext(label), *self._numbers(section, key)) for key, label in words.items()]

    def _records(self) -> list[Line]:
        labels = {key: each.label_plural for key, each in RECORD_TYPES.items()} | {"follow_ups": N_("Follow-ups")}
        return self._lines("records", labels)

    def _rights(self) -> list[Line]:
        """What happened in one of the two months, each with the lines of the log where the reader may read them."""
        there = [each for each in RIGHTS if each in self._told["rights"] or each in self._before.get("rights", {})]
        return [self._right(each) for each in there]

    def _right(self, name: str) -> Line:
        now, before = (each.get("rights", {}).get(name, 0) for each in (self._told, self._before))
        url = ""
        if now and g.actor.may(Permission.SYSTEM_AUDIT):
            last = next_month(self.row.month) - dt.timedelta(days=1)
            between = {"from": self.row.month.isoformat(), "until": last.isoformat()}
            url = url_for("audit.index", kind=name, **between)
        return Line(gettext(RIGHTS[name]), number(now), number(before) if self._before else _NONE, url)

    def _quality(self) -> list[Line]:
        """What stood at the beginning of the month stands where other parts have the month before."""
        found = self._told["quality"]
        kept = [(each.label_plural, found[key]) for key, each in RECORD_TYPES.items() if key in found]
        return [Line(gettext(label), f"{decimal(last)} %", f"{decimal(first)} %") for label, (first, last) in kept]


_CHECKS = N_("Of 100 checks of records those that found something missing, wrong or old.")


@bp.get("/months/", needs=SIGNED_IN)
def newest_month() -> Any:
    may_look()
    found = months(1)
    if not found:
        return render("system/month.html", view=None, others=[])
    return see_other(_address(found[0].month))


def _address(month: dt.date) -> str:
    return url_for("system_page.month", month_key=key_of(month))


@bp.get("/months/<int:month_key>", needs=SIGNED_IN)
def month(month_key: int) -> Any:
    """`month_key` is 202611."""
    may_look()
    year, of_year = divmod(month_key, 100)
    if not (1 <= of_year <= 12 and 2000 <= year < 10_000):
        abort(404)
    first = dt.date(year, of_year, 1)
    row = db.session.get(SystemMonth, first) or abort(404)
    before = db.session.get(SystemMonth, (first - dt.timedelta(days=1)).replace(day=1))
    others = [(short_month(each.month, year=True), _address(each.month), each.month == first) for each in months()]
    return render("system/month.html", view=MonthView(row, before), others=others)
