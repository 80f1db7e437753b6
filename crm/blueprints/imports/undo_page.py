"""What the pages of an import that is taken back show."""

from collections.abc import Callable, Collection
from functools import cached_property
from typing import Any

from flask import g, render_template, request, url_for

from crm.blueprints.imports.page import ImportPage
from crm.domain.imports.models import Import
from crm.domain.people.queries import names
from crm.domain.registry import RECORD_TYPES
from crm.domain.undoing import actions
from crm.domain.undoing.models import Caused, ImportUndo, ImportUndoRow, Kind, Outcome, State
from crm.domain.undoing.queries import PAGE, rows_of
from crm.infra.db import db
from crm.kernel.text import N_
from crm.web.errors import sentence
from crm.web.formats import number
from crm.web.i18n import gettext

WORDS = {
    Outcome.REMOVED: (N_("removed"), "ok"),
    Outcome.RESTORED: (N_("put back"), "ok"),
    Outcome.BROUGHT_BACK: (N_("brought back"), "ok"),
    Outcome.CHANGED: (N_("changed again"), "ok"),
    Outcome.PARTLY: (N_("in part"), "warn"),
    Outcome.KEPT: (N_("kept"), "warn"),
    Outcome.GONE: (N_("not there any more"), "info"),
}
CAUSED = {Caused.RECALLED: N_("made by rules"), Caused.WORKED_ON: N_("made by rules and worked on since: kept")}
_WORKING = {
    Kind.PREVIEW: N_("Looking at what undoing would do"),
    Kind.UNDO: N_("Undoing the import"),
    Kind.REDO: N_("Making the import again"),
}
_TITLES = {
    (Kind.PREVIEW, State.DONE): N_("What undoing would do"),
    (Kind.UNDO, State.DONE): N_("The import is undone"),
    (Kind.REDO, State.DONE): N_("The import is made again"),
}


class UndoPage(ImportPage):
    """`undo` is what it shows, if there is anything yet."""

    def __init__(self, record: Import, undo: ImportUndo | None) -> None:
        super().__init__(record)
        self.undo = undo

    @property
    def title(self) -> str:
        if self.undo is None:
            return gettext(N_("Undo the import"))
        stopped = N_("The undoing was stopped")
        return gettext(_TITLES.get((Kind(self.undo.kind), State(self.undo.state)), stopped))

    @property
    def problem(self) -> str:
        kept = self.undo.problem if self.undo else None
        return sentence(kept["message"], kept["params"]) if kept else ""

    @property
    def is_preview(self) -> bool:
        return self.undo is not None and self.undo.kind == Kind.PREVIEW

    @property
    def sums(self) -> Any:
        undo = self.undo
        assert undo is not None
        shown = [(each, *WORDS[each], getattr(undo, each.value)) for each in Outcome]
        parts = [
            (gettext(words), number(count), tone, self.rows_url(kind), count)
            for kind, words, tone, count in shown
            if count
        ]
        if left := undo.total - undo.reached:
            parts.append((gettext(N_("not reached")), number(left), "", "", left))
        return parts, (gettext(N_("rows that did something")), number(undo.total), "", undo.total)

    @property
    def besides(self) -> list[tuple[str, str, str]]:
        """(words, number, address or "") of what else goes along."""
        undo = self.undo
        assert undo is not None
        found = [
            (gettext(CAUSED[Caused.RECALLED]), undo.recalled, self.rows_url(Caused.RECALLED)),
            (gettext(CAUSED[Caused.WORKED_ON]), undo.worked_on, self.rows_url(Caused.WORKED_ON)),
            (gettext(N_("changes that wait for a second person")), undo.withdrawn, ""),
            (gettext(N_("messages nobody has read")), undo.untold, ""),
        ]
        return [(words, number(count), url) for words, count, url in found if count]

    def rows_url(self, kind: str) -> str:
        assert self.undo is not None
        return url_for("imports.undo_rows", import_id=self.record.id, undo_id=self.undo.id, outcome=str(kind))

    @property
    def may_undo(self) -> bool:
        return actions.may_try(g.actor, self.record) and actions.is_undoable(self.record)

    @property
    def may_redo(self) -> bool:
        return not self.is_preview and actions.may_try(g.actor, self.record) and actions.is_redoable(self.record)

    @property
    def may_resume(self) -> bool:
        stopped = self.undo is not None and self.undo.state in (State.FAILED, State.CANCELLED)
        return stopped and not self.is_preview and actions.may_try(g.actor, self.record)

    @property
    def until(self) -> Any:
        return actions.until(self.record)


