"""Customers: list, new, page, sections edited in place, recycle bin."""

from typing import Any

from flask import flash, g, request, url_for
from sqlalchemy import Select

from crm.blueprints.customers.page import CustomerPage
from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.customers.queries import BIN, CUSTOMERS
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.retention.actions import bin_days
from crm.infra.db import db
from crm.kernel.conditions import offered
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.fields import Field
from crm.kernel.permissions import Permission
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.clashes import changed, clashes
from crm.web.confirming import tell_kept
from crm.web.fields import defaults
from crm.web.forms import FieldForm
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import gettext
from crm.web.lists import ListView

bp = CrmBlueprint("customers", __name__, url_prefix="/customers")


def one(statement: Select[Any], customer_id: int, needs: Permission | None = None) -> Customer:
    """The customer, if it exists for this actor; RuleBroken when `needs` does not reach it."""
    customer = db.one_or_404(statement.where(Customer.id == customer_id))
    if needs is not None and not g.actor.holds(customer, needs):
        raise RuleBroken(N_("You can see “%(name)s”, but you may not do this with it."), name=customer.name)
    return customer


@bp.get("/", needs=Permission.CUSTOMERS_READ)
def index() -> Any:
    return render("customers/index.html", view=ListView(CUSTOMERS, url_for("customers.index")))


@bp.get("/new", needs=Permission.CUSTOMERS_CREATE)
def new() -> Any:
    kind = CUSTOMER.open_to(g.actor)
    fields = _asked(kind)
    form = FieldForm(fields, defaults(fields) | request.args.to_dict())
    return render("customers/new.html", form=form, sections=kind.sections)


def _asked(kind: RecordType) -> tuple[Field, ...]:
    return offered(kind.form(g.actor), kind.by_key(), lambda each: each.default)


@bp.post("/", needs=Permission.CUSTOMERS_CREATE)
def create() -> Any:
    kind = CUSTOMER.open_to(g.actor)
    form = FieldForm.posted(_asked(kind), request.form)
    if not form.read():
        return render("customers/new.html", 422, form=form, sections=kind.sections)
    try:
        customer_id = actions.create(g.actor, form.values)
    except Invalid as problem:
        form.refuse(problem, problem.params.get("key", "parent"))
        return render("customers/new.html", 422, form=form, sections=kind.sections)
    flash(gettext(N_("The %(customer)s is saved.")), "ok draft:customer-new")
    return see_other(url_for("customers.show", customer_id=customer_id))


@bp.get("/<int:customer_id>", needs=Permission.CUSTOMERS_READ)
def show(customer_id: int) -> Any:
    customer = one(Customer.visible_to(g.actor), customer_id)
    return render("customers/show.html", page=CustomerPage(customer))


@bp.get("/<int:customer_id>/sections/<section>", needs=Permission.CUSTOMERS_READ)
def section(customer_id: int, section: str) -> Any:
    """The section as it reads (cancel comes back here)."""
    page = CustomerPage(one(Customer.visible_to(g.actor), customer_id))
    return page.section_or_page(section)


@bp.get("/<int:customer_id>/sections/<section>/edit", needs=Permission.CUSTOMERS_EDIT)
def edit(customer_id: int, section: str) -> Any:
    page = CustomerPage(one(Customer.visible_to(g.actor), customer_id, Permission.CUSTOMERS_EDIT))
    return page.editing(section, FieldForm.of(page.writable(section), page.record))


@bp.post("/<int:customer_id>/sections/<section>", needs=Permission.CUSTOMERS_EDIT)
def update(customer_id: int, section: str) -> Any:
    customer = one(Customer.visible_to(g.actor).with_for_update(), customer_id, Permission.CUSTOMERS_EDIT)
    page = CustomerPage(customer)
    form = FieldForm.posted(page.writable(section), request.form)
    if not form.read():
        return page.editing(section, form, 422)
    if theirs := clashes(form, request.form, customer):
        return page.editing(section, form, 409, theirs=theirs)
    try:
        differs = actions.change(g.actor, customer, changed(form, request.form))
    except Invalid as problem:
        form.refuse(problem, problem.params.get("key", "parent"))
        return page.editing(section, form, 422)
    db.session.flush()
    if is_htmx():
        db.session.refresh(customer)
        return CustomerPage(customer).section_swap(section, differs)
    flash(gettext(N_("The %(customer)s is saved.")), "ok")
    tell_kept(page.type, differs.waiting)
    return see_other(url_for("customers.show", customer_id=customer_id))


@bp.post("/<int:customer_id>/deletion", needs=Permission.CUSTOMERS_DELETE)
def delete(customer_id: int) -> Any:
    customer = one(Customer.visible_to(g.actor), customer_id, Permission.CUSTOMERS_DELETE)
    actions.delete(g.actor, customer)
    flash(gettext(N_("“%(name)s” is in the recycle bin. It can be restored from there."), name=customer.name), "ok")
    return see_other(url_for("customers.index"))


@bp.get("/bin", needs=Permission.CUSTOMERS_DELETE)
def bin_index() -> Any:
    view = ListView(BIN, url_for("customers.bin_index"))
    return render("customers/bin.html", view=view, bin_days=bin_days(g.settings.bin_days))


@bp.post("/<int:customer_id>/restoration", needs=Permission.CUSTOMERS_DELETE)
def restore(customer_id: int) -> Any:
    customer = one(Customer.binned_for(g.actor), customer_id, Permission.CUSTOMERS_DELETE)
    actions.restore(g.actor, customer)
    flash(gettext(N_("“%(name)s” is restored."), name=customer.name), "ok")
    return see_other(url_for("customers.show", customer_id=customer_id))
