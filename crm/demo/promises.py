"""What is promised to those who matter most, beside what is delivered."""

from crm.domain.people.models import Person
from crm.domain.sla import policies
from crm.domain.sla.promises import HEAD, OWNER, RESPONSE, SOLUTION, Step

_STEPS = (
    Step(RESPONSE, 80, OWNER),
    Step(RESPONSE, 100, HEAD, raises=True),
    Step(SOLUTION, 80, OWNER),
    Step(SOLUTION, 100, HEAD),
)


def promise(boss: Person) -> None:
    """Above all others, round the clock."""
    given = {"name": "重点客户 Key customers", "types": [], "priorities": [], "levels": ["a"]}
    given |= {"respond_minutes": 60, "solve_minutes": 24 * 60, "in_hours": False, "active": True, "steps": _STEPS}
    one = policies.save(boss.actor, None, given)
    for _ in policies.known_policies()[1:]:
        policies.move(boss.actor, one, -1)