class UndoProgress:
    """One undo under way, in words."""

    def __init__(self, undo: ImportUndo, *, polling: bool = False) -> None:
        self.undo, self.polling = undo, polling
        of = {"import_id": undo.import_id, "undo_id": undo.id}
        self.url = url_for("imports.undo", import_id=undo.import_id)
        self.poll_url, self.stream_url = url_for("imports.undo_progress", **of), url_for("imports.undo_stream", **of)

    @property
    def ended(self) -> bool:
        return self.undo.state != State.RUNNING

    @property
    def label(self) -> str:
        waits = gettext(N_("Waiting a moment before trying again"))
        return waits if self.undo.retry_at else gettext(_WORKING[Kind(self.undo.kind)])

    @property
    def percent(self) -> int:
        return self.undo.reached * 100 // max(1, self.undo.total)

    @property
    def words(self) -> str:
        reached, total = number(self.undo.reached), number(self.undo.total)
        return gettext(N_("%(reached)s of %(total)s rows"), reached=reached, total=total)

    @property
    def fragment(self) -> str:
        return render_template("imports/_undo_progress.html", progress=self)


class UndoRowsPage(UndoPage):
    """The records behind one number."""

    def __init__(self, record: Import, undo: ImportUndo, kind: str) -> None:
        super().__init__(record, undo)
        self.kind = kind
        words = {**{each.value: words for each, (words, _) in WORDS.items()}, **CAUSED}
        self.words = gettext(words[kind])
        after = request.args.get("after", "")
        self.after = int(after) if after.isdecimal() and len(after) < 19 else 0
        self.found = rows_of(undo, kind, self.after)

    @cached_property
    def rows(self) -> list[tuple[str, str, int | None, list[str]]]:
        """(name, address or "", line, what there is to say)."""
        shown = self.found[:PAGE]
        known = self._known(shown)
        people = names({each[2].get("by") for row in shown for each in row.conflicts or ()})
        hidden = (gettext(N_("A record you cannot see any more")), "")
        return [
            (*known.get((row.record_type, row.record_id), hidden), row.line, self._said(row, people)) for row in shown
        ]

    def _known(self, rows: Collection[ImportUndoRow]) -> dict[tuple[str, int], tuple[str, str]]:
        """(type, id) → (name, address), of those the reader can see; what lies in the bin has no address."""
        found: dict[tuple[str, int], tuple[str, str]] = {}
        for key in {each.record_type for each in rows}:
            ids = [each.record_id for each in rows if each.record_type == key]
            if key not in RECORD_TYPES:
                title = gettext(N_("Follow-up"))
                found |= {(key, id_): (title, url) for id_, url in self.addresses(ids).items()}
                continue
            entity = RECORD_TYPES[key].entity
            there: tuple[tuple[Callable[..., Any], bool], ...] = ((entity.binned_for, False), (entity.visible_to, True))
            for statement, leads in there[0 if g.actor.may(RECORD_TYPES[key].may_delete) else 1 :]:
                columns = statement(g.actor).where(entity.id.in_(ids)).with_only_columns(entity.id, entity.name)
                found |= {
                    (key, row.id): (row.name, f"/{key}/{row.id}" if leads else "")
                    for row in db.session.execute(columns)
                }
        return found

    def _said(self, row: ImportUndoRow, people: dict[int, str]) -> list[str]:
        labels = {each.key: gettext(each.label) for each in self.type.fields}
        said = []
        for why, key, given in row.conflicts or ():
            if key is not None and key not in self.readable:
                said.append(gettext(N_("A field you may not see keeps what it has.")))
            else:
                said.append(_because(why, labels.get(key or "", ""), given, people))
        return said

    @property
    def next_url(self) -> str:
        if len(self.found) <= PAGE:
            return ""
        return f"{self.rows_url(self.kind)}?after={self.found[PAGE - 1].id}"

    @property
    def first_url(self) -> str:
        return self.rows_url(self.kind) if self.after else ""


def _because(why: str, label: str, given: dict[str, Any], people: dict[int, str]) -> str:
    if why == "refused":
        return sentence(given["message"], given["params"])
    if why == "hangs":
        return _hung(given["on"])
    if why == "touched":
        who = people.get(given.get("by") or 0) or gettext(N_("Somebody"))
        return gettext(N_("%(name)s has changed it since."), name=who)
    if why == "changed":
        return gettext(N_("%(field)s: it was changed since and stays."), field=label)
    if why == "waits":
        return gettext(N_("%(field)s: a second person is to confirm what it had before."), field=label)
    return (
        gettext(N_("%(field)s: not yours to change."), field=label)
        if label
        else gettext(N_("It is not yours to change."))
    )


def _hung(table: str) -> str:
    known = RECORD_TYPES.get(table)
    if known is not None and not g.actor.may(known.may_read):  # that there is one is not for everybody
        return gettext(N_("Somebody has added to it since."))
    what = gettext(known.label_plural if known else N_("Follow-ups"))
    return gettext(N_("Somebody has added to it since: %(what)s."), what=what)
