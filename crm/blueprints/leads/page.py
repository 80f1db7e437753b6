"""A lead's page: where it stands and where it can go, what gave it its points, and what it became."""

import datetime as dt
from functools import cached_property
from typing import Any

from flask import g

from crm.domain.leads import scoring
from crm.domain.leads.choices import DISCARDED, NEW, OPEN, STATUSES, WON
from crm.domain.leads.converting import latest
from crm.domain.leads.queries import LEADS
from crm.domain.leads.undoing import DAYS, until
from crm.infra import clock
from crm.kernel.errors import Invalid
from crm.web.fields import labels_for
from crm.web.filters import words
from crm.web.forms import FieldForm
from crm.web.i18n import gettext
from crm.web.records.page import RecordPage

_PATH = (*OPEN, WON)
_LABELS = {each.key: each.label for each in STATUSES}


class LeadPage(RecordPage):
    head_part = "leads/_path.html"
    head_buttons = "leads/_buttons.html"
    parts = swapped_parts = ("leads/_score.html",)
    undo_days = DAYS

    @cached_property
    def may_work(self) -> bool:
        return bool(g.actor.holds(self.record, self.type.may_edit)) and not g.actor.read_only

    @property
    def may_claim(self) -> bool:
        return self.record.owner_id is None and g.actor.may(self.type.may_edit) and not g.actor.read_only

    @property
    def may_convert(self) -> bool:
        return self.may_work and self.record.status in OPEN

    @property
    def path(self) -> list[tuple[str, str]]:
        """(words, state) of each step; of one that is discarded, that it is."""
        now, states = self.record.status, [*_PATH]
        if now == DISCARDED:
            return [(gettext(_LABELS[NEW]), "done"), (gettext(_LABELS[DISCARDED]), "current")]
        at = states.index(now)
        named = ("done", "current", "todo")
        return [(gettext(_LABELS[each]), named[(n >= at) + (n > at)]) for n, each in enumerate(states)]

    @property
    def moves(self) -> list[tuple[str, str]]:
        """(status, words) it can be put into with one press, for whoever may."""
        status = self.type.list.by_key.get("status")
        if not self.may_work or self.record.status == WON or status is None or not status.writable_by(g.actor):
            return []
        return [(each, gettext(_LABELS[each])) for each in OPEN if each != self.record.status]

    @cached_property
    def discarding(self) -> FieldForm:
        """The reason, asked when somebody gives up."""
        known = self.type.by_key()
        keys = ("discard_reason", "discard_text")
        return FieldForm([known[key] for key in keys if key in known], prefix="give-up-")

    @property
    def undo_until(self) -> dt.datetime | None:
        """The last moment to undo its conversion, for whoever may."""
        conversion = latest(self.record) if self.record.status == WON and self.may_work else None
        return until(conversion) if conversion is not None and clock.now() <= until(conversion) else None

    @property
    def shows_score(self) -> bool:
        return "score" in self.type.list.by_key

    @cached_property
    def points(self) -> list[tuple[str, int]]:
        """(the condition in words, points) of each rule that holds."""
        return [(rule_words(each), each.points) for each in scoring.explained(g.actor, self.record)]

    @property
    def is_scored_anew(self) -> bool:
        run = scoring.last_run()
        return run is not None and run.finished_at is None

    @property
    def became(self) -> list[tuple[str, str]]:
        """(words, address) of what it was converted into, as far as the reader may see it."""
        found = []
        for field in self.type.fields:
            value = self.value(field) if field.links and not field.editable else None
            label = labels_for([field], [{field.key: value}])[field.key].get(value, "") if value is not None else ""
            if label:
                found.append((label.rpartition(" (")[0], f"/{field.links}/{value}"))
        return found


def rule_words(rule: Any) -> str:
    """The condition of a rule as a sentence; of what is gone as it was written."""
    try:
        return words(LEADS.open_to(g.actor), *rule.condition)
    except Invalid:
        return "{} {} {}".format(*rule.condition)
