"""Customers: what every record has, what they are worth, and their pool."""

from typing import Any

from flask import flash, g, request

from crm.blueprints.customers.page import CustomerPage
from crm.domain.customers.models import Customer
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.pool import moving
from crm.infra.db import db
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.fields import Context, Field
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import see_other
from crm.web.i18n import gettext
from crm.web.records import record_blueprint

bp = record_blueprint(CUSTOMER, CustomerPage)
_EDIT, _ASSIGN = CUSTOMER.may_edit, permission("customers", Action.ASSIGN)
_UNTIL = Field(key="until", label=N_("Until"), kind=FieldKind.DATE)


@bp.post("/<int:record_id>/claim", needs=_EDIT)
def claim(record_id: int) -> Any:
    customer = db.session.scalars(Customer.visible_to(g.actor).where(Customer.id == record_id)).first()
    if customer is None:
        moving.refuse_late(g.actor, record_id)
    moving.claim(g.actor, customer or bp.place.one(record_id))
    flash(gettext(N_("The %(customer)s is yours now.")), "ok")
    return see_other(bp.place.url(record_id))


@bp.post("/<int:record_id>/release", needs=_ASSIGN)
def release(record_id: int) -> Any:
    """Into the pool by hand."""
    customer = bp.place.one(record_id, _ASSIGN, lock=True)
    try:
        moving.release(g.actor, customer)
    except (Invalid, RuleBroken) as problem:
        return _refused(customer, problem)
    flash(gettext(N_("The %(customer)s is in the public pool now.")), "ok")
    seen = db.session.scalar(
        Customer.visible_to(g.actor).where(Customer.id == record_id).with_only_columns(Customer.id)
    )
    return see_other(bp.place.url(record_id) if seen else bp.place.page(customer).list_url)


@bp.post("/<int:record_id>/protection", needs=_ASSIGN)
def protect(record_id: int) -> Any:
    """Out of the pool until a day; without a day not any more."""
    customer = bp.place.one(record_id, _ASSIGN, lock=True)
    try:
        until = _UNTIL.parse(request.form.get("until", ""), Context(g.actor))
        moving.protect(g.actor, customer, until)
    except (Invalid, RuleBroken) as problem:
        return _refused(customer, problem)
    done = (
        N_("The %(customer)s stays out of the public pool.")
        if until
        else N_("The %(customer)s is not protected any more.")
    )
    flash(gettext(done), "ok")
    return see_other(bp.place.url(record_id))


def _refused(customer: Customer, problem: Invalid | RuleBroken) -> Any:
    """The page again, with what was filled in, and why not."""
    page = CustomerPage(CUSTOMER, customer)
    page.pool_problem = told(problem)
    return bp.place.render("show", 422, page=page)
