"""Follow-ups on a customer's timeline: add, edit and delete one's own."""

from typing import Any

from flask import flash, g, request, url_for

from crm.blueprints.customers.page import CustomerPage, follow_up_place
from crm.blueprints.customers.routes import bp, one
from crm.domain.customers.models import Customer
from crm.domain.timeline import actions
from crm.domain.timeline.fields import FOLLOW_UP_FIELDS
from crm.domain.timeline.models import FollowUp
from crm.domain.timeline.queries import follow_up_of
from crm.infra.db import db
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web import drafts
from crm.web.forms import FieldForm
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import gettext


@bp.get("/<int:customer_id>/timeline", needs=Permission.CUSTOMERS_READ)
def timeline(customer_id: int) -> Any:
    page = CustomerPage(one(Customer.visible_to(g.actor), customer_id))
    return render("customers/show.html", part="customers/_timeline_page.html", page=page)


@bp.post("/<int:customer_id>/follow-ups", needs=Permission.FOLLOW_UPS_WRITE)
def add_follow_up(customer_id: int) -> Any:
    customer = one(Customer.visible_to(g.actor), customer_id, Permission.FOLLOW_UPS_WRITE)
    page, form = CustomerPage(customer), FieldForm.posted(FOLLOW_UP_FIELDS, request.form)
    if not form.read():
        page.composer = form
        return render("customers/show.html", 422, part="customers/_composer.html", page=page)
    actions.add_follow_up(g.actor, customer, form.values)
    drafts.forget(follow_up_place(customer_id))
    flash(gettext(N_("The follow-up is saved.")), f"ok draft:follow-up-{customer_id}")
    return _swapped("customers/follow_up_added.swap.html", customer)


@bp.post("/<int:customer_id>/follow-ups/draft", needs=Permission.FOLLOW_UPS_WRITE)
def draft_follow_up(customer_id: int) -> Any:
    """What is being written, kept while it is written."""
    customer = one(Customer.visible_to(g.actor), customer_id, Permission.FOLLOW_UPS_WRITE)
    texts = {each.key: request.form.get(each.key, "") for each in FOLLOW_UP_FIELDS}
    if texts["body"].strip():
        drafts.keep(follow_up_place(customer.id), texts)
    else:
        drafts.forget(follow_up_place(customer.id))
    return "", 204


@bp.get("/<int:customer_id>/follow-ups/<int:follow_up_id>", needs=Permission.CUSTOMERS_READ)
def follow_up(customer_id: int, follow_up_id: int) -> Any:
    """The follow-up as it reads (cancel comes back here)."""
    return _swapped("customers/_follow_up.html", *_both(customer_id, follow_up_id))


@bp.get("/<int:customer_id>/follow-ups/<int:follow_up_id>/edit", needs=Permission.FOLLOW_UPS_WRITE)
def edit_follow_up(customer_id: int, follow_up_id: int) -> Any:
    customer, follow_up = _both(customer_id, follow_up_id)
    form = FieldForm.of(FOLLOW_UP_FIELDS, follow_up, prefix=_prefix(follow_up))
    return _editing(customer, follow_up, form)


@bp.post("/<int:customer_id>/follow-ups/<int:follow_up_id>", needs=Permission.FOLLOW_UPS_WRITE)
def change_follow_up(customer_id: int, follow_up_id: int) -> Any:
    customer, follow_up = _both(customer_id, follow_up_id)
    form = FieldForm.posted(FOLLOW_UP_FIELDS, request.form, prefix=_prefix(follow_up))
    if not form.read():
        return _editing(customer, follow_up, form, 422)
    changed = actions.change_follow_up(g.actor, customer, follow_up, form.values)
    return _swapped("customers/follow_up_changed.swap.html", customer, follow_up, changed=changed)


@bp.post("/<int:customer_id>/follow-ups/<int:follow_up_id>/deletion", needs=Permission.FOLLOW_UPS_WRITE)
def delete_follow_up(customer_id: int, follow_up_id: int) -> Any:
    customer, follow_up = _both(customer_id, follow_up_id)
    actions.delete_follow_up(g.actor, customer, follow_up)
    return _swapped("customers/follow_up_deleted.swap.html", customer)


def _both(customer_id: int, follow_up_id: int) -> tuple[Customer, FollowUp]:
    customer = one(Customer.visible_to(g.actor), customer_id, Permission.FOLLOW_UPS_WRITE)
    return customer, db.one_or_404(follow_up_of(customer, follow_up_id))


def _prefix(follow_up: FollowUp) -> str:
    """The composer on the same page has the same fields."""
    return f"follow-up-{follow_up.id}-"


def _editing(customer: Customer, follow_up: FollowUp, form: FieldForm, status: int = 200) -> Any:
    return render(
        "customers/follow_up_edit.html",
        status,
        part="customers/_follow_up_form.html",
        page=CustomerPage(customer),
        follow_up=follow_up,
        form=form,
    )


def _swapped(part: str, customer: Customer, follow_up: FollowUp | None = None, **context: Any) -> Any:
    """Only what is new on the page; without the script the page."""
    if not is_htmx():
        return see_other(url_for("customers.show", customer_id=customer.id))
    db.session.flush()
    db.session.expire_all()
    page = CustomerPage(one(Customer.visible_to(g.actor), customer.id))
    item = page.newest.item(follow_up) if follow_up else None
    return render(part, page=page, item=item, **context)
