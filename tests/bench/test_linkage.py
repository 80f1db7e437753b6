"""The published sets with known duplicates: as much of them is found as is promised."""

from bench import linkage


def test_pairs_are_found_in_the_published_sets(shared_data):
    assert linkage.people("febrl1").f1 >= 0.95
    assert linkage.people("febrl2").f1 >= 0.95
    assert linkage.restaurants().f1 >= 0.90
