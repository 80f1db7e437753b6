"""The system page, for administrators, who may act on it, and auditors, who look."""

from typing import Any

from flask import abort, flash, g, url_for

from crm.blueprints.system.view import SystemView
from crm.domain.system import actions
from crm.domain.system.models import SystemJob
from crm.infra.db import db
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("system_page", __name__, url_prefix="/admin/system")
MAY_ACT = Permission.SYSTEM_ADMINISTER


def may_look() -> None:
    if not (g.actor.may(MAY_ACT) or g.actor.may(Permission.SYSTEM_AUDIT)):
        abort(403)


@bp.get("", needs=SIGNED_IN)
def index() -> Any:
    may_look()
    return render("system/standing.html", view=SystemView(g.settings, may_act=g.actor.may(MAY_ACT)))


@bp.post("/jobs/<int:job_id>/again", needs=MAY_ACT)
def again(job_id: int) -> Any:
    actions.ask_again(g.actor, _locked(job_id))
    flash(gettext(N_("It is done again as soon as a worker is free.")), "ok")
    return see_other(url_for("system_page.index"))


@bp.post("/jobs/<int:job_id>/forget", needs=MAY_ACT)
def forget(job_id: int) -> Any:
    actions.forget_failures(g.actor, _locked(job_id))
    flash(gettext(N_("Put aside. Should it fail again, it stands here again.")), "ok")
    return see_other(url_for("system_page.index"))


def _locked(job_id: int) -> SystemJob:
    return db.first_or_404(db.select(SystemJob).where(SystemJob.id == job_id).with_for_update())
