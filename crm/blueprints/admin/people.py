"""People: found, given an account, changed, given a new password."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import abort, flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.admin.area import ADMINISTER, bp
from crm.blueprints.admin.departments import department_named
from crm.domain.account_mail.actions import invite
from crm.domain.handover import actions as handover
from crm.domain.handover.queries import newest
from crm.domain.people import accounts, granting
from crm.domain.people.directory import Wanted, people_found
from crm.domain.people.lending import lent
from crm.domain.people.models import Department, Person, Role
from crm.domain.people.queries import all_roles, roles_of
from crm.domain.people.sessions import sessions_of
from crm.infra.db import db
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.text import N_
from crm.web.account_letter import can_mail
from crm.web.departments import options
from crm.web.errors import told
from crm.web.formats import date
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.rights import role_name


def one(person_id: int) -> Person:
    """To be changed, nobody else can meanwhile: two who close one account must not both hand over."""
    locked = request.method == "POST"
    return db.session.get(Person, person_id, with_for_update=locked or None, populate_existing=locked) or abort(404)


@dataclass
class PersonForm:
    """What stands in the controls, as it was typed."""

    texts: Mapping[str, str]
    ticked: set[int] = field(default_factory=set)
    problem: str = ""
    lent: Mapping[int, dt.date] = field(default_factory=dict)

    @classmethod
    def posted(cls) -> "PersonForm":
        return cls(request.form.to_dict(), {int(each) for each in request.form.getlist("role") if each.isdecimal()})

    @classmethod
    def of(cls, person: Person) -> "PersonForm":
        department = str(person.department_id or "")
        texts = {"name": person.name, "position": person.position or "", "department": department}
        return cls(texts, {role.id for role in roles_of(person)}, lent=lent(person))

    @property
    def name(self) -> str:
        return self.texts.get("name", "")

    @property
    def position(self) -> str:
        return self.texts.get("position", "")

    def department(self, now: int | None = None) -> Department | None:
        """Whoever is in a closed department may stay there."""
        text = self.texts.get("department", "")
        return db.session.get(Department, now) if now and text == str(now) else department_named(text)

    def roles(self) -> list[Role]:
        return [role for role in all_roles() if role.id in self.ticked]

    def options(self) -> list[tuple[int, str, bool]]:
        """(id, name, ticked) of the roles that can be given; everybody has the baseline anyway."""
        given = [each for each in all_roles() if not each.baseline]
        return [(each.id, self._called(each), each.id in self.ticked) for each in given]

    def _called(self, role: Role) -> str:
        """With the last day of what they have for a time."""
        ends = self.lent.get(role.id)
        return (
            gettext(N_("%(role)s (until %(day)s)"), role=role_name(role), day=date(ends)) if ends else role_name(role)
        )


@bp.get("/people", needs=ADMINISTER)
def people() -> Any:
    number = request.args.get("page", "1")
    wanted = Wanted(
        request.args.get("q", "").strip(),
        request.args.get("department", ""),
        request.args.get("state", "open"),
        min(int(number), 10_000) if number.isdecimal() and int(number) else 1,
    )
    found, more = people_found(wanted)
    asked = {"q": wanted.search, "department": wanted.department, "state": wanted.state}
    newer = url_for("admin.people", page=wanted.page - 1, **asked) if wanted.page > 1 else ""
    older = url_for("admin.people", page=wanted.page + 1, **asked) if more else ""
    rows = [(each, [role_name(role) for role in each.roles]) for each in found]
    return render("admin/people.html", rows=rows, wanted=wanted, departments=options(), newer=newer, older=older)


@bp.get("/people/new", needs=ADMINISTER)
def new_person() -> Any:
    return _new(PersonForm({}))


def _new(form: PersonForm, status: int = 200) -> Response:
    server = can_mail()
    return render("admin/person_new.html", status, form=form, departments=options(), server=server)


@bp.post("/people", needs=ADMINISTER)
def create_person() -> Any:
    form = PersonForm.posted()
    given = request.form.get("password", "")
    try:
        person = accounts.open_account(
            g.actor,
            email=form.texts.get("email", ""),
            name=form.name,
            roles=form.roles(),
            password=given or None,
            position=form.position,
            department=form.department(),
        )
    except (Invalid, RuleBroken) as problem:
        form.problem = told(problem)
        return _new(form, 422)
    if request.form.get("how") == "link" and can_mail():
        invite(g.actor, person)
        flash(
            gettext(N_("%(name)s has an account. A link to choose a password is on its way."), name=person.name), "ok"
        )
        return see_other(url_for("admin.person", person_id=person.id))
    if not given:
        return _told_once(person, accounts.new_password(g.actor, person))
    flash(gettext(N_("%(name)s has an account."), name=person.name), "ok")
    return see_other(url_for("admin.person", person_id=person.id))


def _told_once(person: Person, password: str) -> Response:
    """The answer itself, no page to go to: the password is kept nowhere, so its form brings no idempotency key."""
    return render("admin/password_once.html", shown=person, password=password)


@bp.get("/people/<int:person_id>", needs=ADMINISTER)
def person(person_id: int) -> Any:
    found = one(person_id)
    return _show(found, PersonForm.of(found))


def _show(person: Person, form: PersonForm, status: int = 200) -> Response:
    return render(
        "admin/person.html",
        status,
        shown=person,
        form=form,
        departments=_departments(person),
        handover=newest(person),
        sessions=len(sessions_of(person)),
        server=can_mail(),
    )


def _departments(person: Person) -> list[tuple[str, str]]:
    """Whoever is in a closed one is not moved by saving something else."""
    found = options()
    if person.department_id is not None and str(person.department_id) not in dict(found):
        closed = db.session.get_one(Department, person.department_id)
        found.append((str(closed.id), gettext(N_("%(name)s (closed)"), name=closed.name)))
    return found


@bp.post("/people/<int:person_id>", needs=ADMINISTER)
def change_person(person_id: int) -> Any:
    found, form = one(person_id), PersonForm.posted()
    try:
        accounts.change_person(g.actor, found, name=form.name, position=form.position)
        handover.move(g.actor, found, form.department(found.department_id))
        granting.give_roles(g.actor, found, form.roles())
    except (Invalid, RuleBroken) as problem:
        form.problem = told(problem)
        return _show(found, form, 422)
    flash(gettext(N_("%(name)s is saved."), name=found.name), "ok")
    return see_other(url_for("admin.person", person_id=person_id))


@bp.post("/people/<int:person_id>/password", needs=ADMINISTER)
def new_password(person_id: int) -> Any:
    found = one(person_id)
    return _told_once(found, accounts.new_password(g.actor, found))
