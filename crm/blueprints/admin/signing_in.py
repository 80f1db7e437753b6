"""What an administrator does about how somebody signs in, and what a role needs for it."""

from typing import Any

from flask import abort, flash, g, request, url_for

from crm.blueprints.admin.area import ADMINISTER, bp
from crm.blueprints.admin.people import one
from crm.domain.account_mail import actions
from crm.domain.people import second_factor
from crm.domain.people.models import Role
from crm.domain.people.sessions import end
from crm.infra.db import db
from crm.kernel.errors import RuleBroken
from crm.kernel.text import N_
from crm.web.account_letter import can_mail
from crm.web.htmx import see_other
from crm.web.i18n import gettext


@bp.post("/people/<int:person_id>/invitation", needs=ADMINISTER)
def invite(person_id: int) -> Any:
    person = one(person_id)
    if not can_mail():  # the mail would be written to the log, and the link with it
        raise RuleBroken(N_("No mail can be sent here: make a password instead."))
    actions.invite(g.actor, person)
    flash(gettext(N_("A link to choose a password is on its way to %(email)s."), email=person.email), "ok")
    return see_other(url_for("admin.person", person_id=person_id))


@bp.post("/people/<int:person_id>/sessions/end", needs=ADMINISTER)
def end_sessions(person_id: int) -> Any:
    """But for the one this is asked through."""
    end(g.actor, one(person_id), but=g.session.id)
    flash(gettext(N_("Everywhere they were signed in they sign in again.")), "ok")
    return see_other(url_for("admin.person", person_id=person_id))


@bp.post("/people/<int:person_id>/second-factor/end", needs=ADMINISTER)
def reset_second_factor(person_id: int) -> Any:
    actions.switch_off(g.actor, one(person_id))
    flash(gettext(N_("The second factor is reset: their password is enough until they set it up again.")), "ok")
    return see_other(url_for("admin.person", person_id=person_id))


@bp.post("/roles/<int:role_id>/second-factor", needs=ADMINISTER)
def require_second_factor(role_id: int) -> Any:
    role = db.session.get(Role, role_id) or abort(404)
    second_factor.require(g.actor, role, request.form.get("required") == "1")
    flash(gettext(N_("Saved.")), "ok")
    return see_other(url_for("admin.role", role_id=role_id))
