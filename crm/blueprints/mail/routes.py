"""The outbox, for administrators: whether mail is going out, and what could not be sent. Never what stands in it."""

from typing import Any

from flask import flash, g, request, url_for

from crm.domain.mail import actions
from crm.domain.mail.models import MailRow
from crm.domain.mail.queries import PAGE, failed, standing
from crm.domain.people.queries import names
from crm.infra.db import db
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("mail", __name__, url_prefix="/admin/mail")
MAY = Permission.SYSTEM_ADMINISTER
KINDS = {"ready": N_("Mail"), "template": N_("From a template"), "notifications": N_("Notification")} | {
    "survey": N_("Question how content somebody is")
}


@bp.get("", needs=MAY)
def index() -> Any:
    before = request.args.get("before", "")
    rows = failed(int(before) if before.isdecimal() and len(before) < 19 else None)
    page, people = rows[:PAGE], names({each.person_id for each in rows})
    return render(
        "mail/index.html",
        rows=[(each, people.get(each.person_id or 0) or each.address, KINDS[each.made_of["kind"]]) for each in page],
        standing=standing(),
        server=bool(g.settings.mail_url),
        older=url_for("mail.index", before=page[-1].id) if len(rows) > PAGE else "",
    )


@bp.post("/<int:mail_id>/sending", needs=MAY)
def send_again(mail_id: int) -> Any:
    wanted = db.select(MailRow).where(MailRow.id == mail_id).with_for_update()
    actions.send_again(g.actor, db.first_or_404(wanted))
    flash(gettext(N_("It is tried again at once.")), "ok")
    return see_other(url_for("mail.index"))


@bp.post("/sending", needs=MAY)
def send_all_again() -> Any:
    count = actions.send_all_again(g.actor)
    flash(gettext(N_("Tried again at once: %(count)s"), count=count), "ok")
    return see_other(url_for("mail.index"))
