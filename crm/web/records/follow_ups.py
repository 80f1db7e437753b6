"""Follow-ups on a record's timeline: add, edit and delete one's own."""

from typing import Any

from flask import flash, g, request

from crm.domain.tasks.following import unwrite
from crm.domain.timeline import actions
from crm.domain.timeline.fields import COMPOSED, EDITED
from crm.domain.timeline.models import FollowUp
from crm.domain.timeline.queries import follow_up_of
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web import drafts
from crm.web.blueprint import CrmBlueprint
from crm.web.forms import FieldForm
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import gettext
from crm.web.records.composing import Composed, tell_untold
from crm.web.records.page import RecordPage, follow_up_place
from crm.web.records.place import RecordPlace

_WRITE = Permission.FOLLOW_UPS_WRITE


def add_follow_ups_to(bp: CrmBlueprint, place: RecordPlace) -> None:
    _add_timeline(bp, place)
    _add_composer(bp, place)
    _add_changes(bp, place)


def _add_timeline(bp: CrmBlueprint, place: RecordPlace) -> None:
    @bp.get("/<int:record_id>/timeline", needs=place.type.may_read)
    def timeline(record_id: int) -> Any:
        page = place.page(place.one(record_id))
        return place.render("show", part="records/_timeline_page.html", page=page)


def _add_composer(bp: CrmBlueprint, place: RecordPlace) -> None:
    @bp.post("/<int:record_id>/follow-ups", needs=_WRITE)
    def add_follow_up(record_id: int) -> Any:
        one = place.one(record_id, _WRITE)
        composed = Composed()
        outcome = composed.write(one)
        if outcome is None:
            page = place.page(one)
            page.composer, page.refused = composed.form, composed
            return place.render("show", 422, part="records/_composer.html", page=page)
        tell_untold(outcome.untold, place.noun)
        drafts.forget(follow_up_place(one))
        flash(gettext(N_("The follow-up is saved.")), f"ok draft:{follow_up_place(one)}")
        return _swapped(place, "records/follow_up_added.swap.html", one)

    @bp.post("/<int:record_id>/follow-ups/draft", needs=_WRITE)
    def draft_follow_up(record_id: int) -> Any:
        """What is being written, kept while it is written."""
        one = place.one(record_id, _WRITE)
        texts = {each.key: request.form.get(each.key, "") for each in COMPOSED}
        if texts["body"].strip():
            drafts.keep(follow_up_place(one), texts)
        else:
            drafts.forget(follow_up_place(one))
        return "", 204


def _add_changes(bp: CrmBlueprint, place: RecordPlace) -> None:
    @bp.get("/<int:record_id>/follow-ups/<int:follow_up_id>", needs=place.type.may_read)
    def follow_up(record_id: int, follow_up_id: int) -> Any:
        """The follow-up as it reads (cancel comes back here)."""
        return _swapped(place, "records/_follow_up.html", *_both(place, record_id, follow_up_id))

    @bp.get("/<int:record_id>/follow-ups/<int:follow_up_id>/edit", needs=_WRITE)
    def edit_follow_up(record_id: int, follow_up_id: int) -> Any:
        one, follow_up = _both(place, record_id, follow_up_id)
        form = FieldForm.of(EDITED, follow_up, prefix=_prefix(follow_up))
        return _editing(place.page(one), follow_up, form)

    @bp.post("/<int:record_id>/follow-ups/<int:follow_up_id>", needs=_WRITE)
    def change_follow_up(record_id: int, follow_up_id: int) -> Any:
        one, follow_up = _both(place, record_id, follow_up_id)
        form = FieldForm.posted(EDITED, request.form, prefix=_prefix(follow_up))
        if not form.read():
            return _editing(place.page(one), follow_up, form, 422)
        try:
            changed = actions.change_follow_up(g.actor, one, follow_up, form.values)
        except Invalid as problem:
            form.refuse(problem, problem.params.get("key", ""))
            return _editing(place.page(one), follow_up, form, 422)
        return _swapped(place, "records/follow_up_changed.swap.html", one, follow_up, changed=changed)

    @bp.post("/<int:record_id>/follow-ups/<int:follow_up_id>/deletion", needs=_WRITE)
    def delete_follow_up(record_id: int, follow_up_id: int) -> Any:
        one, follow_up = _both(place, record_id, follow_up_id)
        unwrite(g.actor, one, follow_up)
        return _swapped(place, "records/follow_up_deleted.swap.html", one)


def _both(place: RecordPlace, record_id: int, follow_up_id: int) -> tuple[Any, FollowUp]:
    one = place.one(record_id, _WRITE)
    return one, db.one_or_404(follow_up_of(one, follow_up_id))


def _prefix(follow_up: FollowUp) -> str:
    """The composer on the same page has the same fields."""
    return f"follow-up-{follow_up.id}-"


def _editing(page: RecordPage, follow_up: FollowUp, form: FieldForm, status: int = 200) -> Any:
    return render(
        "records/follow_up_edit.html",
        status,
        part="records/_follow_up_form.html",
        page=page,
        follow_up=follow_up,
        form=form,
    )


def _swapped(place: RecordPlace, part: str, one: Any, follow_up: FollowUp | None = None, **context: Any) -> Any:
    """Only what is new on the page; without the script the page."""
    if not is_htmx():
        return see_other(place.url(one.id))
    db.session.flush()
    db.session.expire_all()
    page = place.page(place.one(one.id))
    item = page.newest.item(follow_up) if follow_up else None
    return render(part, page=page, item=item, **context)
