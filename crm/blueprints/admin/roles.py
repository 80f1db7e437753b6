"""Roles: a matrix of types and actions, special rights, rights to single fields."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.admin.area import ADMINISTER, bp
from crm.domain.people import granting
from crm.domain.people.models import Role
from crm.domain.people.policy import rights_of
from crm.domain.people.queries import all_roles, holders
from crm.domain.people.roles import ADMINISTRATOR, LIMITS, Rights
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import NOBODY, FieldRight, Reach
from crm.kernel.errors import Invalid
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.rights import FIELD_RIGHTS, REACHES, SPECIAL, by_type, permission_name, role_name, type_name

MOST_DIGITS = 9


@dataclass(frozen=True)
class Choose:
    """One select of the editor."""

    name: str
    label: str
    value: str


@dataclass(frozen=True)
class Row:
    label: str
    reach: list[Choose]
    fields: list[Choose]


class RoleEditor:
    def __init__(self, role: Role) -> None:
        self.role, self.rights = role, rights_of(role)
        self.name = role_name(role)
        self.fixed = role.key == ADMINISTRATOR
        self.reaches = [(each.name, gettext(words)) for each, words in REACHES.items()]
        self.field_rights = [(each.name, gettext(words)) for each, words in FIELD_RIGHTS.items()]

    def rows(self) -> list[Row]:
        return [
            Row(type_name(type_), [self._reach(each) for each in actions], self._fields(type_))
            for type_, actions in by_type().items()
        ]

    def _reach(self, permission: Permission) -> Choose:
        value = self.rights.reach.get(permission, Reach.NONE)
        return Choose(f"reach-{permission}", permission_name(permission), value.name)

    def _fields(self, type_: str) -> list[Choose]:
        own = self.rights.fields.get(type_, {})
        return [
            Choose(f"field-{type_}-{each.key}", gettext(each.label), own.get(each.key, FieldRight.WRITE).name)
            for each in fields_of(type_)
        ]

    def limits(self) -> list[tuple[str, str, str]]:
        """(name, label, value) of how much may be taken away, "" for all there is."""
        return [(f"limit-{key}", gettext(words), str(self.rights.limits.get(key, ""))) for key, words in LIMITS.items()]

    def special(self) -> list[tuple[str, str, bool]]:
        return [(each.value, gettext(words), each in self.rights.reach) for each, words in SPECIAL.items()]


def fields_of(type_: str) -> list[Any]:
    """Those that can be kept from somebody: not what a record is known by. As shaped, whatever is kept from oneself."""
    known, anybody = RECORD_TYPES.get(type_), replace(NOBODY, shape=g.actor.shape)
    return [each for each in known.list.open_to(anybody).fields if not each.core] if known else []


def posted(form: Any, before: Rights) -> Rights:
    """What the form says; what it does not mention (as it did not exist when it was opened) stays."""
    reach = {
        each: Reach.__members__.get(form.get(f"reach-{each}", ""), before.reach.get(each, Reach.NONE))
        for permissions in by_type().values()
        for each in permissions
    }
    reach |= {each: Reach.ALL for each in SPECIAL if each.value in form.getlist("special")}
    fields = {type_: _posted_fields(form, type_, before.fields.get(type_, {})) for type_ in RECORD_TYPES}
    return Rights(reach, {type_: rights for type_, rights in fields.items() if rights}, _limits(form, before))


def _limits(form: Any, before: Rights) -> dict[str, int]:
    found = dict(before.limits)
    for key in LIMITS:
        given = form.get(f"limit-{key}")
        if given is not None and not given.strip():
            found.pop(key, None)
        elif given is not None:
            found[key] = _whole(given.strip())
    return found


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        raise Invalid(N_("“%(value)s” is no limit: write a whole number such as 5000, or nothing."), value=text[:60])
    return int(text)


def _posted_fields(form: Any, type_: str, before: Mapping[str, FieldRight]) -> dict[str, FieldRight]:
    rights = dict(before)
    for field in fields_of(type_):
        given = form.get(f"field-{type_}-{field.key}", "")
        rights[field.key] = FieldRight.__members__.get(given, before.get(field.key, FieldRight.WRITE))
    return {key: right for key, right in rights.items() if right < FieldRight.WRITE}


def _one(role_id: int) -> Role:
    return db.session.get(Role, role_id) or abort(404)


@bp.get("/roles", needs=ADMINISTER)
def roles() -> Any:
    return _list()


def _list(status: int = 200, problem: str = "") -> Response:
    names = [(each, role_name(each)) for each in all_roles()]
    retired = [(each, role_name(each)) for each in all_roles(retired=True)]
    return render("admin/roles.html", status, roles=names, retired=retired, holders=holders(), problem=problem)


@bp.post("/roles", needs=ADMINISTER)
def create_role() -> Any:
    like = request.form.get("like", "")
    try:
        made = granting.create_role(
            g.actor, name=request.form.get("name", ""), like=_one(int(like)) if like.isdecimal() else None
        )
    except Invalid as problem:
        return _list(422, told(problem))
    db.session.flush()
    return see_other(url_for("admin.role", role_id=made.id))


@bp.get("/roles/<int:role_id>", needs=ADMINISTER)
def role(role_id: int) -> Any:
    return render("admin/role.html", editor=RoleEditor(_one(role_id)))


@bp.post("/roles/<int:role_id>", needs=ADMINISTER)
def change_role(role_id: int) -> Any:
    one, name = _one(role_id), request.form.get("name", "")
    try:
        rights = posted(request.form, rights_of(one))
    except Invalid as problem:
        return render("admin/role.html", 422, editor=RoleEditor(one), problem=told(problem))
    kept = "" if name == role_name(one) else name  # a ready-made one is called in everybody's language until renamed
    granting.change_role(g.actor, one, name=kept, reach=rights.reach, fields=rights.fields, limits=rights.limits)
    flash(gettext(N_("The role “%(name)s” is saved."), name=role_name(one)), "ok")
    return see_other(url_for("admin.role", role_id=role_id))


@bp.post("/roles/<int:role_id>/retirement", needs=ADMINISTER)
def retire_role(role_id: int) -> Any:
    one = _one(role_id)
    granting.retire_role(g.actor, one)
    flash(gettext(N_("The role “%(name)s” gives nothing to anybody any more."), name=role_name(one)), "ok")
    return see_other(url_for("admin.roles"))


@bp.post("/roles/<int:role_id>/restoration", needs=ADMINISTER)
def restore_role(role_id: int) -> Any:
    one = _one(role_id)
    granting.restore_role(g.actor, one)
    flash(gettext(N_("The role “%(name)s” counts again."), name=role_name(one)), "ok")
    return see_other(url_for("admin.roles"))
