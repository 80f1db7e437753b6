"""The products of a deal and the contacts who take part in it: added, changed, removed."""

from typing import Any

from flask import g, request
from werkzeug.wrappers import Response

from crm.blueprints.opportunities.area import EDIT, bp, place
from crm.blueprints.opportunities.page import ROLE_FIELDS, OpportunityPage
from crm.domain.contacts.models import Contact
from crm.domain.contacts.record_type import CONTACT, CONTACTS_AS_VALUES
from crm.domain.opportunities import lines, taking_part
from crm.domain.opportunities.lines import LINE_FIELDS
from crm.domain.opportunities.models import Opportunity, OpportunityLine
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.web.forms import FieldForm
from crm.web.htmx import is_htmx, render, see_other

SHOWN = 12


def _saved(one: Opportunity, part: str) -> Any:
    """The card with what is new in it, and the head; without the script the page."""
    if not is_htmx():
        return see_other(place.url(one.id))
    db.session.flush()
    db.session.refresh(one)
    return render("opportunities/belonging.swap.html", page=place.page(one), card=part)


def _refused(page: OpportunityPage, part: str) -> Response:
    return place.render("show", 422, part=part, page=page)


@bp.post("/<int:record_id>/lines", needs=EDIT)
def add_line(record_id: int) -> Any:
    return _keep_line(place.one(record_id, EDIT, lock=True), None)


@bp.get("/<int:record_id>/lines/<int:line_id>/edit", needs=EDIT)
def edit_line(record_id: int, line_id: int) -> Any:
    page = _page(place.one(record_id, EDIT))
    page.line = _line(page.record, line_id)
    return place.render("show", part="opportunities/_lines.html", page=page)


@bp.post("/<int:record_id>/lines/<int:line_id>", needs=EDIT)
def change_line(record_id: int, line_id: int) -> Any:
    one = place.one(record_id, EDIT, lock=True)
    return _keep_line(one, _line(one, line_id))


@bp.post("/<int:record_id>/lines/<int:line_id>/removal", needs=EDIT)
def remove_line(record_id: int, line_id: int) -> Any:
    one = place.one(record_id, EDIT, lock=True)
    lines.remove_line(g.actor, one, _line(one, line_id))
    return _saved(one, "opportunities/_lines.html")


def _keep_line(one: Opportunity, line: OpportunityLine | None) -> Any:
    page, form = _page(one), FieldForm.posted(LINE_FIELDS, request.form, prefix="line-")
    page.line, page.line_form = line, form
    if not form.read():
        return _refused(page, "opportunities/_lines.html")
    try:
        if line is None:
            lines.add_line(g.actor, one, form.values)
        else:
            lines.change_line(g.actor, one, line, form.values)
    except Invalid as problem:
        form.refuse(problem, problem.params.get("key", ""))
        return _refused(page, "opportunities/_lines.html")
    return _saved(one, "opportunities/_lines.html")


def _page(one: Opportunity) -> OpportunityPage:
    page = place.page(one)
    assert isinstance(page, OpportunityPage)
    return page


def _line(one: Opportunity, line_id: int) -> OpportunityLine:
    known = OpportunityLine
    return db.one_or_404(db.select(known).where(known.id == line_id, known.opportunity_id == one.id))


@bp.get("/<int:record_id>/contacts/options", needs=EDIT)
def contact_options(record_id: int) -> Any:
    """Contacts while typing; before that those of the customer."""
    one, text = place.one(record_id, EDIT), request.args.get("q", "").strip()
    if not g.actor.may(CONTACT.may_read):
        options: Any = []
    elif text:
        options = CONTACTS_AS_VALUES.search(g.actor, text, SHOWN)
    else:
        own = Contact.visible_to(g.actor).where(Contact.customer_id == one.customer_id).order_by(Contact.id)
        options = [f"{each.name} ({each.number})" for each in db.session.scalars(own.limit(SHOWN))]
    return render("lookup/options.html", options=options)


@bp.post("/<int:record_id>/contacts", needs=EDIT)
def add_contact(record_id: int) -> Any:
    one = place.one(record_id, EDIT, lock=True)
    page, form = _page(one), FieldForm.posted(ROLE_FIELDS, request.form, prefix="people-")
    page.people_form = form
    if not form.read():
        return _refused(page, "opportunities/_people.html")
    text = form.values["contact"]
    found = CONTACTS_AS_VALUES.resolve(g.actor, [text])[text]
    if isinstance(found, Invalid):
        form.refuse(found, "contact")
        return _refused(page, "opportunities/_people.html")
    taking_part.add_contact(g.actor, one, found, form.values["role"])
    return _saved(one, "opportunities/_people.html")


@bp.post("/<int:record_id>/contacts/<int:contact_id>/removal", needs=EDIT)
def remove_contact(record_id: int, contact_id: int) -> Any:
    one = place.one(record_id, EDIT, lock=True)
    taking_part.remove_contact(g.actor, one, contact_id)
    return _saved(one, "opportunities/_people.html")
