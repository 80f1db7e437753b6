"""Leads: what every record has, and besides it the pool, the steps of the status, conversion and its undoing."""

from typing import Any

from flask import flash, g, request
from werkzeug.wrappers import Response

from crm.blueprints.leads.conversion import ConversionForm
from crm.blueprints.leads.page import LeadPage
from crm.domain.leads.actions import change
from crm.domain.leads.choices import WON
from crm.domain.leads.claiming import claim as claim_lead
from crm.domain.leads.claiming import refuse_late
from crm.domain.leads.converting import convert as convert_lead
from crm.domain.leads.converting import found
from crm.domain.leads.models import Lead
from crm.domain.leads.record_type import LEAD
from crm.domain.leads.undoing import Kept, undo
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import is_htmx, see_other
from crm.web.i18n import gettext, noun
from crm.web.records import record_blueprint

bp = record_blueprint(LEAD, LeadPage)
_EDIT = LEAD.may_edit


@bp.post("/<int:record_id>/claim", needs=_EDIT)
def claim(record_id: int) -> Any:
    lead = db.session.scalars(Lead.visible_to(g.actor).where(Lead.id == record_id)).first()
    if lead is None:
        refuse_late(g.actor, record_id)
    claim_lead(g.actor, lead or bp.place.one(record_id))
    flash(gettext(N_("The %(lead)s is yours now.")), "ok")
    return see_other(bp.place.url(record_id))


@bp.post("/<int:record_id>/status", needs=_EDIT)
def move(record_id: int) -> Any:
    """The next step, one back, given up, or taken up again."""
    lead = bp.place.one(record_id, _EDIT, lock=True)
    page = LeadPage(LEAD, lead)
    keys = ("status", "discard_reason", "discard_text")
    given = {key: clean for key in keys if (clean := request.form.get(key, "").strip())}
    form = page.discarding
    try:
        differs = change(g.actor, lead, _parsed(page, given))
    except Invalid as problem:
        form.refuse(problem, problem.params.get("key", ""))
        for control in form:
            control.text = given.get(control.name, "")
        return bp.place.render("discard", 422, page=page, form=form, problem=told(problem))
    db.session.flush()
    if is_htmx() and page.type.section("status"):
        db.session.refresh(lead)
        return LeadPage(LEAD, lead).section_swap("status", differs)
    flash(gettext(N_("The %(record)s is saved."), record=bp.place.noun), "ok")
    return see_other(bp.place.url(record_id))


def _parsed(page: LeadPage, given: dict[str, str]) -> dict[str, Any]:
    known = page.type.by_key()
    return {key: known[key].parse(text, Context(g.actor)) for key, text in given.items() if key in known}


@bp.get("/<int:record_id>/conversion", needs=_EDIT)
def conversion(record_id: int) -> Any:
    lead = bp.place.one(record_id, _EDIT)
    if lead.status == WON:
        return see_other(bp.place.url(record_id))
    return _conversion(lead, ConversionForm(lead))


@bp.post("/<int:record_id>/conversion", needs=_EDIT)
def convert(record_id: int) -> Any:
    lead = bp.place.one(record_id, _EDIT, lock=True)
    if lead.status == WON:  # a second tap, or somebody else was quicker
        flash(gettext(N_("This %(lead)s is converted already.")), "info")
        return see_other(bp.place.url(record_id))
    form = ConversionForm(lead, request.form)
    try:
        with db.session.begin_nested():
            convert_lead(g.actor, lead, form.read())
    except Invalid as problem:
        form.problem = told(problem)
        return _conversion(lead, form, 422)
    flash(gettext(N_("The %(lead)s is converted: this is what it became.")), "ok")
    customer = found(g.actor, "customers", lead.customer_id)
    seen = customer is not None and g.actor.may(RECORD_TYPES["customers"].may_read)
    return see_other(f"/customers/{customer.id}" if seen else bp.place.url(record_id))


def _conversion(lead: Lead, form: ConversionForm, status: int = 200) -> Response:
    return bp.place.render("conversion", status, page=LeadPage(LEAD, lead), form=form)


@bp.post("/<int:record_id>/conversion/undoing", needs=_EDIT)
def undo_conversion(record_id: int) -> Any:
    kept = undo(g.actor, bp.place.one(record_id, _EDIT, lock=True))
    flash(gettext(N_("The conversion is undone.")), "ok")
    for each in kept:
        flash(_stays(each), "warn")
    return see_other(bp.place.url(record_id))


def _stays(each: Kept) -> str:
    return gettext(
        N_("The %(record)s “%(name)s” stays: %(why)s."),
        record=noun(RECORD_TYPES[each.type].label),
        name=each.name,
        why=gettext(each.why),
    )
