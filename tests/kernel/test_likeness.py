"""What adds up to being alike, and what does not."""

import pytest

from crm.kernel.likeness import Likeness, Trait, begun_alike, chance, same, spelt_alike, worded_alike

TWO = Likeness(
    traits=(
        Trait("name", 6, -4, spelt_alike, 0.6, "name", lambda text: [text[:2]]),
        Trait("phone", 4, -1, same, why="phone", keys=lambda text: [text]),
    ),
    prior=-5,
    fields={},
    features=lambda row: {key: str(value) for key, value in row.items()},
)


def test_what_both_say_adds_up_and_what_one_does_not_say_tells_nothing():
    whole, other = {"name": "cloud", "phone": "1"}, {"name": "cloud", "phone": "2"}
    assert TWO.score(whole, whole) == pytest.approx(chance(5))
    assert TWO.score(whole, other) == pytest.approx(chance(0))
    assert TWO.score(whole, {"name": "cloud", "phone": ""}) == TWO.score(whole, {"name": "cloud"}) == chance(1)
    assert TWO.score({}, whole) == chance(-5)


def test_a_little_unlike_is_between_and_beyond_the_cut_it_is_wholly_unlike():
    assert TWO.traits[0].points("abcdefghij", "abcdefghix") == pytest.approx(-4 + 0.3 / 0.4 * 10)
    assert TWO.traits[0].points("abcdef", "uvwxyz") == -4


def test_the_reasons_are_what_speaks_for_it_the_strongest_first():
    assert TWO.compare({"name": "cloud", "phone": "1"}, {"name": "cloud", "phone": "1"}).why == ("name", "phone")
    assert TWO.compare({"name": "cloud", "phone": "1"}, {"name": "river", "phone": "1"}).why == ("phone",)


def test_keys_say_what_they_are_of():
    assert TWO.keys({"name": "cloud", "phone": "1"}) == {"name:cl", "phone:1"}
    assert TWO.keys({"name": "", "phone": ""}) == set()


def test_ways_to_compare():
    assert worded_alike("sea cloud inn", "inn cloud sea") == 1
    assert 0.8 < worded_alike("cloud inn", "cloud inn of the south sea") < 1
    assert begun_alike("martha", "marhta") > 0.9
    assert spelt_alike("abcdefghij", "abcdefghi") == pytest.approx(0.9)
