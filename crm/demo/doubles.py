"""Customers that a colleague has written down a second time, otherwise: for the workbench of duplicates."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crm.demo.customers import Sketch
from crm.domain.customers import actions
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.duplicates import searching
from crm.domain.people.models import Person
from crm.domain.reference.companies import taken_apart
from crm.infra import clock

EVERY = 150
"""Of each so-manieth customer there is a second one."""


def make_doubles(sketches: Sequence[Sketch], owners: Sequence[Person], boss: Person, now: dt.datetime) -> int:
    """Yesterday, and today the boss has asked for a search; returns how many."""
    rows = list(_rows(sketches, owners))
    if rows:
        with clock.frozen(now - dt.timedelta(days=1)):
            actions.create_many(boss.actor, rows)
        with clock.frozen(now - dt.timedelta(hours=1)):
            searching.ask(boss.actor, CUSTOMER)
    return len(rows)


def _rows(sketches: Sequence[Sketch], owners: Sequence[Person]) -> Iterator[dict[str, Any]]:
    for at in range(EVERY - 1, len(sketches), EVERY):
        one = next((each for each in sketches[at - EVERY + 1 : at + 1] if _is_company(each.texts)), None)
        if one is not None:
            reached = {key: one.values[key] for key in ("phone", "email", "region") if key in one.values}
            owner = owners[(one.index + 1) % len(owners)]
            yield reached | {"name": _otherwise(one), "type": "company", "owner": owner.id}


def _is_company(texts: Mapping[str, Any]) -> bool:
    return texts["type"] == "company" and not texts["name"].isascii()


def _otherwise(one: Sketch) -> str:
    return f"{taken_apart(one.texts['name']).core}（{one.place.city}）有限公司"
