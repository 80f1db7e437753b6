"""The public pool of the made-up company: its rules, and a few customers that nobody has."""

from collections.abc import Mapping

from crm.demo.dice import dice
from crm.domain.customers.models import Customer
from crm.domain.customers.pool_rules import Rule
from crm.domain.people.models import Department, Person
from crm.domain.pool import moving, ruling
from crm.infra.db import db
from crm.kernel.events import because
from crm.kernel.permissions import Action, permission

_SHARE = 0.03
_WHY = ("负责人精力不足，放入公海供同事领取。", "客户长期无回应，换人跟进。", "No time for it: for whoever has.")


def make_pool(seed: int, people: Mapping[str, Person], departments: Mapping[str, Department]) -> int:
    """Returns how many customers a manager has put into it."""
    administrator, manager = people["chen.siyuan"].actor, people["li.wanqing"].actor
    ruling.save(administrator, None, Rule(days=400, warned_days=14, claims=10, cooling_days=30))
    sales = Rule(days=300, warned_days=7, claims=5, most=2_000, most_of_level={"a": 400}, cooling_days=30)
    ruling.save(administrator, departments["sales"], sales)
    assign, count = permission("customers", Action.ASSIGN), 0
    known = Customer.visible_to(manager).where(Customer.owner_id.is_not(None)).order_by(Customer.id)
    for one in db.session.scalars(known).all():
        rng = dice(seed, "pool", one.id)
        if rng.random() < _SHARE and manager.holds(one, assign):
            with because(rng.choice(_WHY)):
                moving.release(manager, one)
            count += 1
    return count
