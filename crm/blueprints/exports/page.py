"""What the pages of an export show."""

from flask import abort, g, render_template, url_for

from crm.domain.exports import rights
from crm.domain.exports.formats import FORMATS
from crm.domain.exports.models import Export
from crm.domain.exports.queries import own
from crm.domain.exports.regular import EVERY, MONTH, WEEK, RegularExport
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.errors import RuleBroken
from crm.kernel.text import N_
from crm.web.errors import sentence, told
from crm.web.formats import number, size
from crm.web.i18n import gettext

WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)


def one(export_id: int) -> Export:
    return db.session.scalars(own(g.actor).where(Export.id == export_id)).first() or abort(404)


class ExportPage:
    def __init__(self, record: Export, *, polling: bool = False) -> None:
        self.record, self.polling = record, polling
        self.url = url_for("exports.show", export_id=record.id)

    @property
    def title(self) -> str:
        return self.record.filename

    @property
    def list_name(self) -> str:
        return gettext(RECORD_TYPES[self.record.record_type].label_plural)

    @property
    def format(self) -> str:
        return gettext(FORMATS[self.record.format].label)

    @property
    def size(self) -> str:
        return size(self.record.size) if self.record.size is not None else ""

    @property
    def ended(self) -> bool:
        return self.record.finished_at is not None

    @property
    def state(self) -> tuple[str, str]:
        if self.record.problem:
            return gettext(N_("stopped")), "bad"
        if not self.ended:
            return gettext(N_("being written")), "info"
        return (gettext(N_("ready")), "ok") if self.record.storage_key else (gettext(N_("forgotten")), "")

    @property
    def problem(self) -> str:
        kept = self.record.problem
        return sentence(kept["message"], kept["params"]) if kept else ""

    @property
    def refusal(self) -> str:
        """Why the file that is there is not given any more."""
        try:
            rights.refuse_less(g.actor, self.record.record_type, self.record.rights or {})
        except RuleBroken as problem:
            return told(problem)
        return ""

    @property
    def label(self) -> str:
        return gettext(N_("Writing the file")) if self.record.total is not None else gettext(N_("Waiting for its turn"))

    @property
    def percent(self) -> int | None:
        return min(100, self.record.written * 100 // self.record.total) if self.record.total else None

    @property
    def words(self) -> str:
        if not self.record.total:
            return ""
        places = {"done": number(self.record.written), "total": number(self.record.total)}
        return gettext(N_("%(done)s of %(total)s records"), **places)

    @property
    def fragment(self) -> str:
        return render_template("exports/_progress.html", page=self)


class RegularPage:
    """A regular export in the list of them."""

    def __init__(self, record: RegularExport) -> None:
        self.record = record

    @property
    def list_name(self) -> str:
        return gettext(RECORD_TYPES[self.record.record_type].label_plural)

    @property
    def when(self) -> str:
        one, at = self.record, f"{self.record.hour:02}:00"
        if one.every == WEEK:
            return f"{gettext(EVERY[WEEK])}, {gettext(WEEKDAYS[one.on_day])}, {at}"
        if one.every == MONTH:
            day = gettext(N_("day %(day)s of the month"), day=one.on_day)
            return f"{gettext(EVERY[MONTH])}, {day}, {at}"
        return f"{gettext(EVERY[one.every])}, {at}"

    @property
    def problem(self) -> str:
        kept = self.record.problem
        return sentence(kept["message"], kept["params"]) if kept else ""
