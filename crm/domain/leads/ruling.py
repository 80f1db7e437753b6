"""What administrators do to the rules about leads: each step is told in the log, and scores follow by a worker."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from crm.domain.leads import assignment, scoring
from crm.domain.leads.conditions import Condition, criterion_of
from crm.domain.leads.events import LeadRulesChanged, LeadScoresWaited
from crm.domain.leads.rule_models import LOAD, POOL, REGION, TURNS, WAYS, AssignmentRule, ScoreRule
from crm.domain.people.models import Department, Person
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import record
from crm.kernel.text import N_, clean

MOST_SCORES, MOST_RULES = 50, 50


def add_score(actor: Actor, condition: Condition, points: int) -> ScoreRule:
    criterion_of(actor, condition)
    if not points or abs(points) > 100:
        raise Invalid(N_("Points are a whole number from -100 to 100, and not 0."), key="points")
    if (db.session.scalar(select(func.count(ScoreRule.id))) or 0) >= MOST_SCORES:
        raise Invalid(N_("There are %(most)s rules already: remove one first."), most=MOST_SCORES)
    key, operator, value = condition
    rule = ScoreRule(field=key, operator=operator, value=value, points=points)
    db.session.add(rule)
    changes: dict[str, list[Any]] = {"conditions": [None, _plainly([condition])], "points": [None, points]}
    record(actor, rule, LeadRulesChanged("scores", changes))
    _score_anew(actor)
    return rule


def remove_score(actor: Actor, rule: ScoreRule) -> None:
    changes: dict[str, list[Any]] = {"conditions": [_plainly([rule.condition]), None], "points": [rule.points, None]}
    record(actor, rule, LeadRulesChanged("scores", changes))
    db.session.delete(rule)
    _score_anew(actor)


def _score_anew(actor: Actor) -> None:
    db.session.flush()
    record(actor, scoring.ask_anew(actor), LeadScoresWaited())


def _plainly(conditions: Sequence[Condition]) -> str:
    return "&".join(f"{key}__{operator}={value}" for key, operator, value in conditions)


def save_assignment(actor: Actor, rule: AssignmentRule | None, given: Mapping[str, Any]) -> AssignmentRule:
    """`given` has name, conditions, way, people, department_id; a new rule (None) comes last."""
    values = _checked(actor, given)
    if rule is None:
        known = assignment.rules()
        if len(known) >= MOST_RULES:
            raise Invalid(N_("There are %(most)s rules already: remove one first."), most=MOST_RULES)
        rule = AssignmentRule(position=max((each.position for each in known), default=0) + 1)
        db.session.add(rule)
    before = {key: getattr(rule, key) for key in values}
    for key, value in values.items():
        setattr(rule, key, value)
    changes = {key: [_told(key, before[key]), _told(key, value)] for key, value in values.items()}
    changes = {key: pair for key, pair in changes.items() if pair[0] != pair[1]}
    if changes:
        record(actor, rule, LeadRulesChanged("assignment", changes))
    return rule


def _checked(actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:
    name, way = clean(given["name"]), given["way"]
    if not name or len(name) > 80:
        raise Invalid(N_("A rule needs a name of at most 80 characters."), key="name")
    if way not in WAYS:
        raise Invalid(N_("Choose how the rule decides."), key="way")
    for each in given["conditions"]:
        criterion_of(actor, each)
    people = [] if way == POOL else list(given["people"])
    _check_people(way, people)
    department = given["department_id"] if way == POOL else None
    if department is not None and db.session.get(Department, department) is None:
        raise Invalid(N_("One of these departments does not exist."), key="department")
    conditions = [list(each) for each in given["conditions"]]
    return {"name": name, "conditions": conditions, "way": way, "people": people, "department_id": department}


def _check_people(way: str, people: Collection[Mapping[str, Any]]) -> None:
    if way in (TURNS, LOAD, REGION) and not people:
        raise Invalid(N_("Say among whom the rule divides."), key="people")
    if way == REGION and not all(each["region"] for each in people):
        raise Invalid(N_("Say for each person which region they look after."), key="people")


def _told(key: str, value: Any) -> Any:
    if key == "conditions":
        return _plainly(value or ())
    if key == "people":
        named = select(Person.id, Person.name).where(Person.id.in_([each["person"] for each in value or ()]))
        names = {row.id: row.name for row in db.session.execute(named)}
        return [" ".join(filter(None, (names.get(each["person"]), each["region"]))) for each in value or ()]
    return value


def move(actor: Actor, rule: AssignmentRule, by: int) -> None:
    """One place up (-1) or down (1)."""
    known = list(assignment.rules())
    at = known.index(rule)
    to = min(max(at + by, 0), len(known) - 1)
    if to == at:
        return
    known.insert(to, known.pop(at))
    for position, each in enumerate(known, 1):
        each.position = position
    record(actor, rule, LeadRulesChanged("assignment", {"position": [at + 1, to + 1]}))


def retire(actor: Actor, rule: AssignmentRule) -> None:
    """What it has given stays given, and the log still knows its name."""
    if rule.retired_at is None:
        rule.retired_at = clock.now()
        record(actor, rule, LeadRulesChanged("assignment", {"retired": [False, True]}))
