"""How far a worker is with something of the log: one fragment, on the page, over the stream and when polling."""

from dataclasses import dataclass

from flask import render_template

from crm.kernel.text import N_
from crm.web.formats import number
from crm.web.i18n import gettext


@dataclass(frozen=True)
class Progress:
    """`url` is the page it stands on; `total` is None as long as it waits for a worker."""

    url: str
    label: str
    ended: bool
    done: int = 0
    total: int | None = None
    polling: bool = False

    @property
    def words(self) -> str:
        if not self.total:
            return ""
        return gettext(N_("%(done)s of %(total)s lines"), done=number(self.done), total=number(self.total))

    @property
    def percent(self) -> int | None:
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def fragment(self) -> str:
        return render_template("audit/_progress.html", progress=self)
