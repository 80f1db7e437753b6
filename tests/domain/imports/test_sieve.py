"""What the database is told of a record: the keys that a row has, and hardly any other."""

from hypothesis import given
from hypothesis import strategies as st

from crm.domain.imports.blocking import Sieve
from crm.domain.records.lookalikes import key_number

NUMBERS = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(NUMBERS, max_size=50), st.lists(NUMBERS, max_size=20))
def test_whatever_it_was_made_of_gets_through_in_its_order(known: list[int], others: list[int]) -> None:
    passed = Sieve(known).passed([*known, *others])
    assert passed[: len(known)] == known
    assert set(passed[len(known) :]) <= set(others)


def test_of_sixteen_others_one_gets_through_at_most() -> None:
    known, others = ([key_number(f"{what}{each}") for each in range(20_000)] for what in ("row", "record"))
    assert len(Sieve(known).passed(others)) < 20_000 / 15


def test_nothing_gets_through_where_no_row_tells_anything() -> None:
    assert Sieve([]).passed([0, 1, -1]) == []
