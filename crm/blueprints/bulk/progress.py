"""How far a worker is: one fragment, on the page, over the stream and when polling."""

from flask import render_template, url_for

from crm.blueprints.bulk.page import OUTCOMES
from crm.domain.bulk.models import BulkChange, State
from crm.kernel.text import N_
from crm.web.formats import number
from crm.web.i18n import gettext


class Progress:
    def __init__(self, record: BulkChange, *, polling: bool = False) -> None:
        self.record, self.polling = record, polling
        self.url = url_for("bulk.show", bulk_id=record.id)
        self.poll_url = url_for("bulk.progress", bulk_id=record.id)
        self.stream_url = url_for("bulk.stream_progress", bulk_id=record.id)

    @property
    def ended(self) -> bool:
        return self.record.state != State.RUNNING

    @property
    def label(self) -> str:
        if self.record.retry_at:
            return gettext(N_("Waiting a moment before trying again"))
        if self.record.total is None:
            return gettext(N_("Waiting for its turn"))
        return gettext(N_("Changing the records"))

    @property
    def percent(self) -> int | None:
        return self.record.reached * 100 // self.record.total if self.record.total else None

    @property
    def words(self) -> str:
        if not self.record.total:
            return ""
        places = {"done": number(self.record.reached), "total": number(self.record.total)}
        return gettext(N_("%(done)s of %(total)s records"), **places)

    @property
    def counts(self) -> list[tuple[str, str, str]]:
        """(words, number, state) of what has become of them so far."""
        found = [(words, getattr(self.record, each.value), tone) for each, (words, tone) in OUTCOMES.items()]
        return [(gettext(words), number(count), tone) for words, count, tone in found if count]

    @property
    def fragment(self) -> str:
        return render_template("bulk/_progress.html", progress=self)
