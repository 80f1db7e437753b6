"""Effective rights: what each role gives a person, and what results."""

from dataclasses import dataclass
from typing import Any

from crm.blueprints.admin.area import ADMINISTER, bp
from crm.blueprints.admin.people import one
from crm.blueprints.admin.roles import fields_of
from crm.domain.people.models import Person
from crm.domain.people.policy import rights_by_role
from crm.domain.people.roles import Rights
from crm.kernel.access import FieldRight, Reach
from crm.kernel.modules import lacking_for
from crm.kernel.permissions import Permission, permission
from crm.kernel.text import N_
from crm.web.htmx import render
from crm.web.i18n import gettext
from crm.web.rights import FIELD_RIGHTS, REACHES, SPECIAL, by_type, permission_name, role_name, type_name

_OFF = N_("this module is switched off for their department")


@dataclass(frozen=True)
class Line:
    """One right: what results, and (role, what it gives) for each role that has a say."""

    label: str
    result: str
    given: list[tuple[str, str]]


class EffectiveRights:
    def __init__(self, person: Person) -> None:
        self.person, self.actor = person, person.actor
        self.roles = [(role_name(role), rights) for role, rights in rights_by_role(person)]

    def types(self) -> list[tuple[str, list[Line], list[Line]]]:
        """(type, what may be done, fields that are not fully theirs)"""
        return [
            (type_name(type_), [self._reach(each) for each in permissions], self._fields(type_))
            for type_, permissions in by_type().items()
        ]

    def _reach(self, permission: Permission) -> Line:
        given = [(name, rights.reach[permission]) for name, rights in self.roles if rights.reach.get(permission)]
        words = [(name, gettext(REACHES[reach])) for name, reach in given] + self._switched_off(permission)
        return Line(permission_name(permission), gettext(REACHES[self.actor.reach_of(permission)]), words)

    def _switched_off(self, permission: Permission) -> list[tuple[str, str]]:
        """What takes a right away that a role gives."""
        module = lacking_for(self.actor.modules, permission)
        return [(gettext(module.label), gettext(_OFF))] if module else []

    def _fields(self, type_: str) -> list[Line]:
        labels = {each.key: gettext(each.label) for each in fields_of(type_)}
        held = self.actor.fields.get(type_, {})
        return [
            Line(labels[key], gettext(FIELD_RIGHTS[right]), self._said(type_, key))
            for key, right in held.items()
            if key in labels
        ]

    def _said(self, type_: str, key: str) -> list[tuple[str, str]]:
        """Only a role that lets the type be seen has a say about its fields."""
        read = permission(type_, "read")
        return [
            (name, gettext(FIELD_RIGHTS[rights.fields.get(type_, {}).get(key, FieldRight.WRITE)]))
            for name, rights in self.roles
            if rights.reach.get(read, Reach.NONE) > Reach.NONE
        ]

    def special(self) -> list[Line]:
        return [
            Line(gettext(words), "", [(name, "") for name, _ in self._giving(each)] + self._switched_off(each))
            for each, words in SPECIAL.items()
            if self.actor.may(each) or (self._giving(each) and self._switched_off(each))
        ]

    def _giving(self, permission: Permission) -> list[tuple[str, Rights]]:
        return [(name, rights) for name, rights in self.roles if permission in rights.reach]


@bp.get("/people/<int:person_id>/rights", needs=ADMINISTER)
def effective_rights(person_id: int) -> Any:
    person = one(person_id)
    return render("admin/rights.html", shown=person, rights=EffectiveRights(person))
