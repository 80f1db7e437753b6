"""The audit log: read, narrowed, taken away as a file. Nothing here changes a line of it."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, g, request, send_file, url_for

from crm.domain.audit import actions, queries
from crm.infra import sheets
from crm.kernel.company import company
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web import audit
from crm.web.blueprint import CrmBlueprint
from crm.web.errors import told
from crm.web.htmx import render
from crm.web.i18n import gettext

bp = CrmBlueprint("audit", __name__, url_prefix="/audit", module="audit")
MAY = Permission.SYSTEM_AUDIT
MOST = 100_000  # lines in one file
WRITERS: Mapping[str, Any] = {"csv": sheets.write_csv, "xlsx": sheets.write_xlsx}
_HEADINGS = (
    N_("Number"),
    N_("When"),
    N_("Who"),
    N_("What"),
    N_("Kind of record"),
    N_("Record"),
    N_("Field"),
    N_("Before"),
    N_("After"),
    N_("Reason"),
    N_("Network address"),
    N_("Request"),
)


def _asked(given: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key in queries.FILTERS if (value := given.get(key, "").strip())}


class LogView:
    def __init__(self) -> None:
        self.asked, self.problem = _asked(request.args), ""
        try:
            self.page = queries.page(g.actor, self.asked, request.args.get("after", ""))
        except Invalid as problem:
            self.problem = told(problem)
            self.page = queries.LogPage((), "")

    @cached_property
    def lines(self) -> list[audit.LogLine]:
        return audit.lines(self.page.events)

    @property
    def older_url(self) -> str:
        return self._url(self.asked | {"after": self.page.after}) if self.page.after else ""

    @property
    def newest_url(self) -> str:
        return self._url(self.asked) if request.args.get("after") else ""

    def only_url(self, **more: str) -> str:
        return self._url(more)

    def _url(self, args: Mapping[str, str]) -> str:
        return f"{url_for('audit.index')}?{urlencode(args)}"

    kinds = staticmethod(audit.kinds)
    types = staticmethod(audit.types)


@bp.get("", needs=MAY)
def index() -> Any:
    return render("audit/index.html", view=LogView())


@bp.post("/export.<suffix>", needs=MAY)
def export(suffix: str) -> Response:
    """A line for each value before and after; written to a file without a name, so that it is never all in memory."""
    if suffix not in WRITERS:
        abort(404)
    asked = _asked(request.form)
    count = queries.count(g.actor, asked, MOST)
    if count > MOST:
        raise RuleBroken(
            N_("A file holds at most %(most)s lines of the log: narrow it, by days for example."), most=MOST
        )
    handle, path = tempfile.mkstemp(suffix=f".{suffix}")
    os.close(handle)
    try:
        WRITERS[suffix](path, [gettext(each) for each in _HEADINGS], _cells(asked))
        file = open(path, "rb")  # noqa: SIM115  # closed by the server once it is sent
    finally:
        os.unlink(path)
    actions.note_export(g.actor, g.person, asked, count)
    name = f"{gettext(N_('audit-log'))}-{company.today().isoformat()}.{suffix}"
    return send_file(file, download_name=name, as_attachment=True)


def _cells(asked: Mapping[str, str]) -> Iterator[list[str]]:
    for events in queries.batches(g.actor, asked):
        for line in audit.lines(events):
            start = [str(line.id), line.iso, line.who, line.what, line.type, line.record]
            end = [line.reason, line.address, line.request_id]
            for change in line.changes or (audit.Change("", "", ""),):
                yield [*start, change.label, change.before, change.after, *end]
