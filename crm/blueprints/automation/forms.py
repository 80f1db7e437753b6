"""The form of a rule, made step by step by the server: what it is about, when, if, then. Another choice asks for the
controls that go with it; without a script the button “Go on” does.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from flask import g
from werkzeug.datastructures import MultiDict

from crm.blueprints.automation import controls
from crm.blueprints.automation.controls import SOMEBODY, Control
from crm.blueprints.automation.words import type_word
from crm.domain.automation import asking, whom
from crm.domain.automation.deeds import DEEDS, deeds_of
from crm.domain.automation.drafts import MOST_ACTIONS, Draft, types_for
from crm.domain.automation.models import AutomationRule
from crm.domain.automation.saying import kinds_for
from crm.domain.people.queries import PEOPLE
from crm.domain.registry import RECORD_TYPES
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid
from crm.kernel.kinds import SOURCED
from crm.kernel.text import N_
from crm.web.filter_rows import Builder
from crm.web.i18n import gettext

_PARTS = ("kind", "field", "from", "to", "tag", "days", "hour", "every", "on", "fact")


class RuleForm:
    def __init__(self, given: "MultiDict[str, str]") -> None:
        self.given = given
        self.type = given.get("type", "") if given.get("type", "") in types_for(g.actor) else ""
        self.changed_type = given.get("was-type", self.type) != self.type  # what was said of another type is void

    @classmethod
    def of(cls, rule: AutomationRule) -> "RuleForm":
        said, type_ = rule.definition, rule.record_type
        given: dict[str, str] = {"name": gettext(rule.name), "type": type_, "department": str(rule.department_id or "")}
        given |= {f"w-{key}": _typed(type_, said["when"], key, value) for key, value in said["when"].items()}
        for number, action in enumerate(said["actions"]):
            given |= {f"a{number}-{key}": value for key, value in _action(action).items()}
        form = cls(MultiDict(given))
        filters = tuple((key, operator, value) for key, operator, value in said.get("conditions", ()))
        if form.builder is not None:
            form.builder.rows = form.builder._of(Query(filters=filters))
        return form

    @property
    def types(self) -> list[tuple[str, str]]:
        return [(each, type_word(each)) for each in types_for(g.actor)]

    @cached_property
    def moment(self) -> dict[str, str]:
        found = {key: self.given.get(f"w-{key}", "") for key in _PARTS} if not self.changed_type else {}
        kinds = kinds_for(self.type) if self.type else []
        if len(kinds) == 1:
            found["kind"] = kinds[0]
        return found if found.get("kind") in kinds else {}

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(each, gettext(controls.KINDS[each])) for each in kinds_for(self.type)] if self.type else []

    @property
    def moment_controls(self) -> list[Control]:
        return controls.of_moment(self.moment, self.type) if self.moment else []

    @cached_property
    def builder(self) -> Builder | None:
        """The rows of the conditions."""
        if self.type not in RECORD_TYPES:
            return None
        given = _joined(self.given) if not self.changed_type else MultiDict()
        return Builder(asking.spec_for(g.actor, self.type), given, without=asking.SELF_DEPENDENT)

    @property
    def condition_fields(self) -> list[Any]:
        """In groups: the record's, and those of its customer."""
        own = [(each.key, gettext(each.label)) for each in asking.own_fields(g.actor, self.type)]
        label, groups = RECORD_TYPES["customers"].label, [(type_word(self.type), own)]
        customer = gettext(label)
        theirs = [
            (each.key, f"{customer} · {gettext(each.label)}") for each in asking.customer_fields(g.actor, self.type)
        ]
        return [*groups, (customer, theirs)] if theirs else groups

    @cached_property
    def actions(self) -> list[dict[str, str]]:
        """Those that were chosen."""
        found = []
        for number in range(MOST_ACTIONS):
            prefix = f"a{number}-"
            each = {key.removeprefix(prefix): value for key, value in self.given.items() if key.startswith(prefix)}
            if each.get("do") in deeds_of(self.type) and not self.changed_type:
                found.append(each)
        return found

    @property
    def deeds(self) -> list[tuple[str, str]]:
        return [(key, gettext(each.label)) for key, each in deeds_of(self.type).items()]

    @property
    def action_rows(self) -> list[tuple[int, str, list[Control]]]:
        """(number, deed, controls), and one more to choose."""
        rows = [
            (n, each["do"], controls.of_action(n, each, self.type, DEEDS[each["do"]].takes))
            for n, each in enumerate(self.actions)
        ]
        return [*rows, (len(rows), "", [])] if len(rows) < MOST_ACTIONS else rows

    def read(self) -> Draft:
        """Raises Invalid for somebody nobody knows; everything else is checked by the verb."""
        department = self.given.get("department", "")
        conditions = [each.filter for each in self.builder.rows if each.filter is not None] if self.builder else []
        return Draft(
            self.given.get("name", ""),
            self.type,
            int(department) if department.isdecimal() else None,
            self.moment,
            conditions,
            [self._read_action(number, each) for number, each in enumerate(self.actions)],
        )

    def _read_action(self, number: int, given: Mapping[str, str]) -> dict[str, str]:
        if given.get("whom") != SOMEBODY:
            return dict(given)
        text = given.get("person", "")
        found = PEOPLE.resolve(g.actor, {text})[text] if text else None
        if found is None or isinstance(found, Invalid):
            problem = found or Invalid(N_("Say who: choose somebody."))
            raise Invalid(problem.message, **{**problem.params, "key": f"a{number}-person"})
        return {**given, "whom": f"{whom.PERSON}{found}"}


def _joined(given: "MultiDict[str, str]") -> "MultiDict[str, str]":
    """Several ticked values of a condition are one value."""
    many = {key: ",".join(each) for key, each in given.lists() if key[:1] == "v" and key[1:].isdecimal()}
    return MultiDict(given.to_dict() | many)


def _typed(type_key: str, when: Mapping[str, Any], key: str, value: Any) -> str:
    """A value as events keep it, as the form has it."""
    if key not in ("from", "to"):
        return str(value)
    field = RECORD_TYPES[type_key].open_to(g.actor).by_key().get(when["field"])
    if field is not None and field.kind in SOURCED and field.source is not None:
        return str(field.source.labels(g.actor, [value]).get(value, ""))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(value) if isinstance(value, list) else str(value)


def _action(action: Mapping[str, Any]) -> dict[str, str]:
    said = {key: str(value) for key, value in action.items()}
    if said.get("whom", "").startswith(whom.PERSON):
        id_ = int(said["whom"].removeprefix(whom.PERSON))
        said |= {"whom": SOMEBODY, "person": PEOPLE.labels(g.actor, [id_]).get(id_, "")}
    if said["do"] == "notify" and "template" in said:
        said["message"] = said.pop("template")
    if "title" in said:
        title = said["title"]
        said["title"] = gettext(title)
    return said
