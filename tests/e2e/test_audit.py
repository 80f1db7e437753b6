"""The auditor's and the administrator's pages: nothing for axe to find, on a phone and on a desk, in both languages."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.system import System
from tests.e2e.test_axe import PAIRS, inspect

ADDRESSES = ("/audit", "/audit?kind=customer.changed", "/audit?record=nothing", "/audit/verification", "/admin/modules")


@pytest.mark.parametrize("language", PAIRS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_axe_finds_nothing(system: System, open_context: Callable[..., Any], language: str, address: str) -> None:
    who = system.person("周审", language=language, role="administrator")
    page = open_context(who).new_page()
    page.goto(address)
    inspect(page, language, address)
