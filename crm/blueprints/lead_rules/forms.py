"""The forms of rules about leads: conditions row by row, and who gets what."""

from dataclasses import replace
from functools import cached_property
from typing import Any

from flask import g
from werkzeug.datastructures import MultiDict

from crm.domain.leads.conditions import MOVING, fields_of_rules
from crm.domain.leads.queries import LEADS
from crm.domain.leads.rule_models import LOAD, POOL, REGION, TURNS, AssignmentRule
from crm.domain.people.queries import PEOPLE
from crm.domain.reference.sources import REGIONS
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid
from crm.kernel.listing import ListSpec
from crm.kernel.text import N_, clean
from crm.web.filter_rows import Builder
from crm.web.i18n import gettext

_WAYS = {
    TURNS: N_("In turns among these people"),
    LOAD: N_("To whoever of these people has the fewest open %(leads)s"),
    REGION: N_("By region: to whoever looks after it"),
    POOL: N_("Into a pool, for everybody there to claim"),
}
_EMPTY_ROWS = 3


def rule_list() -> ListSpec:
    """The list of leads with the fields that rules may ask."""
    return replace(LEADS, fields=tuple(fields_of_rules(g.actor).values()))


class Conditions:
    def __init__(self, given: "MultiDict[str, str]") -> None:
        self.builder = Builder(rule_list(), given, without=MOVING)

    @property
    def values(self) -> list[tuple[str, str, str]]:
        return [each.filter for each in self.builder.rows if each.filter is not None]


class ScoreForm(Conditions):
    def __init__(self, given: "MultiDict[str, str]") -> None:
        super().__init__(given)
        self.points = given.get("points", "").strip()

    @property
    def rows(self) -> list[Any]:
        """One condition, or the place for it."""
        return self.builder.shown[:1]

    def read(self) -> tuple[tuple[str, str, str], int]:
        if not self.values:
            raise Invalid(N_("Say when the points are given: a field, how, and a value."), key="f0")
        text = self.points.replace("−", "-").removeprefix("+")
        whole = text.removeprefix("-").isdecimal() and len(text) < 6
        return self.values[0], int(text) if whole else 0


class AssignmentForm(Conditions):
    def __init__(self, given: "MultiDict[str, str]") -> None:
        super().__init__(given)
        self.given = given

    @classmethod
    def of(cls, rule: AssignmentRule | None) -> "AssignmentForm":
        if rule is None:
            return cls(MultiDict({"way": TURNS}))
        asked = Query(filters=tuple((key, operator, value) for key, operator, value in rule.conditions))
        given = {"name": rule.name, "way": rule.way, "department": str(rule.department_id or "")}
        people = PEOPLE.labels(g.actor, [each["person"] for each in rule.people])
        regions = REGIONS.labels(g.actor, {each["region"] for each in rule.people if each["region"]})
        for number, each in enumerate(rule.people):
            given[f"p{number}"] = people.get(each["person"], "")
            given[f"r{number}"] = regions.get(each["region"], "")
        form = cls(MultiDict(given))
        form.builder.rows = form.builder._of(asked)
        return form

    @property
    def ways(self) -> list[tuple[str, str]]:
        return [(key, gettext(words)) for key, words in _WAYS.items()]

    @cached_property
    def people(self) -> list[tuple[int, str, str]]:
        """(number, person, region), and some more to fill in."""
        numbers = sorted(int(key[1:]) for key in self.given if key[:1] == "p" and key[1:].isdecimal())
        rows = [(clean(self.given.get(f"p{n}", "")), clean(self.given.get(f"r{n}", ""))) for n in numbers]
        filled = [each for each in rows if each[0]]
        return [(n, *each) for n, each in enumerate([*filled, *[("", "")] * _EMPTY_ROWS])]

    def read(self) -> dict[str, Any]:
        """As `save_assignment` takes it. Raises Invalid for a person or a region nobody knows."""
        people = [(person, region) for _, person, region in self.people if person]
        known = PEOPLE.resolve(g.actor, {person for person, _ in people})
        places = REGIONS.resolve(g.actor, {region for _, region in people if region})
        for found in (*known.values(), *places.values()):
            if isinstance(found, Invalid):
                raise Invalid(found.message, **found.params, key="people")
        department = self.given.get("department", "")
        return {
            "name": self.given.get("name", ""),
            "way": self.given.get("way", ""),
            "conditions": self.values,
            "people": [{"person": known[one], "region": places[region] if region else None} for one, region in people],
            "department_id": int(department) if department.isdecimal() else None,
        }
