"""The audit log: read, narrowed, taken away as a file. Nothing here changes a line of it."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import g, request, url_for

from crm.domain.audit import queries
from crm.kernel.errors import Invalid
from crm.kernel.permissions import Permission
from crm.web import audit
from crm.web.blueprint import CrmBlueprint
from crm.web.errors import told
from crm.web.htmx import render

bp = CrmBlueprint("audit", __name__, url_prefix="/audit", module="audit")
MAY = Permission.SYSTEM_AUDIT


def asked_in(given: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key in queries.FILTERS if (value := given.get(key, "").strip())}


class LogView:
    def __init__(self) -> None:
        self.asked, self.problem = asked_in(request.args), ""
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
