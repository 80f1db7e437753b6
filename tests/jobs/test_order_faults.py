"""Whoever writes many records locks them in the order of their ids, in whatever order they are asked and lie: of two at
once the one waits for the other, and never both. Real connections."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from crm.config import Settings
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.handover import actions as handovers
from crm.domain.imports.batch import Batch
from crm.domain.imports.models import Import
from crm.domain.imports.results import Row
from crm.domain.mail_templates import models  # noqa: F401 - a table that others lead to
from crm.domain.people import actions as people
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Person
from crm.domain.people.structure import create_department
from crm.domain.timeline.actions import touch_all
from crm.infra.db import db
from tests.jobs.test_merge_faults import actor, locked, seen, some_wait
from tests.jobs.test_pool_faults import alone, at_once

__all__ = ["alone"]


@pytest.fixture
def ids(alone: tuple[Flask, Settings]) -> tuple[int, int]:
    """Two customers of somebody's, the first of which lies behind the second."""
    rep = people.create_person(SYSTEM, email="rep@example.com", name="Rep", role="sales_rep")
    first, last = customers.create_many(rep.actor, [{"name": each} for each in ("A", "B")])
    db.session.commit()
    db.session.execute(text("UPDATE customers SET competitor = 'X' WHERE id = :first"), {"first": first})
    db.session.commit()
    return first, last


def rep() -> Person:
    return db.session.scalars(select(Person).filter_by(name="Rep")).one()


def changed(first: int, last: int) -> None:
    customers.VERBS.change_many(actor(), [(last, {"remarks": "many"}), (first, {"remarks": "many"})])


def handed_over(first: int, last: int) -> None:
    handovers.deactivate(actor(), rep(), db.session.get_one(Person, actor().id))


def moved(first: int, last: int) -> None:
    handovers.move(actor(), rep(), create_department(SYSTEM, name="South"))


def imported(first: int, last: int) -> None:
    """A file names the last one twice before the first: what comes twice is another part of the batch."""
    batch = Batch(Import(record_type="customers", source="", duplicates="update"), actor())
    rows = [Row(at, {"remarks": "many"}, None, way="update") for at in range(3)]
    batch._settle(list(zip(rows, (last, last, first), strict=True)))


def touched(first: int, last: int) -> None:
    touch_all({("customers", first), ("customers", last)})


@pytest.mark.parametrize("many", [changed, handed_over, moved, imported, touched])
def test_two_who_write_many_wait_one_after_the_other(
    alone: tuple[Flask, Settings], ids: tuple[int, int], many: Callable[[int, int], Any]
) -> None:
    first, last = ids
    has_first = threading.Event()
    done: list[str] = []

    def in_order(_: threading.Barrier) -> None:
        one = locked(Customer, first)
        has_first.set()
        some_wait(alone[0], 1)
        for each in (one, locked(Customer, last)):
            customers.change(actor(), each, {"competitor": "Y"})
        db.session.commit()
        done.append("in order")

    def together(_: threading.Barrier) -> None:
        assert has_first.wait(20)
        for way in ("indexscan", "indexonlyscan", "bitmapscan"):  # so that they come as they lie
            db.session.execute(text(f"SET LOCAL enable_{way} = off"))
        many(first, last)
        db.session.commit()
        done.append("together")

    at_once(alone[0], in_order, together)
    assert done == ["in order", "together"]
    db.session.rollback()
    assert [seen(Customer, each).competitor for each in ids] == ["Y", "Y"]
