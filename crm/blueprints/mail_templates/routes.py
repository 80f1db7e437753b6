"""Templates of mails and messages, as administrators write them."""

from typing import Any

from flask import flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.mail_templates.forms import Preview, TemplateForm
from crm.domain.mail_templates import actions
from crm.domain.mail_templates.models import MailTemplate
from crm.domain.mail_templates.queries import templates
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.errors import Conflict, Invalid, RuleBroken
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.errors import status_of, told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("mail_templates", __name__, url_prefix="/admin/mail-templates")
MAY = Permission.SYSTEM_ADMINISTER


@bp.get("", needs=MAY)
def index() -> Any:
    rows = [(each, gettext(RECORD_TYPES[each.record_type].label)) for each in templates()]
    return render("mail_templates/index.html", rows=rows)


@bp.get("/new", needs=MAY)
def new() -> Any:
    return _form(TemplateForm(request.args))


@bp.post("", needs=MAY)
def make() -> Any:
    return _save(None)


@bp.get("/<int:template_id>", needs=MAY)
def edit(template_id: int) -> Any:
    return _form(TemplateForm.of(_template(template_id)))


@bp.post("/<int:template_id>", needs=MAY)
def change(template_id: int) -> Any:
    return _save(_template(template_id))


@bp.post("/<int:template_id>/retirement", needs=MAY)
def retire(template_id: int) -> Any:
    row = _template(template_id)
    actions.retire(g.actor, row)
    flash(
        gettext(N_("The template “%(title)s” is retired. What was posted with it is still sent."), title=row.name), "ok"
    )
    return see_other(url_for("mail_templates.index"))


def _save(template: MailTemplate | None) -> Response:
    form, step = TemplateForm(request.form, template), request.form.get("do", "")
    try:
        if step == "more":  # another type was chosen: now what there is to insert
            return _form(form)
        if step == "preview":
            return _form(form, preview=form.preview())
        saved = actions.save(g.actor, template, form.given, seen=form.seen)
    except (Invalid, RuleBroken) as problem:
        return _form(form.anew() if isinstance(problem, Conflict) else form, status_of(problem), problem)
    flash(gettext(N_("The template “%(title)s” is saved."), title=saved.name), "ok")
    return see_other(url_for("mail_templates.index"))


def _form(
    form: TemplateForm, status: int = 200, problem: Invalid | RuleBroken | None = None, preview: Preview | None = None
) -> Response:
    template = form.template
    address = url_for("mail_templates.change", template_id=template.id) if template else url_for("mail_templates.make")
    problems = list(form.problems(problem, told(problem))) if problem else []
    return render("mail_templates/form.html", status, form=form, problems=problems, preview=preview, address=address)


def _template(id_: int) -> MailTemplate:
    wanted = db.select(MailTemplate).where(MailTemplate.id == id_, MailTemplate.retired_at.is_(None))
    found: MailTemplate = db.first_or_404(wanted)
    return found
