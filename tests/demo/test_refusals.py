"""Which systems the demonstration fills, and which it leaves alone."""

import pytest

from crm.demo.populate import populate
from crm.domain.people.actions import create_administrator
from crm.kernel.errors import RuleBroken


def test_it_fills_a_system_that_has_only_its_first_administrator(app):
    create_administrator(email="boss@example.com", name="Boss")
    assert populate(seed=3, count=10).customers == 10


def test_it_refuses_a_system_with_people(cast):
    with pytest.raises(RuleBroken, match="already"):
        populate(seed=3, count=10)
