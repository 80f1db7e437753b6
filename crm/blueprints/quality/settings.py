"""What is to be filled in, after how many days a record is stale, and when owners are reminded."""

from functools import cached_property
from typing import Any

from flask import flash, g, request, url_for

from crm.blueprints.quality.routes import bp
from crm.domain.quality.checks import STANDARD, countable
from crm.domain.quality.settings import change_settings, settings_of, wanted_fields
from crm.domain.registry import RECORD_TYPES
from crm.kernel.errors import Invalid
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

DAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)


class SettingsPage:
    def __init__(self, problem: Invalid | None = None) -> None:
        self.kept = settings_of()
        self.errors = [(str(problem.params.get("key", "stale_days")), told(problem))] if problem else []
        self.sent = request.method == "POST"

    @cached_property
    def stale_days(self) -> str:
        return request.form.get("stale_days", "") if self.sent else str(self.kept.stale_days)

    @property
    def weekday(self) -> str:
        kept = "" if self.kept.remind_weekday is None else str(self.kept.remind_weekday)
        return request.form.get("remind_weekday", "") if self.sent else kept

    @property
    def hour(self) -> str:
        return request.form.get("remind_hour", "") if self.sent else str(self.kept.remind_hour)

    @property
    def days(self) -> list[tuple[str, str]]:
        return [(str(at), gettext(words)) for at, words in enumerate(DAYS)]

    @property
    def hours(self) -> list[tuple[str, str]]:
        return [(str(hour), f"{hour:02}:00") for hour in range(24)]

    @property
    def types(self) -> list[tuple[str, str, list[tuple[str, str]], list[str]]]:
        """(key, words, fields, those that are chosen)."""
        found = []
        for key in STANDARD:
            fields = countable(RECORD_TYPES[key].list.open_to(g.actor).by_key)
            chosen = request.form.getlist(f"fields-{key}") if self.sent else list(wanted_fields(self.kept, key))
            options = [(each.key, gettext(each.label)) for each in fields]
            found.append((key, gettext(RECORD_TYPES[key].label_plural), options, chosen))
        return found


@bp.get("/settings", needs=Permission.SYSTEM_ADMINISTER)
def settings() -> Any:
    return render("quality/settings.html", page=SettingsPage())


@bp.post("/settings", needs=Permission.SYSTEM_ADMINISTER)
def change() -> Any:
    form = request.form
    weekday = form.get("remind_weekday", "")
    try:
        change_settings(
            g.actor,
            stale_days=_whole(form.get("stale_days", "")),
            fields={key: form.getlist(f"fields-{key}") for key in STANDARD},
            remind_weekday=_whole(weekday) if weekday else None,
            remind_hour=_whole(form.get("remind_hour", "8")),
            seen=_whole(form.get("version", "")),
        )
    except Invalid as problem:
        return render("quality/settings.html", 422, page=SettingsPage(problem))
    flash(gettext(N_("Kept. It counts from the next count on, tonight.")), "ok")
    return see_other(url_for("quality.index"))


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else -1
