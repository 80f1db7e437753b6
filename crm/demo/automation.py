"""Rules of automation of the made-up company: the delivered ones, switched on, and two of its own."""

from collections.abc import Mapping

from sqlalchemy import select

from crm.domain.automation import ruling
from crm.domain.automation.drafts import Draft
from crm.domain.automation.models import AutomationRule
from crm.domain.people.models import Department, Person
from crm.infra.db import db


def make_rules(people: Mapping[str, Person], departments: Mapping[str, Department]) -> int:
    """Last of all, so that they act on what visitors do and not on the company's past. Returns how many are on."""
    administrator = people["chen.siyuan"].actor
    known = list(db.session.scalars(select(AutomationRule).where(AutomationRule.key.is_not(None))))
    known += [ruling.make(administrator, each) for each in _own(departments["sales"].id)]
    for rule in known:
        ruling.switch(administrator, rule, on=True)
    return len(known)


def _own(sales: int) -> tuple[Draft, ...]:
    return (
        Draft(
            "升为 A 级客户：安排拜访并告知主管",
            "customers",
            sales,
            {"kind": "changed", "field": "level", "to": "a"},
            (("lifecycle_stage", "in", "interested,active,loyal"),),
            (
                {"do": "task", "title": "拜访 {name}", "days": "7", "whom": "owner"},
                {"do": "notify", "whom": "managers"},
            ),
        ),
        Draft(
            "New contact at a key customer: tell the owner of the customer",
            "contacts",
            None,
            {"kind": "created"},
            (("customer.level", "is", "a"),),
            ({"do": "notify", "whom": "customer_owner"},),
        ),
    )
