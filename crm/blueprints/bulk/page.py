"""What the pages of one change of many records show."""

from functools import cached_property
from typing import Any

from flask import g, request, url_for

from crm.domain.bulk.actions import is_undoable
from crm.domain.bulk.deeds import DEEDS, unpacked
from crm.domain.bulk.models import BulkChange, Outcome, State
from crm.domain.bulk.queries import PAGE, items, labels, own, undo_of
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.contact import Phone
from crm.kernel.text import N_
from crm.web.errors import sentence
from crm.web.fields import labels_for, show
from crm.web.formats import number
from crm.web.i18n import gettext

OUTCOMES = {
    Outcome.CHANGED: (N_("changed"), "ok"),
    Outcome.UNCHANGED: (N_("were so already"), "info"),
    Outcome.DENIED: (N_("not yours to change"), "warn"),
    Outcome.REFUSED: (N_("refused"), "bad"),
    Outcome.WAITING: (N_("waiting for confirmation"), "info"),
    Outcome.GONE: (N_("gone meanwhile"), "warn"),
}
NOT_REACHED = "not_reached"
KINDS = {each.value: words for each, (words, _) in OUTCOMES.items()} | {NOT_REACHED: N_("not reached")}
STATES = {
    State.RUNNING: (N_("running"), "info"),
    State.DONE: (N_("done"), "ok"),
    State.FAILED: (N_("stopped"), "bad"),
    State.CANCELLED: (N_("cancelled"), ""),
}


def one(bulk_id: int) -> BulkChange:
    return db.one_or_404(own(g.actor).where(BulkChange.id == bulk_id))


class BulkPage:
    def __init__(self, record: BulkChange) -> None:
        self.record = record
        self.type = RECORD_TYPES[record.record_type].open_to(g.actor)

    @property
    def url(self) -> str:
        return url_for("bulk.show", bulk_id=self.record.id)

    @cached_property
    def title(self) -> str:
        """“Level becomes A”"""
        if self.record.undo_of_id is not None:
            return gettext(N_("Change %(id)s is taken back"), id=self.record.undo_of_id)
        deed = DEEDS[self.record.action]
        if deed.new is None:
            return gettext(deed.sentence)
        known = self.type.by_key()
        fields = [known[key] for key in self.record.values if key in known]
        values = unpacked(known, {each.key: self.record.values[each.key] for each in fields})
        plain = {key: value.e164 if isinstance(value, Phone) else value for key, value in values.items()}
        words = labels_for(fields, [plain])
        said = [
            gettext(
                deed.sentence,
                field=gettext(each.label),
                value=show(each, plain[each.key], words) or gettext(N_("empty")),
            )
            for each in fields
        ]
        return " ".join(said) or gettext(deed.label)

    @property
    def state(self) -> tuple[str, str]:
        words, tone = STATES[State(self.record.state)]
        return gettext(words), tone

    @property
    def problem(self) -> str:
        kept = self.record.problem
        return sentence(kept["message"], kept["params"]) if kept else ""

    @property
    def sums(self) -> tuple[list[tuple[str, str, str, str, int]], tuple[str, str, str, int]]:
        counts = [(each.value, tone, getattr(self.record, each.value)) for each, (_, tone) in OUTCOMES.items()]
        counts.append((NOT_REACHED, "", self.record.not_reached))
        parts = [
            (gettext(KINDS[kind]), number(count), tone, self._rows_url(kind) if count else "", count)
            for kind, tone, count in counts
            if count or kind == Outcome.CHANGED
        ]
        total = self.record.total or 0
        return parts, (gettext(N_("records")), number(total), "", total)

    def _rows_url(self, kind: str) -> str:
        return url_for("bulk.records", bulk_id=self.record.id, outcome=kind)

    @property
    def may_undo(self) -> bool:
        return is_undoable(self.record)

    @property
    def may_resume(self) -> bool:
        return self.record.state in (State.FAILED, State.CANCELLED) and not self.undone_url

    @cached_property
    def undone_url(self) -> str:
        back = undo_of(self.record)
        return url_for("bulk.show", bulk_id=back) if back else ""


class RecordsPage(BulkPage):
    """The records behind one number."""

    def __init__(self, record: BulkChange, kind: str) -> None:
        super().__init__(record)
        self.kind, self.words = kind, gettext(KINDS[kind])
        after = request.args.get("after", "")
        self.after = int(after) if after.isdecimal() and len(after) < 19 else 0
        self.found = items(record, None if kind == NOT_REACHED else Outcome(kind), self.after)

    @cached_property
    def rows(self) -> list[tuple[str, str, str]]:
        """(name, address or "", what there is to say)."""
        shown = self.found[:PAGE]
        names = labels(g.actor, self.record, [each.record_id for each in shown])
        hidden = (gettext(N_("A record you cannot see any more")), True)
        return [self._row(each, *names.get(each.record_id, hidden)) for each in shown]

    def _row(self, item: Any, name: str, away: bool) -> tuple[str, str, str]:
        why = sentence(item.problem["message"], item.problem["params"]) if item.problem else ""
        return name, "" if away else f"/{self.record.record_type}/{item.record_id}", why

    @property
    def next_url(self) -> str:
        if len(self.found) <= PAGE:
            return ""
        after = self.found[PAGE - 1].record_id
        return url_for("bulk.records", bulk_id=self.record.id, outcome=self.kind, after=after)

    @property
    def first_url(self) -> str:
        return self._rows_url(self.kind) if self.after else ""
