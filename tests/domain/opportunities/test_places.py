"""Places in a column: always one between two others, whatever was put where before."""

import datetime as dt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.domain.opportunities.places import between, top

NOW = dt.datetime(2026, 11, 25, 8, tzinfo=dt.UTC)


@given(st.lists(st.integers(0, 400), max_size=120), st.integers())
def test_a_card_put_anywhere_stands_there(spots, seed):
    chance, column = Random(seed), [top(NOW)]
    for spot in spots:
        at = spot % (len(column) + 1)
        above, below = column[at - 1] if at else "", column[at] if at < len(column) else ""
        column.insert(at, between(above, below, chance))
    assert column == sorted(set(column))
    assert not any(each.endswith("0") for each in column)


def test_places_stay_short_at_either_end_and_in_one_gap():
    chance, first, last = Random(1), top(NOW), top(NOW)
    for _ in range(5_000):
        first, last = between("", first, chance), between(last, "", chance)
    assert len(first) < 16 and len(last) < 16
    above, below = first, last
    for _ in range(300):
        below = between(above, below, chance)
    assert len(below) < 120


def test_what_is_new_stands_above_what_was_there():
    earlier, later = top(NOW), top(NOW + dt.timedelta(microseconds=1))
    assert later < earlier


def test_two_who_choose_one_gap_at_one_moment_get_two_places():
    above, below = top(NOW), top(NOW - dt.timedelta(hours=1))
    assert len({between(above, below) for _ in range(200)}) > 190


def test_there_is_nothing_between_one_place_and_itself():
    with pytest.raises(ValueError):
        between("V", "V")
