"""What whoever administers does about requests."""

from typing import Any

from flask import flash, g, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from crm.blueprints.access.page import views
from crm.blueprints.access.routes import bp
from crm.domain.access.administered import give_account, give_list, refuse, set_door
from crm.domain.access.models import SYSTEM, AccessRequest
from crm.domain.access.words import LONGEST
from crm.domain.people.lasting import until
from crm.domain.people.models import Department, Role
from crm.domain.people.queries import all_roles
from crm.domain.people.roles import ADMINISTRATOR
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import Reach
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.account_letter import can_mail
from crm.web.departments import options
from crm.web.errors import status_of, told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.rights import role_name
from crm.web.sharing import lasting

ADMINISTER = Permission.SYSTEM_ADMINISTER


@bp.get("/<int:request_id>/decision", needs=ADMINISTER)
def deciding(request_id: int) -> Any:
    return _page(_one(request_id))


def _one(request_id: int, *, lock: bool = False) -> AccessRequest:
    found = select(AccessRequest).where(AccessRequest.id == request_id, AccessRequest.subject_id.is_(None))
    one: AccessRequest = db.one_or_404(found.with_for_update() if lock else found)
    return one


def _page(one: AccessRequest, status: int = 200, problem: str = "") -> Response:
    roles = [each for each in all_roles() if not each.baseline]
    if one.subject_type != SYSTEM:
        read = RECORD_TYPES[one.subject_type].entity.read_permission
        roles = [
            each for each in roles if each.key != ADMINISTRATOR and each.reach.get(read, Reach.NONE.name) != "NONE"
        ]
    return render(
        "access/deciding.html",
        status,
        view=views([one])[0],
        account=one.subject_type == SYSTEM,
        roles=[(str(each.id), role_name(each)) for each in roles],
        departments=options(),
        lasting=lasting(),
        mails=can_mail(),
        typed=request.form,
        ticked=request.form.getlist("role"),
        problem=problem,
        longest=LONGEST,
    )


@bp.post("/<int:request_id>/decision", needs=ADMINISTER)
def decide(request_id: int) -> Any:
    one = _one(request_id, lock=True)
    try:
        words = _decided(one)
    except (Invalid, RuleBroken) as error:
        status, problem = status_of(error), told(error)
        db.session.rollback()
        return _page(_one(request_id), status, problem)
    flash(words, "ok")
    return see_other(url_for("access.index"))


def _decided(one: AccessRequest) -> str:
    typed = request.form
    if typed.get("decision") != "yes":
        refuse(g.actor, one, typed.get("answer", ""))
        return gettext(N_("They are told that they do not get it."))
    ids = [int(each) for each in typed.getlist("role") if each.isdecimal() and len(each) < 10]
    roles = [each for each in all_roles() if each.id in ids]
    if one.subject_type != SYSTEM:
        give_list(g.actor, one, _the_one(roles), until(typed.get("lasts", "")))
        return gettext(N_("They have the role now and are told."))
    if not can_mail():
        raise RuleBroken(N_("No mail can be sent here: make the account under “People”, with a password."))
    place = typed.get("department", "")
    department = db.session.get(Department, int(place)) if place.isdecimal() and len(place) < 10 else None
    person = give_account(g.actor, one, typed.get("name", ""), roles, department)
    return gettext(N_("A link to choose a password is on its way to %(email)s."), email=person.email)


def _the_one(roles: list[Role]) -> Role:
    if len(roles) != 1:
        raise Invalid(N_("Choose a role."))
    return roles[0]


@bp.post("/door", needs=ADMINISTER)
def door() -> Any:
    set_door(g.actor, request.form.get("open") == "1")
    flash(gettext(N_("Saved.")), "ok")
    return see_other(url_for("access.index"))
