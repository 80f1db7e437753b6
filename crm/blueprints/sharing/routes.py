"""Share a record of any type; and, for administrators, why somebody can or cannot see it."""

from typing import Any

from flask import abort, flash, g, request, url_for
from sqlalchemy import Select

from crm.domain.imports.models import Import
from crm.domain.people import sharing
from crm.domain.people.lasting import until
from crm.domain.people.models import Department, Person
from crm.domain.people.policy import rights_by_role
from crm.domain.people.queries import PEOPLE, by_id
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.kernel.why import sees, why
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.departments import options
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.rights import REACHES, REASONS, role_name
from crm.web.sharing import Sharing

bp = CrmBlueprint("sharing", __name__, url_prefix="/records")


def _entity(type_key: str) -> Any:
    """Of a type of record, or imports: a colleague may look at one without seeing everybody's."""
    if type_key == Import.__tablename__:
        return Import
    return RECORD_TYPES[type_key].entity if type_key in RECORD_TYPES else abort(404)


def _one(type_key: str, record_id: int) -> Any:
    entity = _entity(type_key)
    return db.one_or_404(entity.visible_to(g.actor).where(entity.id == record_id))


def _page_of(record: Any) -> str:
    return f"{url_for(f'{record.__tablename__}.index')}{record.id}"


@bp.get("/<type_key>/<int:record_id>/shares", needs=SIGNED_IN)
def shares(type_key: str, record_id: int) -> Any:
    return _shares(_one(type_key, record_id))


def _shares(record: Any, status: int = 200, problem: str = "") -> Any:
    return render(
        "sharing/shares.html",
        status,
        record=record,
        record_url=_page_of(record),
        sharing=Sharing(record),
        departments=options(),
        problem=problem,
        asked=request.form.get("person", ""),
        lasts=request.form.get("lasts", ""),
    )


@bp.post("/<type_key>/<int:record_id>/shares", needs=SIGNED_IN)
def share(type_key: str, record_id: int) -> Any:
    record = _one(type_key, record_id)
    try:
        grantee = _grantee(request.form.get("person", "").strip(), request.form.get("department", ""))
        ends = until(request.form.get("lasts", ""))
    except Invalid as problem:
        return _shares(record, 422, told(problem))
    sharing.share(g.actor, record, grantee, ends)
    flash(gettext(N_("“%(record)s” is shared with %(grantee)s."), record=record.name, grantee=grantee.name), "ok")
    return see_other(_page_of(record))


def _grantee(person: str, department: str) -> Person | Department:
    """A person by name or address, or a department by its id."""
    found = db.session.get(Department, int(department)) if department.isdecimal() else None
    if person and (known := PEOPLE.resolve(g.actor, [person])[person]):
        if isinstance(known, Invalid):
            raise known
        return by_id(known)  # type: ignore[return-value]
    if found is None or found.closed_at:
        raise Invalid(N_("Choose a person or a department."))
    return found


@bp.post("/<type_key>/<int:record_id>/shares/<int:share_id>/removal", needs=SIGNED_IN)
def unshare(type_key: str, record_id: int, share_id: int) -> Any:
    record = _one(type_key, record_id)
    sharing.unshare(g.actor, record, share_id)
    flash(gettext(N_("It is not shared with them any more.")), "ok")
    return see_other(_page_of(record))


@bp.get("/<type_key>/<int:record_id>/why", needs=Permission.SYSTEM_ADMINISTER)
def why_seen(type_key: str, record_id: int) -> Any:
    """Also of a record in the recycle bin."""
    if type_key not in RECORD_TYPES:
        abort(404)
    entity, asked = _entity(type_key), request.args.get("person", "").strip()
    record = _first(entity, record_id, entity.visible_to(g.actor)) or _first(
        entity, record_id, entity.binned_for(g.actor)
    )
    found = PEOPLE.resolve(g.actor, [asked])[asked] if asked else None
    problem = told(found) if isinstance(found, Invalid) else ""
    person = by_id(found) if found and not problem else None
    return render(
        "sharing/why.html",
        record=record or abort(404),
        record_url=_page_of(record),
        asked=asked,
        problem=problem,
        person_asked=person,
        answer=Answer(person, record) if person else None,
    )


def _first(entity: Any, record_id: int, statement: Select[Any]) -> Any:
    return db.session.scalars(statement.where(entity.id == record_id)).first()


class Answer:
    """The reasons as sentences that name the rule."""

    def __init__(self, person: Person, record: Any) -> None:
        self.person, self.record, self.actor = person, record, person.actor
        self.reasons = why(self.actor, record)
        self.sees = sees(self.reasons)

    def sentences(self) -> list[str]:
        permission = self.record.read_permission
        reach = self.actor.reach_of(permission)
        giving = [
            role_name(role) for role, rights in rights_by_role(self.person) if rights.reach.get(permission) == reach
        ]
        department = db.session.get(Department, self.record.department_id) if self.record.department_id else None
        places = {
            "person": self.person.name,
            "roles": gettext(N_(", ")).join(giving),
            "reach": gettext(REACHES[reach]),
            "department": department.name if department else "",
        }
        return [gettext(REASONS[each], **places) for each in self.reasons]
