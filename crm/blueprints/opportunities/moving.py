"""A deal put into another stage: from the board by hand or keyboard, from its page, or from a page of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flask import abort, flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.opportunities.area import EDIT, READ, bp, place
from crm.blueprints.opportunities.board_view import BoardPlace, Card, CardWords, board_of
from crm.domain.opportunities.board import standing
from crm.domain.opportunities.models import Opportunity
from crm.domain.opportunities.moving import Spot, move
from crm.domain.opportunities.pipelines import LOST, StageNow, pipelines_of
from crm.domain.opportunities.record_type import OPPORTUNITY
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.text import N_
from crm.web.confirming import kept_words
from crm.web.errors import told
from crm.web.forms import FieldForm
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import gettext

_MEANWHILE = N_("Somebody has moved “%(name)s” meanwhile: it stands in “%(stage)s”.")
_MOVED = N_("“%(name)s” stands in “%(stage)s” now.")


@dataclass
class MovePage:
    """A deal and where it is to go. `form` has the fields that the stage asks for and the deal has not."""

    record: Opportunity
    wanted: StageNow | None = None
    problem: str = ""
    form: FieldForm | None = None

    @property
    def place(self) -> str:
        return request.values.get("list", "")

    @property
    def back_url(self) -> str:
        if request.values.get("back") == "record":
            return place.url(self.record.id)
        return f"{url_for('opportunities.board')}?{self.place or f'pipeline={self.record.pipeline}'}"

    @cached_property
    def board(self) -> BoardPlace:
        return board_of(self.place or f"pipeline={self.record.pipeline}")

    @property
    def stage(self) -> StageNow:
        return pipelines_of(g.actor).stages[self.record.stage]

    @property
    def stages(self) -> list[StageNow]:
        """Those of its pipeline that it may go to."""
        own = pipelines_of(g.actor).by_key[self.record.pipeline].stages
        return [each for each in own if not each.retired or each.key == self.record.stage]

    def asked(self, stage: StageNow) -> tuple[Field, ...]:
        """The fields that the stage asks for and that the actor may fill in."""
        known = OPPORTUNITY.open_to(g.actor).by_key()
        keys = (*stage.required, *(["lost_reason"] if stage.kind == LOST else []))
        fields = [known[key] for key in dict.fromkeys(keys) if key in known and known[key].writable_by(g.actor)]
        return tuple(replace(each, required=True, shown_if=None) for each in fields)

    def missing(self, stage: StageNow) -> tuple[Field, ...]:
        return tuple(each for each in self.asked(stage) if each.value_in(self.record) in (None, []))

    @property
    def card(self) -> Card:
        return CardWords([self.record], self.board.spec).card(self.record, self.stage)

    def heads(self, *keys: str) -> Sequence[Any]:
        return self.board.heads_of(keys)

    @property
    def is_here(self) -> bool:
        """Whether it stands on the board it was moved on."""
        return self.record.pipeline == self.board.pipeline.key


@bp.get("/<int:record_id>/stage", needs=EDIT)
def stage(record_id: int) -> Any:
    """Where it may go; without the script the way to move a card."""
    return render("opportunities/stage.html", page=MovePage(place.one(record_id, EDIT)))


@bp.get("/<int:record_id>/card", needs=READ)
def card(record_id: int) -> Any:
    """The card where it stands (cancel comes back here)."""
    page = MovePage(place.one(record_id))
    return _placed(page, Spot(), ()) if is_htmx() else see_other(page.back_url)


@bp.post("/<int:record_id>/stage", needs=EDIT)
def move_to_stage(record_id: int) -> Any:
    page = MovePage(place.one(record_id, EDIT, lock=True))
    one, before = page.record, page.record.stage
    page.wanted = pipelines_of(g.actor).stages.get(request.form.get("stage", "")) or abort(404)
    if request.form.get("was", before) != before:
        return _elsewhere(page)
    seen = standing(g.actor, page.board.pipeline) if is_htmx() else ""
    fields = _sent(page, page.wanted)
    page.form = FieldForm.posted(fields, request.form, prefix=f"card-{one.id}-") if fields else None
    if page.form is not None and not (_is_answer(fields) and page.form.read()):
        return _asking(page)
    spot = Spot(_id("above"), _id("below"))
    try:
        changed = move(g.actor, one, page.wanted.key, page.form.values if page.form else {}, spot)
    except Invalid as problem:
        return _refused(page, problem)
    words = kept_words(OPPORTUNITY.open_to(g.actor), changed.waiting)
    words = words or gettext(_MOVED, name=one.name, stage=gettext(page.stage.label))
    if not is_htmx():
        flash(words, "ok")
        return see_other(page.back_url)
    db.session.refresh(one)
    return _placed(page, spot, (before, one.stage), words=words, fresh=request.form.get("seen") == seen)


def _sent(page: MovePage, wanted: StageNow) -> tuple[Field, ...]:
    """What the stage asks for and is missing or was answered; nothing where it stands there already."""
    if wanted.key == page.record.stage:
        return ()
    missing = {each.key for each in page.missing(wanted)}
    return tuple(each for each in page.asked(wanted) if each.key in missing or each.key in request.form)


def _is_answer(fields: Sequence[Field]) -> bool:
    return any(each.key in request.form for each in fields)


def _id(name: str) -> int | None:
    given = request.form.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 19 else None


def _refused(page: MovePage, problem: Invalid) -> Response:
    """Beside the field it is about, if that is asked for."""
    key = problem.params.get("key", "")
    if page.form is not None and key in page.form.by_name:
        page.form.refuse(problem, key)
    else:
        page.problem = told(problem)
    return _asking(page)


def _asking(page: MovePage) -> Response:
    return render("opportunities/stage.html", 422, part="opportunities/_card_form.html", page=page)


def _elsewhere(page: MovePage) -> Response:
    """The card as it stands by now."""
    words = gettext(_MEANWHILE, name=page.record.name, stage=gettext(page.stage.label))
    if not is_htmx():
        page.problem = words
        return render("opportunities/stage.html", 409, page=page)
    return _placed(page, Spot(), (request.form["was"], page.record.stage), 409, words=words)


def _placed(
    page: MovePage, spot: Spot, columns: Sequence[str], status: int = 200, *, words: str = "", fresh: bool = False
) -> Response:
    """The card put where it stands, and the heads of the columns concerned; all else on the board stays as it is."""
    if spot.below and page.stage.is_open:
        where = f"beforebegin:#card-{spot.below}"
    elif spot.above and page.stage.is_open:
        where = f"afterend:#card-{spot.above}"
    else:
        where = f"afterbegin:#cards-{page.stage.key}"
    seen = standing(g.actor, page.board.pipeline) if fresh else ""
    return render(
        "opportunities/moved.swap.html",
        status,
        page=page,
        where=where,
        heads=page.heads(*columns) if columns else (),
        words=words,
        bad=status >= 400,
        view=page.board,
        seen=seen,
    )
