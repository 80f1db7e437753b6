"""Changes that wait for a second person: all of them, one of them, and what becomes of it."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, g, request, url_for
from sqlalchemy.exc import DataError, IntegrityError
from werkzeug.wrappers import Response

from crm.domain.confirming import actions
from crm.domain.confirming.actions import DECIDED, Overtaken
from crm.domain.confirming.models import PendingChange, State
from crm.domain.confirming.queries import PAGE, of_type
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.fields import Field
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.confirming import Item, items
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("confirming", __name__, url_prefix="/confirmations")


class _One:
    """A change that waits, of a record and in a field that exist for the reader; else there is nothing here."""

    def __init__(self, pending_id: int, *, to_confirm: bool = False, lock: bool = False) -> None:
        self.pending = db.session.get(PendingChange, pending_id) or abort(404)
        self.type: RecordType = RECORD_TYPES[self.pending.subject_type].open_to(g.actor)
        if not g.actor.may(self.type.may_confirm if to_confirm else self.type.may_read):
            abort(403 if to_confirm else 404)
        statement = self.type.entity.visible_to(g.actor).where(self.type.entity.id == self.pending.subject_id)
        self.record: Any = db.one_or_404(statement.with_for_update() if lock else statement)
        self.field: Field = self.type.by_key().get(self.pending.field) or abort(404)

    @property
    def record_url(self) -> str:
        return f"{url_for(f'{self.type.key}.index')}{self.record.id}"

    def page(self, status: int = 200, problem: str = "") -> Response:
        if self.pending.state != State.ASKED:
            flash(gettext(DECIDED), "warn")
            return see_other(self.record_url)
        found = items(self.type, {self.record.id: self.record}, [self.pending])
        return render("confirming/show.html", status, one=found[0], record=self.record, problem=problem)

    def done(self, words: str) -> Response:
        flash(gettext(words, field=gettext(self.field.label)), "ok")
        return see_other(self.record_url if request.form.get("back") != "list" else url_for("confirming.index"))


@bp.get("", needs=SIGNED_IN)
def index() -> Any:
    """Of every type of which the reader may confirm something, oldest first."""
    after = request.args.get("after", "")
    begin = int(after) if after.isdecimal() and len(after) < 19 else 0
    types = {each.key: each.open_to(g.actor) for each in RECORD_TYPES.values() if g.actor.may(each.may_confirm)}
    if not types:
        abort(403)
    found = sorted((each for type_ in types.values() for each in _of(type_, begin)), key=lambda each: each.id)
    shown = found[:PAGE]
    rows = {each.id: each for type_ in types.values() for each in _rows(type_, shown)}
    older = url_for("confirming.index", after=shown[-1].id) if len(found) > PAGE else ""
    first = url_for("confirming.index") if after else ""
    ordered = [rows[each.id] for each in shown if each.id in rows]
    return render("confirming/index.html", rows=ordered, older=older, first=first)


def _of(type_: RecordType, begin: int) -> Sequence[PendingChange]:
    return of_type(type_.key, type_.entity.visible_to(g.actor), type_.by_key().keys(), begin)


def _rows(type_: RecordType, shown: Sequence[PendingChange]) -> list[Item]:
    own = [each for each in shown if each.subject_type == type_.key]
    return items(type_, _records(g.actor, type_, {each.subject_id for each in own}), own)


def _records(actor: Actor, type_: RecordType, ids: set[int]) -> dict[int, Any]:
    return {
        each.id: each for each in db.session.scalars(type_.entity.visible_to(actor).where(type_.entity.id.in_(ids)))
    }


@bp.get("/<int:pending_id>", needs=SIGNED_IN)
def show(pending_id: int) -> Any:
    return _One(pending_id).page()


@bp.post("/<int:pending_id>/confirmation", needs=SIGNED_IN)
def confirm(pending_id: int) -> Any:
    one = _One(pending_id, to_confirm=True, lock=True)
    seen = request.form.get("seen", "")
    try:
        with db.session.begin_nested():
            one.type.verbs.confirm(g.actor, one.record, one.pending, seen=int(seen) if seen.isdecimal() else None)
    except Overtaken as problem:
        return one.page(409, told(problem))
    except (Invalid, RuleBroken) as problem:
        return one.page(422, told(problem))
    except (IntegrityError, DataError):
        return one.page(422, gettext(N_("This value cannot be kept: something it refers to was removed meanwhile.")))
    return one.done(N_("“%(field)s” is changed as it was asked for."))


@bp.post("/<int:pending_id>/refusal", needs=SIGNED_IN)
def refuse(pending_id: int) -> Any:
    one = _One(pending_id, to_confirm=True, lock=True)
    actions.refuse(g.actor, one.record, one.pending, one.field, request.form.get("reason", ""))
    return one.done(N_("The change of “%(field)s” is refused; the record keeps what it has."))


@bp.post("/<int:pending_id>/withdrawal", needs=SIGNED_IN)
def withdraw(pending_id: int) -> Any:
    one = _One(pending_id, lock=True)
    actions.withdraw(g.actor, one.record, one.pending, one.field)
    return one.done(N_("The change of “%(field)s” is withdrawn."))
